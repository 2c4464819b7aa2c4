"""The family phone: booked for several children and weeks, noted in one tap, undone, never twice."""

import io
from datetime import date, time, timedelta
from typing import Any

import openpyxl
import pytest

from lxsaas.care.models import CareDetail, CareKind, CareRecord, PhoneBooking
from lxsaas.care.phone_actions import NOT_REACHED, REACHED, note_call
from lxsaas.core.errors import RuleError
from tests.care.desk import TODAY, YESTERDAY, Desk

FATHER, MOTHER = 1, 2


def book(desk: Desk, **values: Any) -> Any:
    form = {"pupils": [desk.child], "on_day": TODAY.isoformat(), "at": "16:30", "minutes": 10, "weeks": 1,
            "party": MOTHER, "class_id": desk.class_id}  # fmt: skip
    return desk.post("family-phone", **(form | values))


def booking_on(desk: Desk, day: date) -> PhoneBooking:
    with desk.factory.session(desk.school.scope) as session:
        booking = PhoneBooking(
            school_id=desk.school.id, pupil_id=desk.child, on_day=day, at=time(16, 30), party=MOTHER,
            recorded_by=desk.teacher.id,
        )  # fmt: skip
        session.add(booking)
        session.flush()
        session.expunge(booking)
    return booking


def act(desk: Desk, booking_id: int, verb: str, **values: Any) -> str:
    path = f"{desk.school.path}family-phone/{booking_id}/{verb}"
    return desk.client.post(path, data={"version": 1} | values, follow_redirects=True).text


def test_several_children_call_one_after_the_other_for_weeks(desk: Desk) -> None:
    key = "0b1f3a8e-98a6-4f5c-9f2b-6f6ab2d0c111"
    for _ in range(2):
        assert book(desk, pupils=[desk.child, desk.other], weeks=2, client_key=key).status_code == 302
    week = timedelta(weeks=1)
    assert sorted((row.on_day, row.at, row.pupil_id) for row in desk.rows(PhoneBooking)) == [
        (TODAY, time(16, 30), desk.other), (TODAY, time(16, 40), desk.child),
        (TODAY + week, time(16, 30), desk.other), (TODAY + week, time(16, 40), desk.child),
    ]  # fmt: skip
    page = desk.get(f"family-phone?week={TODAY + week}").text
    assert page.index("陈雨桐") < page.index("汤文博")
    assert "Spoke" not in page
    assert "No call booked" in desk.get(f"family-phone?week={TODAY - week}").text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("on_day", YESTERDAY.isoformat(), "book a day from today on"),
        ("on_day", (TODAY + timedelta(weeks=31)).isoformat(), "at most 30 weeks ahead"),
        ("on_day", "", "Give the day"),
        ("at", "25:99", "Not a valid time value"),
        ("at", "23:55", "after midnight"),
        ("minutes", "0", "from 1 to 60"),
        ("minutes", "9" * 40, "from 1 to 60"),
        ("weeks", "21", "from 1 to 20"),
        ("party", "77", "Not a valid choice"),
        ("pupils", [], "Choose at least one child."),
    ],
)
def test_what_cannot_be_booked_is_refused_at_its_field(desk: Desk, field: str, value: Any, said: str) -> None:
    answer = book(desk, **({"pupils": [desk.child, desk.other]} | {field: value}))
    assert answer.status_code == 422
    assert said in answer.text.split(f'id="{field}-error"')[1][:400]
    assert desk.rows(PhoneBooking) == []


def test_a_child_has_one_call_at_a_time_and_a_cancelled_one_gives_it_free(desk: Desk) -> None:
    assert book(desk).status_code == 302
    answer = book(desk)
    assert answer.status_code == 422
    assert "a call booked at this time already" in answer.text.split('id="at-error"')[1][:400]
    (booking,) = desk.rows(PhoneBooking)
    act(desk, booking.id, "cancellation")
    assert book(desk).status_code == 302


def test_one_tap_notes_a_call_and_makes_the_care_record(desk: Desk) -> None:
    booking = booking_on(desk, YESTERDAY)
    page = act(desk, booking.id, "outcome", outcome=REACHED)
    assert "spoke" in page
    (record,) = desk.rows(CareRecord)
    assert (record.kind, record.occurred_on, record.pupil_id) == (
        CareKind.FAMILY_PHONE,
        YESTERDAY,
        desk.child,
    )
    assert [detail.party for detail in desk.rows(CareDetail)] == [MOTHER]
    # A second tap, on the page as it was, and on the page as it is now.
    assert "Somebody has changed this" in act(desk, booking.id, "outcome", outcome=REACHED)
    assert "noted already" in act(desk, booking.id, "outcome", outcome=REACHED, version=2)
    assert len(desk.rows(CareRecord)) == 1


