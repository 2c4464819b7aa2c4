"""Entrustment (P36): what the law wants checked, renewal, who has none; and the weekly ledger of contact."""

import io
import threading
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from lxsaas.archive.law import POINTS
from lxsaas.archive.models import Entrustment, ParentContactWeek
from lxsaas.archive.weeks import note_contacts, week_of
from lxsaas.core.errors import RuleError
from tests.archive.people import TODAY, House

ENDS = TODAY + timedelta(days=100)


def form(house: House, **values: Any) -> dict[str, Any]:
    return {
        "pupil": house.child, "given_by": "both", "notice_on": TODAY.isoformat(), "name": "王秀英",
        "relation": "62", "phone": "13700000001", "address": "平坝村二组", "starts_on": TODAY.isoformat(),
        "ends_on": ENDS.isoformat(), "cleared": list(POINTS), "child_heard": "y", "child_view": "愿意跟奶奶",
    } | values  # fmt: skip


def send(house: House, client: FlaskClient, **values: Any) -> Any:
    return client.post(f"{house.school.path}entrustments/entries", data=form(house, **values))


def test_an_entrustment_is_kept_sealed_and_shown_on_the_child_s_page(
    house: House, teacher: FlaskClient
) -> None:
    assert send(house, teacher).status_code == 302
    [row] = house.rows(Entrustment)
    assert row.phone_digest is not None
    assert "愿意".encode() not in row.child_view_sealed
    page = teacher.get(f"{house.school.path}pupils/{house.child}").text
    assert "王秀英" in page
    assert "13700000001" not in page


@pytest.mark.parametrize("point", POINTS)
def test_nobody_is_entrusted_while_a_point_of_the_law_is_open(
    house: House, teacher: FlaskClient, point: str
) -> None:
    answer = send(house, teacher, cleared=[one for one in POINTS if one != point])
    assert answer.status_code == 422
    assert "confirm each of them" in answer.text.split('id="cleared-error"')[1][:500]
    assert "愿意跟奶奶" in answer.text
    assert not house.rows(Entrustment)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"child_heard": ""}, "child_heard"),
        ({"notice_on": (TODAY + timedelta(days=1)).isoformat()}, "notice_on"),
        ({"starts_on": "2010-01-01"}, "starts_on"),
        ({"starts_on": (TODAY + timedelta(days=200)).isoformat()}, "starts_on"),
        ({"ends_on": TODAY.isoformat()}, "ends_on"),
        ({"ends_on": (TODAY + timedelta(days=500)).isoformat()}, "ends_on"),
        ({"ends_on": "明年"}, "ends_on"),
        ({"phone": "12"}, "phone"),
        ({"name": ""}, "name"),
        ({"name": "名" * 51}, "name"),
        ({"name": "a\0"}, "name"),
        ({"address": ""}, "address"),
        ({"relation": "51"}, "relation"),
        ({"child_view": "话" * 1_000_000}, "child_view"),
        ({"cleared": ["capacity", "nonsense"]}, "cleared"),
    ],
)
def test_wrong_input_is_told_at_its_field_and_nothing_is_kept(
    house: House, teacher: FlaskClient, values: dict[str, Any], field: str
) -> None:
    answer = send(house, teacher, **values)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "平坝村二组" in answer.text or field == "address"
    assert not house.rows(Entrustment)


def test_a_child_below_eight_need_not_be_asked(house: House, teacher: FlaskClient) -> None:
    small = house.factory.pupil(house.school, house.class_id, born_on=TODAY - timedelta(days=5 * 366))
    assert send(house, teacher, pupil=small, child_heard="", child_view="").status_code == 302


def test_two_entrustments_do_not_hold_on_one_day(house: House, teacher: FlaskClient) -> None:
    send(house, teacher)
    answer = send(house, teacher, name="另一人")
    assert answer.status_code == 422
    assert "another entrustment holds" in answer.text.split('id="starts_on-error"')[1][:400]
    assert send(house, teacher, starts_on=ENDS.isoformat(),
                ends_on=(ENDS + timedelta(days=90)).isoformat()).status_code == 302  # fmt: skip


def test_renewing_takes_the_person_over_and_asks_the_law_s_points_anew(
    house: House, teacher: FlaskClient
) -> None:
    send(house, teacher)
    page = teacher.get(f"{house.school.path}entrustments/new?pupil={house.child}").text
    for words in ("王秀英", "13700000001", f'value="{ENDS.isoformat()}"'):
        assert words in page
    assert 'value="capacity" checked' not in page.replace("  ", " ")
    assert "愿意跟奶奶" not in page
    [entry] = house.audited("open_secrets")
    assert (entry.subject_id, entry.detail) == (house.child, {"page": "entrustment"})


def missing(house: House, client: FlaskClient) -> str:
    answer = client.get(f"{house.school.path}entrustments/missing")
    assert answer.status_code == 200
    return answer.text.split("<main")[1]


