"""The register's columns: which are read, which must be there."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from lxsaas.pupils.register.problems import RegisterFileError
from lxsaas.pupils.register.values import Cell

REQUIRED = ("姓名", "性别", "出生日期", "班号", "是否留守儿童")
"""Columns without which no pupil can be recognised and counted; each of their cells must hold a value too."""
READ = {
    *REQUIRED, "学校标识码", "身份证件类型", "身份证件号", "民族", "健康状况", "户口性质",
    "户口所在地行政区划", "入学年月", "就读方式", "现住址", "联系电话", "是否需要申请资助",
    "是否享受一补", "是否孤儿", "学籍辅号", "班内学号", "残疾类型",
}  # fmt: skip
"""What care needs; the register's other columns are left where they are."""
MEMBER = re.compile(r"成员([1-9])(.+)")


def columns_of(headings: Sequence[str]) -> Mapping[str, int]:
    """Where each column stands. Raises RegisterFileError for missing or doubled ones."""
    counts = Counter(heading for heading in headings if heading)
    # Two columns of remarks harm nobody: they are not read.
    twice = [heading for heading, count in counts.items() if count > 1 and is_read(heading)]
    if twice:
        raise RegisterFileError("columns_twice", columns="、".join(twice))
    missing = [heading for heading in REQUIRED if heading not in counts]
    if missing:
        raise RegisterFileError("columns_missing", columns="、".join(missing))
    return {heading: at for at, heading in enumerate(headings) if heading}


def is_read(heading: str) -> bool:
    """Whether a column is taken from the sheet."""
    return heading in READ or MEMBER.fullmatch(heading) is not None


def cell_of(row: Sequence[Cell], columns: Mapping[str, int], heading: str) -> Cell:
    """A row's cell below a heading; None where the sheet has no such column."""
    at = columns.get(heading)
    return row[at] if at is not None and at < len(row) else None
