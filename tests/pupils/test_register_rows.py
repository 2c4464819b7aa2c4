"""Rows as schools send them: copied numbers, lost digits, all kinds of relatives, rounds of correction."""

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lxsaas.pupils.register import REASONS, ParsedRegister, read_register
from lxsaas.pupils.register.codes import RELATION, code_of
from lxsaas.pupils.register.rejected import rejected_workbook
from lxsaas.pupils.register.values import date_of, lost_digits, month_of, name_of, number_of, text_of
from tests.pupils.workbooks import HEADINGS, Row, pupils, xls, xlsx

CODE = "3699010009"
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def read(content: bytes) -> ParsedRegister:
    return read_register(content, school_register_code=CODE, today=date(2026, 11, 23))


def found(rows: list[Row], **more: Any) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.code) for one in read(xlsx(rows, **more)).problems]


@pytest.mark.parametrize(
    "copied",
    [lambda number: f" {number[:6]} {number[6:]}", lambda number: number.translate(FULL_WIDTH)],
    ids=["spaces", "full width"],
)
def test_a_number_copied_with_other_spaces_or_widths_is_still_the_same(copied: Any) -> None:
    rows = pupils(4, code=CODE)
    rows[2] |= {"身份证件号": copied(rows[0]["身份证件号"]), "出生日期": rows[0]["出生日期"]}
    assert found(rows) == [(1, "身份证件号", "duplicate_identity"), (3, "身份证件号", "duplicate_identity")]


def test_without_numbers_the_same_name_and_birthday_in_two_rows_reject_both() -> None:
    rows = pupils(4, code=CODE)
    rows[3] |= {name: rows[0][name] for name in ("姓名", "出生日期")}
    rows[0] |= {"身份证件号": ""}
    rows[3] |= {"身份证件号": None}
    assert found(rows) == [(1, "姓名", "duplicate_identity"), (4, "姓名", "duplicate_identity")]


def test_a_row_without_a_number_that_repeats_a_numbered_one_is_rejected_alone() -> None:
    rows = pupils(3, code=CODE)
    rows.append(rows[1] | {"身份证件号": ""})
    assert found(rows) == [(4, "姓名", "duplicate_identity")]


def test_namesakes_with_numbers_of_their_own_are_two_children() -> None:
    rows = pupils(2, code=CODE)
    rows[1]["姓名"] = rows[0]["姓名"]
    assert found(rows) == []


def test_a_number_in_the_register_twice_rejects_both() -> None:
    rows = pupils(3, code=CODE)
    rows[0] |= {"学籍辅号": "G990101"}
    rows[2] |= {"学籍辅号": "g990101 "}
    assert found(rows, headings=[*HEADINGS, "学籍辅号"]) == [
        (1, "学籍辅号", "duplicate_identity"),
        (3, "学籍辅号", "duplicate_identity"),
    ]


@given(st.integers(10**15, 10**18))
def test_a_number_cell_that_lost_digits_never_reads_as_an_identity_number(number: int) -> None:
    text = text_of(float(number))
    assert "E+" in text
    assert lost_digits(float(number))
    assert lost_digits(text)
    assert not number_of(text).isdigit()


@pytest.mark.parametrize("write", [xlsx, xls])
def test_lost_digits_are_told_for_pupil_and_guardian(write: Any) -> None:
    rows = pupils(2, code=CODE)
    rows[0] |= {"身份证件号": 990717201403061234.0}
    rows[1] |= {"成员1身份证件号": 990717198003061234.0}
    problems = read(write(rows, headings=[*HEADINGS, "成员1身份证件号"])).problems
    assert [(one.row, one.column, one.code, one.value) for one in problems] == [
        (1, "身份证件号", "digits_lost", "9.90717E+17"),
        (2, "成员1身份证件号", "digits_lost", "9.90717E+17"),
    ]


@given(st.sampled_from(sorted(RELATION)))
def test_every_relative_who_may_look_after_a_child_is_known(code: str) -> None:
    assert code_of(RELATION[code], RELATION) == code
    assert code_of(f"{code}-{RELATION[code]}", RELATION) == code


def test_an_uncle_is_kept_with_what_he_is_called() -> None:
    rows = pupils(1, code=CODE)
    rows[0] |= {"成员2关系": "伯父", "成员4姓名": "王小花", "成员4关系": "姐姐"}
    (pupil,) = read(xlsx(rows, headings=[*HEADINGS, "成员4姓名", "成员4关系"])).accepted
    assert [(one.position, one.relation, one.relation_note) for one in pupil.family] == [
        (1, "51", None),
        (2, "81", "伯父"),
        (4, "75", "姐姐"),
    ]