def test_children_without_one_are_listed_until_it_holds_and_again_when_it_ends(
    house: House, teacher: FlaskClient
) -> None:
    assert "汤文博" not in missing(house, teacher)
    house.factory.left_behind(house.school, house.child)
    house.factory.left_behind(house.school, house.other)
    assert "汤文博" in missing(house, teacher)
    assert "陈雨桐" not in missing(house, teacher)
    start = TODAY - timedelta(days=50)
    send(house, teacher, starts_on=start.isoformat(), ends_on=TODAY.isoformat())
    assert "汤文博" in missing(house, teacher)
    assert "Renew" in missing(house, teacher)
    send(house, teacher)
    assert "汤文博" not in missing(house, teacher)


def test_who_lives_alone_stands_first_and_in_the_export(house: House, teacher: FlaskClient) -> None:
    house.factory.left_behind(house.school, house.child)
    alone = house.factory.pupil(house.school, house.class_id, name="独居童", pinyin="zz zz")
    teacher.post(f"{house.school.path}pupils/{alone}/profile", data={"lives_with": "alone"})
    page = missing(house, teacher)
    assert page.index("独居童") < page.index("汤文博")
    assert "lives alone" in page
    answer = teacher.post(f"{house.school.path}entrustments/missing.xlsx")
    workbook = openpyxl.load_workbook(io.BytesIO(answer.data))
    names = [row[0] for row in workbook.worksheets[0].iter_rows(values_only=True)]
    assert names[-2:] == ["独居童", "汤文博"]
    assert house.audited("export_unentrusted")[0].detail == {"rows": 2}


def test_a_withdrawn_entrustment_holds_no_more_but_stays_to_be_seen(
    house: House, teacher: FlaskClient
) -> None:
    house.factory.left_behind(house.school, house.child)
    send(house, teacher)
    [row] = house.rows(Entrustment)
    path = f"{house.school.path}entrustments/{row.id}"
    teacher.post(f"{path}/withdrawal", data={"version": "1", "reason": "填错了"})
    assert "汤文博" in missing(house, teacher)
    assert "填错了" in teacher.get(path).text
    [after] = house.rows(Entrustment)
    assert after.phone_digest is None


def grid(house: House, client: FlaskClient, ticked: list[str], seen: str = "", **values: Any) -> Any:
    data = {"week": TODAY.isoformat(), "seen": seen, "mark": ticked} | values
    return client.post(f"{house.school.path}classes/{house.class_id}/parent-contacts", data=data)


def weeks(house: House) -> list[tuple[int, bool, bool]]:
    return [(one.pupil_id, one.with_child, one.with_guardian) for one in house.rows(ParentContactWeek)]


def test_a_tap_a_cell_keeps_the_week(house: House, teacher: FlaskClient) -> None:
    house.factory.left_behind(house.school, house.child)
    page = teacher.get(f"{house.school.path}parent-contacts").text
    assert f'value="{house.child}:with_child"' in page
    assert grid(house, teacher, [f"{house.child}:with_child"]).status_code == 302
    assert weeks(house) == [(house.child, True, False)]
    assert house.rows(ParentContactWeek)[0].week_on == week_of(TODAY)
    page = teacher.get(f"{house.school.path}parent-contacts").text
    assert f'value="{house.child}:with_child" checked' in page
    assert f'name="seen" value="{house.child}:with_child"' in page


def test_two_who_fill_the_same_week_keep_each_other_s_taps(house: House, teacher: FlaskClient) -> None:
    grid(house, teacher, [f"{house.child}:with_child"])
    grid(house, teacher, [f"{house.child}:with_guardian"])
    assert weeks(house) == [(house.child, True, True)]
    grid(house, teacher, [], seen=f"{house.child}:with_child")
    assert weeks(house) == [(house.child, False, True)]


def test_weeks_to_come_and_long_past_are_refused(house: House, teacher: FlaskClient) -> None:
    for days in (7, -7 * 40):
        week = (TODAY + timedelta(days=days)).isoformat()
        assert grid(house, teacher, [f"{house.child}:with_child"], week=week).status_code == 302
    assert weeks(house) == []
    with house.factory.session(house.school.scope) as session, pytest.raises(RuleError):
        note_contacts(
            session, school_id=house.school.id, week_on=TODAY + timedelta(days=7), marks={}, today=TODAY,
            by=house.teacher.id,
        )  # fmt: skip


@pytest.mark.parametrize(
    "mark", ["{other}:with_child", "x:with_child", "1:nonsense", "9" * 30 + ":with_child"]
)
def test_cells_of_other_classes_and_nonsense_do_not_exist(
    house: House, teacher: FlaskClient, mark: str
) -> None:
    assert grid(house, teacher, [mark.format(other=house.other)]).status_code == 404
    assert weeks(house) == []


def test_renewing_at_the_same_moment_makes_one(house: House) -> None:
    answers = []

    def one(name: str) -> None:
        client = house.client(house.teacher)
        answers.append(send(house, client, name=name).status_code)

    threads = [threading.Thread(target=one, args=(name,)) for name in ("甲奶奶", "乙奶奶")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 422]
    assert len(house.rows(Entrustment)) == 1
