"""Lists of care records: searched by kind, time and author, sorted and paged in the database, taken out."""

import io
from datetime import date, timedelta

import openpyxl
import pytest

from lxsaas.care.models import CareKind
from lxsaas.core.audit import AuditEntry
from lxsaas.core.clock import month_start
from tests.care.desk import TODAY, YESTERDAY, Desk

LONG_AGO = TODAY - timedelta(days=200)


def body(page: str) -> str:
    """The rows of a page's table; '' where it has none."""
    return page.partition("<tbody>")[2].partition("</tbody>")[0]


def care(desk: Desk, kind: CareKind, on: date, pupil: int | None = None) -> None:
    desk.factory.care(desk.school, pupil or desk.child, desk.teacher, kind, on)


def test_kind_time_and_author_narrow_the_list(desk: Desk) -> None:
    care(desk, CareKind.TALK, TODAY)
    care(desk, CareKind.GIFT, LONG_AGO)
    colleague = desk.factory.staff(desk.school)
    desk.factory.care(desk.school, desk.child, colleague, CareKind.TUTORING, TODAY)
    here = f"care-records?class={desk.class_id}"
    assert "Gift" not in body(desk.get(here).text)
    assert "Gift" in body(desk.get(f"{here}&from={LONG_AGO}&to={LONG_AGO}").text)
    assert "Nothing recorded in this period" in desk.get(f"{here}&kind=10").text
    assert "Gift" in body(desk.get(f"{here}&kind=10&from=2020-01-01").text)
    mine = body(desk.get(f"{here}&by={desk.teacher.id}").text)
    assert ("Talk" in mine, "Tutoring" in mine) == (True, False)
    page = desk.get(f"pupils/{desk.child}/care-records?kind=8").text
    assert page.count("lx-list-item") == 1


def test_a_name_is_searched_by_post_and_its_pages_too(desk: Desk) -> None:
    for _ in range(31):
        care(desk, CareKind.TALK, TODAY)
        care(desk, CareKind.TALK, TODAY, desk.other)
    found = desk.post(f"care-records/found?class={desk.class_id}", q="cyt").text
    assert body(found).count("陈雨桐") == 30
    assert "汤文博" not in body(found)
    second = desk.post(f"care-records/found?class={desk.class_id}", q="cyt", page=2).text
    assert body(second).count("陈雨桐") == 1
    assert "No child found" in desk.post(f"care-records/found?class={desk.class_id}", q="%").text


def test_each_column_sorts_both_ways(desk: Desk) -> None:
    care(desk, CareKind.TALK, TODAY)
    care(desk, CareKind.GIFT, YESTERDAY, desk.other)
    for sort, first in (("child", "陈雨桐"), ("day", "陈雨桐"), ("kind", "汤文博"), ("by", "陈雨桐")):
        for sign, leads in (("", first), ("-", "汤文博" if first == "陈雨桐" else "陈雨桐")):
            rows = body(desk.get(f"care-records?class=all&from=2020-01-01&sort={sign}{sort}").text)
            assert rows.index(leads) < rows.index("陈雨桐" if leads == "汤文博" else "汤文博"), (sign, sort)


def test_all_children_are_those_within_reach(desk: Desk) -> None:
    far = desk.factory.pupil(desk.school, desk.factory.school_class(desk.school, grade=5), name="别班的孩子")
    care(desk, CareKind.TALK, TODAY)
    care(desk, CareKind.TALK, TODAY, far)
    assert "别班的孩子" not in desk.get("care-records?class=all").text
    assert "别班的孩子" in body(desk.get("care-records?class=all", desk.sign_in("principal")).text)


@pytest.mark.parametrize(
    "query",
    ["kind=999999999999", "by=x", "from=yesterday", "to=2026-02-30", "sort=;drop", "page=-4", "page=9999"],
)
def test_addresses_of_nonsense_show_a_list(desk: Desk, query: str) -> None:
    assert desk.get(f"care-records?class={desk.class_id}&{query}").status_code == 200
    assert desk.get(f"pupils/{desk.child}/care-records?{query}").status_code == 200


def test_the_workbook_holds_what_the_list_shows_as_texts(desk: Desk) -> None:
    formula = desk.factory.pupil(desk.school, desk.class_id, name="=HYPERLINK(1)")
    desk.record(CareKind.PARENT_CALL, party=2, means=1, pupils=[formula])
    withdrawn = desk.record(CareKind.GIFT, item=2, giver=4)
    desk.post(f"care-records/{withdrawn}/withdrawal", version=1, reason="重复")
    care(desk, CareKind.TALK, LONG_AGO)
    answer = desk.get(f"care-records.xlsx?class={desk.class_id}&sort=kind")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell.value or "" for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert [row[:2] + row[3:5] + row[6:] for row in rows] == [
        [TODAY.isoformat(), "=HYPERLINK(1)", "Call with a parent", "mother, by telephone", ""],
        [TODAY.isoformat(), "汤文博", "Gift or supplies", "books, volunteers or caring mothers", "withdrawn"],
    ]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert "重复" not in str(rows)
    (entry,) = [one for one in desk.rows(AuditEntry) if one.action == "export_care_records"]
    assert entry.detail == {"rows": 2}


def test_lists_take_the_same_statements_however_long_they_are(desk: Desk) -> None:
    first = month_start(TODAY)
    desk.record(CareKind.PARENT_CALL, party=1, note="一")
    paths = (
        f"care-records?class={desk.class_id}&from={first}",
        f"pupils/{desk.child}/care-records",
        "care-records?class=all",
    )
    before = [desk.statements_of(path) for path in paths]
    for _ in range(12):
        desk.record(CareKind.PARENT_CALL, party=1, note="又一次")
        desk.record(CareKind.TUTORING, minutes="20", pupils=[desk.factory.pupil(desk.school, desk.class_id)])
    assert [desk.statements_of(path) for path in paths] == before