def test_two_colleagues_who_note_the_same_call_make_one_record(desk: Desk) -> None:
    booking = booking_on(desk, TODAY)
    with desk.factory.session(desk.school.scope) as late:
        seen = late.get_one(PhoneBooking, (desk.school.id, booking.id))
        with desk.factory.session(desk.school.scope) as first:
            mine = first.get_one(PhoneBooking, (desk.school.id, booking.id))
            note_call(first, mine, outcome=REACHED, version=1, by=desk.teacher.id)
        with pytest.raises(RuleError, match="row_stale"):
            note_call(late, seen, outcome=NOT_REACHED, version=1, by=desk.teacher.id)
    assert len(desk.rows(CareRecord)) == 1


def test_who_was_not_reached_has_no_record(desk: Desk) -> None:
    booking = booking_on(desk, TODAY)
    assert "not reached" in act(desk, booking.id, "outcome", outcome=NOT_REACHED)
    assert desk.rows(CareRecord) == []
    act(desk, booking.id, "undo", version=2)
    assert "Spoke" in desk.get("family-phone").text


def test_a_call_undone_withdraws_its_record_and_can_be_noted_again(desk: Desk) -> None:
    booking = booking_on(desk, TODAY)
    act(desk, booking.id, "outcome", outcome=REACHED)
    act(desk, booking.id, "undo", version=2)
    (record,) = desk.rows(CareRecord)
    assert record.withdrawn_at
    act(desk, booking.id, "outcome", outcome=REACHED, version=3)
    assert [bool(row.withdrawn_at) for row in sorted(desk.rows(CareRecord), key=lambda row: row.id)] == [
        True,
        False,
    ]


def test_a_record_withdrawn_opens_its_booking_again(desk: Desk) -> None:
    booking = booking_on(desk, TODAY)
    act(desk, booking.id, "outcome", outcome=REACHED)
    (record,) = desk.rows(CareRecord)
    desk.post(f"care-records/{record.id}/withdrawal", version=1, reason="没打通")
    (booking,) = desk.rows(PhoneBooking)
    assert (booking.outcome, booking.care_record_id) == (None, None)


def test_a_day_to_come_has_no_outcome_yet(desk: Desk) -> None:
    booking = booking_on(desk, TODAY + timedelta(days=1))
    assert "This day has not come yet" in act(desk, booking.id, "outcome", outcome=REACHED)
    assert desk.post(f"family-phone/{booking.id}/outcome", version=1, outcome=7).status_code == 400


def test_the_log_is_filtered_and_taken_out(desk: Desk) -> None:
    reached, missed = booking_on(desk, TODAY), booking_on(desk, YESTERDAY)
    booking_on(desk, TODAY - timedelta(days=2))
    act(desk, reached.id, "outcome", outcome=REACHED)
    act(desk, missed.id, "outcome", outcome=NOT_REACHED)
    rows = desk.get("family-phone/log").text.split("<tbody>")[1]
    assert rows.index(TODAY.isoformat()) < rows.index(YESTERDAY.isoformat())
    assert rows.count("<tr>") == 2
    assert desk.get(f"family-phone/log?outcome={NOT_REACHED}").text.split("<tbody>")[1].count("<tr>") == 1
    assert "No call noted yet" in desk.get("family-phone/log?to=2020-01-01").text
    sheet = openpyxl.load_workbook(io.BytesIO(desk.get("family-phone/log.xlsx").data)).active
    assert sheet is not None
    assert [row[2].value for row in sheet.iter_rows(min_row=5)] == ["汤文博", "汤文博"]


def test_bookings_out_of_reach_do_not_exist(desk: Desk) -> None:
    booking = booking_on(desk, TODAY)
    stranger = desk.factory.staff(desk.school)
    far = desk.factory.school_class(desk.school, stranger, grade=4)
    client = stranger.sign_in(desk.app.test_client())
    for verb in ("outcome", "undo", "cancellation"):
        answer = desk.post(f"family-phone/{booking.id}/{verb}", client, version=1, outcome=REACHED)
        assert answer.status_code == 404
    assert "汤文博" not in desk.get("family-phone", client).text
    assert desk.get(f"pupils/{desk.child}/family-phone", client).status_code == 404
    assert desk.post("family-phone", client, pupils=[desk.child], class_id=far).status_code == 404
    assert desk.rows(PhoneBooking)[0].outcome is None


def test_the_week_takes_the_same_statements_however_full_it_is(desk: Desk) -> None:
    book(desk)
    before = desk.statements_of("family-phone")
    book(desk, at="08:00", pupils=[desk.factory.pupil(desk.school, desk.class_id) for _ in range(20)])
    assert desk.statements_of("family-phone") == before
