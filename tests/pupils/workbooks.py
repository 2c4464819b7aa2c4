"""Registers of invented people as .xlsx and .xls, with whatever a test wants in their cells."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from random import Random
from typing import Any

import openpyxl
import xlwt

from lxsaas.demo import people

HEADINGS = (
    "学校标识码", "姓名", "性别", "出生日期", "身份证件类型", "身份证件号", "户口性质", "班号",
    "入学年月", "就读方式", "现住址", "联系电话", "是否留守儿童", "健康状况",
    "成员1姓名", "成员1关系", "成员1现住址", "成员1联系电话",
    "成员1是否监护人", "成员1工作单位", "成员2姓名", "成员2关系", "成员2现住址",
)  # fmt: skip
Row = dict[str, Any]


def pupils(count: int, *, code: str, seed: int = 1) -> list[Row]:
    """Good rows; every third child has both parents away."""
    random = Random(seed)
    return [pupil(random, number, code) for number in range(count)]


def pupil(random: Random, number: int, code: str) -> Row:
    sex = random.choice(("male", "female"))
    born_on = date(2015, 9, 1).replace(day=1 + number % 28)
    away = number % 3 == 0
    home = f"平坝村{number % 9 + 1}组{number}号"
    return {
        "学校标识码": code,
        "姓名": people.child_name(random, sex),
        "性别": "男" if sex == "male" else "女",
        "出生日期": born_on.strftime("%Y%m%d"),
        "身份证件类型": "居民身份证",
        "身份证件号": people.identity_number(random, born_on, sex),
        "户口性质": "农业户口",
        "班号": f"0{number % 6 + 1}01",
        "入学年月": "202409",
        "就读方式": "走读",
        "现住址": home,
        "联系电话": people.telephone(random),
        "是否留守儿童": "双亲留守儿童" if away else "非留守儿童",
        "健康状况": "健康或良好",
        "成员1姓名": people.adult_name(random),
        "成员1关系": "父亲",
        "成员1现住址": "广东省深圳市" if away else home,
        "成员1联系电话": people.telephone(random),
        "成员1是否监护人": "是",
        "成员1工作单位": "电子厂" if away else "务农",
        "成员2姓名": people.adult_name(random),
        "成员2关系": "母亲",
        "成员2现住址": home,
    }


def xlsx(rows: Sequence[Row], *, headings: Sequence[str] = HEADINGS, titles: Sequence[str] = ()) -> bytes:
    """An .xlsx with title rows above its headings."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for title in titles:
        sheet.append([title])
    sheet.append(list(headings))
    for row in rows:
        sheet.append([row.get(heading) for heading in headings])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(rows: Sequence[Row], *, headings: Sequence[str] = HEADINGS) -> bytes:
    """The older format."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("学生基本信息")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for column, heading in enumerate(headings):
        sheet.write(0, column, heading)
    for line, row in enumerate(rows, 1):
        for column, heading in enumerate(headings):
            value = row.get(heading)
            if isinstance(value, date | datetime):
                sheet.write(line, column, value, day)
            elif value is not None:
                sheet.write(line, column, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