def test_a_stepfather_away_is_a_father_away() -> None:
    rows = pupils(1, code=CODE)
    rows[0] |= {"是否留守儿童": "1", "成员1关系": "继父或养父"}
    (pupil,) = read(xlsx(rows)).accepted
    assert [(one.parent, one.place) for one in pupil.absences] == [("father", "广东省深圳市")]


def test_where_the_sheet_does_not_show_which_parent_is_away_none_is_named() -> None:
    rows = pupils(3, code=CODE)
    rows[0] |= {"是否留守儿童": "1", "成员2现住址": "上海市"}
    rows[1] |= {"是否留守儿童": "1", "成员1现住址": f" {rows[1]['现住址'][:3]} {rows[1]['现住址'][3:]}"}
    rows[2] |= {"成员1现住址": "上海市"}
    away = [[(one.parent, one.place) for one in row.absences] for row in read(xlsx(rows)).accepted]
    assert away == [[("unknown", None)], [("unknown", None)], []]


def test_dates_that_became_texts_with_midnight_are_read() -> None:
    assert date_of("2014-03-05 00:00:00") == date(2014, 3, 5)
    assert date_of("2014/3/5 0:00") == date(2014, 3, 5)
    assert date_of(datetime(2014, 3, 5)) == date(2014, 3, 5)  # noqa: DTZ001
    assert date_of("2014-03-05 12:30:00") is None
    assert date_of(41703) is None


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_a_month_is_read_in_each_usual_form(day: date) -> None:
    year, month = day.year, day.month
    forms = (
        f"{year}{month:02}", int(f"{year}{month:02}"), f"{year}-{month}", f"{year}.{month:02}",
        f"{year}/{month}", f"{year}年{month}月", day, day.strftime("%Y%m%d"),
        f"{year}{month:02}".translate(FULL_WIDTH),
    )  # fmt: skip
    assert {month_of(form) for form in forms} == {day.replace(day=1)}


def test_a_month_far_ahead_is_refused_and_next_autumn_is_not() -> None:
    rows = pupils(2, code=CODE)
    rows[0]["入学年月"], rows[1]["入学年月"] = "202709", "202809"
    assert found(rows) == [(2, "入学年月", "future_date")]


def test_rare_characters_of_names_stay_and_invisible_ones_go() -> None:
    assert name_of("王\u200b\U00020bb7 \ue863\ufeff") == "王\U00020bb7\ue863"
    assert name_of("阿依夏木•买买提") == "阿依夏木·买买提"
    assert text_of("a\x00b\r\nc") == "ab\r\nc"


@given(st.text())
def test_whatever_stands_in_a_cell_is_cleaned_once_and_for_all(text: str) -> None:
    assert name_of(name_of(text)) == name_of(text)
    assert "\x00" not in text_of(text)


def test_headings_may_carry_marks_and_hints() -> None:
    marked = {"姓名": "*姓 名", "出生日期": "出生日期\n（YYYYMMDD）", "班号": "班号*"}
    headings = [marked.get(one, one) for one in HEADINGS]
    rows = [{marked.get(name, name): value for name, value in row.items()} for row in pupils(2, code=CODE)]
    assert len(read(xlsx(rows, headings=headings)).accepted) == 2


def test_columns_that_are_not_read_may_stand_twice() -> None:
    assert found(pupils(2, code=CODE), headings=[*HEADINGS, "备注", "备注"]) == []


def test_an_empty_form_on_a_second_sheet_is_no_second_register() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(pupils(2, code=CODE))))
    book.create_sheet("空表").append(list(HEADINGS))
    buffer = io.BytesIO()
    book.save(buffer)
    assert len(read(buffer.getvalue()).accepted) == 2


def test_rows_may_go_through_several_rounds_of_correction() -> None:
    rows = pupils(3, code=CODE)
    rows[0]["性别"], rows[1]["班号"], rows[2]["姓名"] = "不明", "甲班", "=1+1"
    rows[2]["性别"] = "@SUM(A1)"
    content = xlsx(
        [{name: value for name, value in row.items() if name != "姓名"} | {"姓名": "王"} for row in rows]
    )
    for _ in range(3):
        parsed = read(content)
        assert parsed.rejected == [1, 2, 3]
        cells = [(number, parsed.cells[number]) for number in parsed.rejected]
        content = rejected_workbook(parsed.headings, cells, parsed.problems, lambda one: REASONS[one.code])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["原因", *HEADINGS]
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if cell.value} == {"s"}
