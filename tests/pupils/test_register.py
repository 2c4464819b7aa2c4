"""Register workbooks: every usual form is read, every defect is named, what is dangerous is not opened."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from lxsaas.pupils.register import REASONS, ParsedRegister, RegisterFileError, read_register
from lxsaas.pupils.register.codes import IDENTITY_TYPE, LEFT_BEHIND, SEX, code_of
from lxsaas.pupils.register.rejected import rejected_workbook
from lxsaas.pupils.register.values import Cell, date_of, name_of, text_of
from tests.pupils.workbooks import HEADINGS, pupils, xls, xlsx

DATA = Path(__file__).parents[1] / "data"
CODE = "3699010009"
TODAY = date(2026, 11, 23)


def read(content: bytes, code: str = CODE) -> ParsedRegister:
    return read_register(content, school_register_code=code, today=TODAY)


@pytest.mark.parametrize(
    ("file", "code", "count", "left_behind"),
    [
        ("registry-pingba-primary.xlsx", "3699010001", 186, 62),
        ("registry-longxi-nine-year.xls", "3699010002", 1240, 533),
    ],
)
def test_a_sheet_as_exported_is_accepted_whole(file: str, code: str, count: int, left_behind: int) -> None:
    parsed = read((DATA / file).read_bytes(), code)
    assert (parsed.row_count, len(parsed.accepted), parsed.problems) == (count, count, [])
    assert sum(row.left_behind > 0 for row in parsed.accepted) == left_behind


def test_of_the_messy_sheet_just_the_expected_rows_are_rejected() -> None:
    lines = (DATA / "registry-shiqiao-messy.expected.csv").read_text("utf-8-sig").splitlines()[1:]
    names = ("data_row", "column", "expectation")
    expected = [dict(zip(names, line.split(",", 2), strict=True)) for line in lines]
    parsed = read((DATA / "registry-shiqiao-messy.xlsx").read_bytes(), "3699010003")
    rejected = {(int(row["data_row"]), row["column"]) for row in expected if "reject" in row["expectation"]}
    assert parsed.rejected == sorted(row for row, _ in rejected)
    assert {(problem.row, problem.column) for problem in parsed.problems} == rejected
    accepted = {row.row: row for row in parsed.accepted}
    for row in expected:
        if "accept" in row["expectation"]:
            kept = accepted[int(row["data_row"])]
            assert " " not in kept.name
            assert kept.born_on < TODAY
            assert kept.identity_number is not None
            assert kept.identity_number.isascii()


@given(st.dates(date(1990, 1, 1), date(2026, 1, 1)))
def test_a_day_is_read_in_each_usual_form(day: date) -> None:
    forms: list[Cell] = [
        day, day.strftime("%Y%m%d"), int(day.strftime("%Y%m%d")), day.isoformat(),
        f"{day.year}.{day.month}.{day.day}", f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日", f" {day.year}-{day.month}-{day.day} ",
        day.strftime("%Y%m%d").translate({48 + digit: 0xFF10 + digit for digit in range(10)}),
    ]  # fmt: skip
    assert {date_of(form) for form in forms} == {day}


@given(st.sampled_from([LEFT_BEHIND, SEX, IDENTITY_TYPE]), st.data())
def test_an_option_is_read_as_code_name_or_both(options: dict[str, str], data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(options)))
    for text in (
        code,
        options[code],
        f"{code}-{options[code]}",
        f"{code} {options[code]}",
        f"{code}{options[code]}",
    ):
        assert code_of(text_of(text), options) == code


def test_a_code_and_a_name_that_disagree_mean_nothing() -> None:
    assert code_of("1-双亲留守儿童", LEFT_BEHIND) is None


def test_names_lose_spaces_between_characters_and_keep_those_between_words() -> None:
    assert name_of(" 王\u3000小 明 ") == "王小明"
    assert name_of("买买提・ 艾力") == "买买提·艾力"
    assert name_of("Anna  Maria ") == "Anna Maria"


@pytest.mark.parametrize("write", [xlsx, xls])
def test_columns_may_stand_in_any_order_and_many_may_be_missing(write: Callable[..., bytes]) -> None:
    few = ["是否留守儿童", "班号", "备注", "出生日期", "性别", "姓名"]
    parsed = read(write(pupils(5, code=CODE), headings=few))
    assert (len(parsed.accepted), parsed.problems) == (5, [])
    assert parsed.accepted[0].identity_number is None


def test_titles_may_stand_above_the_headings() -> None:
    parsed = read(xlsx(pupils(3, code=CODE), titles=["全国中小学生学籍信息管理系统", "填报学校：某校"]))
    assert len(parsed.accepted) == 3


def problems_with(**values: object) -> list[tuple[str, str]]:
    rows = pupils(3, code=CODE)
    rows[1] |= values
    return [(problem.column, problem.code) for problem in read(xlsx(rows)).problems if problem.row == 2]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("学校标识码", "3699019999", "other_school"),
        ("姓名", "  ", "missing"),
        ("性别", "不明", "unknown_code"),
        ("出生日期", "20150230", "impossible_date"),
        ("出生日期", "", "missing"),
        ("身份证件号", 441900201509021234, "digits_lost"),
        ("身份证件号", "12345", "identity_form"),
        ("班号", "甲班", "class_form"),
        ("入学年月", "202413", "impossible_date"),
        ("是否留守儿童", "3", "unknown_code"),
        ("现住址", "长" * 400, "too_long"),
    ],
)
def test_each_defect_is_named_at_its_column(column: str, value: object, code: str) -> None:
    assert (column, code) in problems_with(**{column: value})
    assert code in REASONS


def test_a_number_in_two_rows_rejects_both() -> None:
    rows = pupils(4, code=CODE)
    rows[3]["身份证件号"], rows[3]["出生日期"] = rows[0]["身份证件号"], rows[0]["出生日期"]
    assert read(xlsx(rows)).rejected == [1, 4]


def test_who_is_away_and_where_follows_from_the_addresses() -> None:
    rows = pupils(2, code=CODE)
    rows[1] |= {"是否留守儿童": "1", "成员1现住址": "浙江省宁波市"}
    both, one = read(xlsx(rows)).accepted
    assert [(a.parent, a.place) for a in both.absences] == [("father", "广东省深圳市"), ("mother", None)]
    assert [(a.parent, a.place) for a in one.absences] == [("father", "浙江省宁波市")]


def test_rejected_rows_come_back_corrected() -> None:
    rows = pupils(3, code=CODE)
    rows[1]["性别"] = "=1+1男"
    parsed = read(xlsx([*rows[:1], rows[1] | {"性别": "不明"}, *rows[2:]]))
    cells = [(number, parsed.cells[number]) for number in parsed.rejected]
    body = rejected_workbook(parsed.headings, cells, parsed.problems, lambda problem: REASONS[problem.code])
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]][:3] == ["原因", "学校标识码", "姓名"]
    sheet.cell(2, 4).value = "男"
    corrected = io.BytesIO()
    assert sheet.parent is not None
    sheet.parent.save(corrected)
    assert len(read(corrected.getvalue()).accepted) == 1


def refusal(content: bytes) -> str:
    with pytest.raises(RegisterFileError) as caught:
        read(content)
    return caught.value.code


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.xml", "x")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return buffer.getvalue()


def with_part(name: str, text: str) -> bytes:
    buffer = io.BytesIO(xlsx(pupils(2, code=CODE)))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


def formula_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for column, heading in enumerate(HEADINGS):
        sheet.write(0, column, heading)
    sheet.write(1, 1, xlwt.Formula("1+1"))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><worksheet>&c;</worksheet>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"name,sex\n", "file_not_workbook"),
        (b"%PDF-1.7", "file_not_workbook"),
        (b"<html><table></table></html>", "file_not_workbook"),
        (b"PK\x03\x04 torn", "file_damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"torn", "file_damaged"),
        (xlsx(pupils(2, code=CODE))[:-900], "file_damaged"),
        (bomb(), "file_bomb"),
        (with_part("xl/vbaProject.bin", "x"), "file_macros"),
        (with_part("xl/worksheets/sheet9.xml", LAUGHS), "file_bomb"),
        (xlsx([pupils(1, code=CODE)[0] | {"姓名": "=1+1"}]), "file_formula"),
        (formula_xls(), "file_formula"),
        (xlsx([], headings=["甲", "乙"]), "heading_missing"),
        (xlsx(pupils(1, code=CODE), headings=["姓名", "性别", "出生日期", "身份证件号"]), "columns_missing"),
        (xlsx(pupils(1, code=CODE), headings=[*HEADINGS, "姓名"]), "columns_twice"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_used_is_refused_with_its_reason(content: bytes, code: str) -> None:
    assert refusal(content) == code
