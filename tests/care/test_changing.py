"""A record that stands: who may change or withdraw it, what is kept, what is counted anew."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from lxsaas.care.changes import edit_care, withdraw_care
from lxsaas.care.details import Detail
from lxsaas.care.models import CareDetail, CareKind, CareRecord
from lxsaas.core.audit import AuditEntry
from lxsaas.core.changes import ChangeLog
from lxsaas.core.clock import month_start
from lxsaas.core.errors import RuleError
from lxsaas.indicators import engine
from lxsaas.indicators.models import SchoolIndicator
from lxsaas.pupils.models import Pupil
from lxsaas.registers.models import RowVersion
from tests.care.desk import TODAY, YESTERDAY, Desk
from tests.factories import Factory

TOMORROW = TODAY + timedelta(days=1)
HOSTILE = "<script>alert(1)</script>=1+1"


def test_a_change_shows_what_stood_before_and_after(desk: Desk) -> None:
    record_id = desk.record(note="谈了作业", tags=[2])
    answer = desk.change(
        record_id, kind=int(CareKind.HOME_VISIT), note="家访时谈了作业", party=4, tags=[1, 8]
    )
    assert answer.status_code == 302
    page = desk.get(f"care-records/{record_id}").text
    assert "<h1>Home visit</h1>" in page
    history = page.split("History")[1]
    for words in ("<del>Talk</del> → Home visit", "<del>谈了作业</del> → 家访时谈了作业", "→ grandparents",
                  "<del>study </del> → thought health"):  # fmt: skip
        assert words in " ".join(history.split()), words
    (record,) = desk.rows(CareRecord)
    assert (record.version, record.kind, record.recorded_by) == (2, CareKind.HOME_VISIT, desk.teacher.id)


def test_what_stood_there_is_unreadable_in_the_database(desk: Desk) -> None:
    record_id = desk.record(note="家里最近缺钱")
    desk.change(record_id, note="已经解决")
    (kept,) = desk.rows(RowVersion)
    assert "缺钱".encode() not in kept.values_sealed
    (entry,) = [one for one in desk.rows(AuditEntry) if one.action == "edit_care_record"]
    assert entry.detail == {"pupil_id": desk.child, "fields": ["note"]}


def test_a_date_that_moves_has_both_days_counted_anew(desk: Desk) -> None:
    record_id = desk.record()
    assert len(desk.rows(ChangeLog)) == 1
    desk.change(record_id, occurred_on=YESTERDAY.isoformat())
    assert {(one.starts_on, one.ends_on) for one in desk.rows(ChangeLog)[1:]} == {
        (YESTERDAY, YESTERDAY),
        (TODAY, TODAY),
    }


def test_saving_without_a_change_keeps_no_version(desk: Desk) -> None:
    record_id = desk.record(note="谈了作业")
    assert desk.change(record_id, note="谈了作业").status_code == 302
    assert desk.rows(RowVersion) == []
    assert desk.rows(CareRecord)[0].version == 1


def test_details_that_a_kind_has_not_are_left_out(desk: Desk) -> None:
    desk.record(CareKind.PARENT_CALL, party=2, means=2, item=1, minutes="30")
    (detail,) = desk.rows(CareDetail)
    assert (detail.party, detail.means, detail.item, detail.minutes) == (2, 2, None, None)
    desk.record(CareKind.TALK, party=2)
    assert len(desk.rows(CareDetail)) == 1


def test_of_two_changes_at_once_the_second_is_told_to_look_again(desk: Desk) -> None:
    record_id = desk.record(note="第一稿")
    assert desk.change(record_id, note="我的修改").status_code == 302
    answer = desk.change(record_id, note="别人的修改")
    assert answer.status_code == 422
    assert "Somebody has changed this in the meantime." in answer.text
    assert "别人的修改" in answer.text
    assert "我的修改" in desk.get(f"care-records/{record_id}").text


def test_two_sessions_that_change_the_same_version_do_not_overwrite_each_other(desk: Desk) -> None:
    record_id = desk.record()
    change = {
        "kind": CareKind.TALK,
        "occurred_on": TODAY,
        "detail": Detail(),
        "version": 1,
        "by": desk.teacher.id,
    }
    with desk.factory.session(desk.school.scope) as session:
        late = session.get_one(CareRecord, (desk.school.id, record_id))
        with desk.factory.session(desk.school.scope) as other:
            first = other.get_one(CareRecord, (desk.school.id, record_id))
            edit_care(other, first, note="先到", **change)  # type: ignore[arg-type]
        with pytest.raises(RuleError, match="row_stale"):
            edit_care(session, late, note="后到", **change)  # type: ignore[arg-type]
        with pytest.raises(RuleError, match="row_stale"):
            withdraw_care(session, late, version=1, reason="重复", by=desk.teacher.id)


def test_a_withdrawn_record_counts_nowhere_and_stays_to_be_seen(desk: Desk) -> None:
    record_id = desk.record(note="记错了人")
    assert "2 open" in desk.get("care").text
    path = f"care-records/{record_id}/withdrawal"
    assert "Say why." in follow(desk, path, version=1, reason="  ")
    page = follow(desk, path, version=1, reason="记到别的孩子名下了")
    assert "Withdrawn: it counts nowhere any more. 记到别的孩子名下了" in page
    assert "3 open" in desk.get("care").text
    assert "withdrawn" in desk.get(f"pupils/{desk.child}/care-records").text
    assert "withdrawn" in desk.get(f"care-records?class={desk.class_id}").text
    assert (TODAY, TODAY) == (desk.rows(ChangeLog)[-1].starts_on, desk.rows(ChangeLog)[-1].ends_on)
    assert "cannot be changed any more" in follow(desk, path, version=2, reason="再来一次")
    assert desk.get(f"care-records/{record_id}/edit").status_code == 404
    answer = desk.change(record_id, note="还没看到已撤销", version=1)
    assert answer.status_code == 422
    assert "withdrawn in the meantime" in answer.text


def follow(desk: Desk, path: str, **data: object) -> str:
    return desk.client.post(desk.school.path + path, data=data, follow_redirects=True).text


def test_a_colleague_reads_and_changes_nothing_and_the_principal_changes_any(desk: Desk) -> None:
    record_id = desk.record(note="谈了作业")
    colleague = desk.factory.staff(desk.school, language="en")
    desk.assign(colleague)
    client = colleague.sign_in(desk.app.test_client())
    page = desk.get(f"care-records/{record_id}", client)
    assert page.status_code == 200
    assert f"care-records/{record_id}/edit" not in page.text
    assert desk.get(f"care-records/{record_id}/edit", client).status_code == 404
    assert desk.change(record_id, client, note="x").status_code == 404
    assert desk.post(f"care-records/{record_id}/withdrawal", client, version=1, reason="x").status_code == 404
    principal = desk.sign_in("principal")
    assert desk.change(record_id, principal, note="校长更正").status_code == 302
    assert "校长更正" in desk.get(f"care-records/{record_id}").text


def test_what_was_said_in_counselling_the_principal_may_withdraw_but_not_read(desk: Desk) -> None:
    record_id = desk.record(CareKind.COUNSELLING, note="只给辅导老师看")
    principal = desk.sign_in("principal")
    page = desk.get(f"care-records/{record_id}", principal).text
    assert "只给辅导老师看" not in page
    assert desk.get(f"care-records/{record_id}/edit", principal).status_code == 404
    # Also after it has become a talk: its past stays the author's.
    assert desk.change(record_id, note="可以公开").status_code == 302
    page = desk.get(f"care-records/{record_id}", principal).text
    assert "可以公开" in page
    assert "只给辅导老师看" not in page
    assert "只给辅导老师看" in desk.get(f"care-records/{record_id}").text
    answer = desk.post(f"care-records/{record_id}/withdrawal", principal, version=2, reason="重复")
    assert answer.status_code == 302
    assert desk.rows(CareRecord)[0].withdrawn_at


def test_out_of_reach_a_record_does_not_exist(desk: Desk) -> None:
    record_id = desk.record(note="谈了作业")
    stranger = desk.factory.staff(desk.school)
    desk.factory.school_class(desk.school, stranger, grade=4)
    client = stranger.sign_in(desk.app.test_client())
    for path in (f"care-records/{record_id}", f"care-records/{record_id}/edit"):
        assert desk.get(path, client).status_code == 404
    assert desk.change(record_id, client).status_code == 404
    assert desk.post(f"care-records/{record_id}/withdrawal", client, version=1, reason="x").status_code == 404
    archivist = desk.sign_in("archivist")
    assert desk.get(f"care-records/{record_id}", archivist).status_code == 200
    assert desk.get(f"care-records/{record_id}/edit", archivist).status_code == 403


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("occurred_on", TOMORROW.isoformat(), "This day has not come yet."),
        ("occurred_on", "2026-02-30", "Not a valid date value."),
        ("occurred_on", "1999-01-01", "check the date"),
        ("note", "字" * 2001, "longer than 2000 characters"),
        ("note", "字" * 350_000, "longer than 2000 characters"),
        ("occurred_on", "", "Give the day as year-month-day."),
        ("note", "谈\0话", "a character that cannot be kept"),
        ("minutes", "0", "from 1 to 600"),
        ("minutes", "9" * 30, "from 1 to 600"),
        ("kind", "77", "Not a valid choice"),
        ("kind", "", "Choose what was done."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_saved(
    desk: Desk, field: str, value: str, said: str
) -> None:
    sent = {"pupils": [desk.child], "kind": int(CareKind.TUTORING), "occurred_on": TODAY.isoformat(),
            "note": HOSTILE, field: value}  # fmt: skip
    answer = desk.post("care-records", **sent)
    assert answer.status_code == 422
    error = answer.text.split(f'id="{field}-error"')[1][:400]
    assert said in error
    assert "<script>alert" not in answer.text
    if field != "note":
        assert "&lt;script&gt;alert(1)&lt;/script&gt;=1+1" in answer.text
    assert f'value="{desk.child}" checked' in answer.text
    assert desk.rows(CareRecord) == []
    assert desk.rows(CareDetail) == []


def test_a_day_before_the_child_came_is_refused_at_its_field_with_the_child_s_name(desk: Desk) -> None:
    record_id = desk.record()
    with desk.factory.session(desk.school.scope) as session:
        session.get_one(Pupil, (desk.school.id, desk.child)).enrolled_on = YESTERDAY
    answer = desk.change(record_id, occurred_on=(YESTERDAY - timedelta(days=1)).isoformat())
    assert answer.status_code == 422
    assert "Not a pupil of the school on this day: 汤文博." in answer.text.split('id="occurred_on-error"')[1]


def test_versions_of_nonsense_are_stale(desk: Desk) -> None:
    record_id = desk.record()
    for version in ("", "x", "-1", "9" * 40):
        assert desk.change(record_id, version=version, note="x").status_code == 422


def talks_counted(desk: Desk) -> dict[date, int]:
    """Care targets with a talk, by month, as the next night counts them."""
    with desk.app.app_context():
        engine.run_as_of(desk.school.district_id, TODAY)
    rows = [row for row in desk.rows(SchoolIndicator) if row.indicator == "talk_monthly"]
    return {row.starts_on: row.numerator for row in rows}


def test_the_figures_of_both_months_follow_a_change_and_a_withdrawal(desk: Desk) -> None:
    this, last = month_start(TODAY), month_start(month_start(TODAY) - timedelta(days=1))
    record_id = desk.record()
    with desk.app.app_context():
        engine.run_as_of(desk.school.district_id, this - timedelta(days=1))
    assert talks_counted(desk)[this] == 1
    desk.change(record_id, occurred_on=last.isoformat())
    assert talks_counted(desk) == {this: 0, last: 1}
    desk.change(record_id, occurred_on=last.isoformat(), kind=int(CareKind.GIFT), version=2)
    assert talks_counted(desk) == {this: 0, last: 0}
    desk.change(record_id, version=3)
    assert talks_counted(desk) == {this: 1, last: 0}
    desk.post(f"care-records/{record_id}/withdrawal", version=4, reason="重复")
    assert talks_counted(desk) == {this: 0, last: 0}


def test_that_a_child_was_counselled_is_told_to_the_counsellor_and_the_principal_only(
    factory: Factory, app: Flask
) -> None:
    school = factory.school()
    teacher, counsellor = factory.staff(school), factory.staff(school, "counsellor")
    pupil_id = factory.pupil(school, factory.school_class(school, teacher))
    factory.care(school, pupil_id, counsellor, CareKind.COUNSELLING, TODAY)
    factory.care(school, pupil_id, teacher, CareKind.TALK, TODAY)
    with factory.session(school.scope) as session:
        query = select(CareRecord.id).where(CareRecord.kind == CareKind.COUNSELLING)
        record_id = session.scalars(query).one()
    page, one = f"{school.path}pupils/{pupil_id}/care-records", f"{school.path}care-records/{record_id}"
    own = teacher.sign_in(app.test_client())
    assert f"/care-records/{record_id}" not in own.get(page).text
    assert own.get(one).status_code == 404
    assert f"/care-records/{record_id}" not in own.get(f"{school.path}care-records").text
    principal = factory.staff(school, "principal").sign_in(app.test_client())
    assert f"/care-records/{record_id}" in principal.get(page).text
