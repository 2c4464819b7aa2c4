"""Recording care: what an action writes, what it refuses, and that sending twice makes one record."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from lxsaas.care.actions import NOTE_LENGTH, OLDEST_DAYS, record_care
from lxsaas.care.models import CareKind, CareNote, CareRecord
from lxsaas.core.audit import AuditEntry
from lxsaas.core.changes import ChangeLog
from lxsaas.core.clock import today
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import RuleError
from lxsaas.pupils.models import Pupil
from tests.factories import Factory, Person, Place

Record = Callable[..., list[int]]
TODAY = today("Asia/Shanghai")


@pytest.fixture
def school(factory: Factory) -> Place:
    return factory.school()


@pytest.fixture
def teacher(factory: Factory, school: Place) -> Person:
    return factory.staff(school)


@pytest.fixture
def pupils(factory: Factory, school: Place, teacher: Person) -> list[int]:
    class_id = factory.school_class(school, teacher)
    return [factory.pupil(school, class_id) for _ in range(3)]


@pytest.fixture
def record(factory: Factory, school: Place, teacher: Person) -> Record:
    """The action in a transaction of its own, by the teacher, today, a talk, unless told otherwise."""

    def run(pupil_ids: list[int], **values: object) -> list[int]:
        given = {"kind": CareKind.TALK, "occurred_on": TODAY, "by": teacher.id} | values
        with factory.session(school.scope) as session:
            found = session.scalars(select(Pupil).where(Pupil.id.in_(pupil_ids)).order_by(Pupil.id)).all()
            return record_care(session, pupils=found, **given)  # type: ignore[arg-type]

    return run


def test_several_children_get_a_record_each(
    factory: Factory, school: Place, pupils: list[int], record: Record
) -> None:
    made = record(pupils, kind=CareKind.HOME_VISIT, note="  与奶奶谈了功课。 ")
    with factory.session(school.scope) as session:
        rows = session.scalars(select(CareRecord).order_by(CareRecord.pupil_id)).all()
        assert [(row.pupil_id, row.kind, row.occurred_on) for row in rows] == [
            (pupil, CareKind.HOME_VISIT, TODAY) for pupil in pupils
        ]
        cipher = school_cipher(session, school.id)
        for note in session.scalars(select(CareNote)):
            assert "奶奶".encode() not in note.text_sealed
            opened = cipher.open(
                note.text_sealed, table="care_note", column="text_sealed", row_id=note.care_record_id
            )
            assert opened == "与奶奶谈了功课。"
        changes = session.scalars(select(ChangeLog)).all()
        assert [(change.starts_on, change.ends_on) for change in changes] == [(TODAY, TODAY)]
        audited = session.scalars(select(AuditEntry).where(AuditEntry.action == "record_care")).all()
        assert {entry.subject_id for entry in audited} == set(made)


def test_the_same_form_sent_twice_makes_one_record(
    factory: Factory, school: Place, pupils: list[int], record: Record
) -> None:
    key = uuid.uuid4()
    assert len(record(pupils, client_key=key, note="a")) == 3
    assert record(pupils, client_key=key, note="a") == []
    with factory.session(school.scope) as session:
        assert session.scalar(select(func.count()).select_from(CareRecord)) == 3
        assert session.scalar(select(func.count()).select_from(CareNote)) == 3
        assert session.scalar(select(func.count()).select_from(ChangeLog)) == 1


def test_the_same_form_for_another_day_or_kind_makes_another_record(
    pupils: list[int], record: Record
) -> None:
    key = uuid.uuid4()
    assert len(record(pupils[:1], client_key=key)) == 1
    assert len(record(pupils[:1], client_key=key, kind=CareKind.GIFT)) == 1
    assert len(record(pupils[:1], client_key=key, occurred_on=TODAY - timedelta(days=1))) == 1
    assert len(record(pupils[:2], client_key=key)) == 1


def test_without_a_key_each_call_records(pupils: list[int], record: Record) -> None:
    assert len(record(pupils[:1])) == len(record(pupils[:1])) == 1


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (TODAY + timedelta(days=1), "care_in_future"),
        (TODAY - timedelta(days=OLDEST_DAYS + 1), "care_too_old"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused(
    pupils: list[int], record: Record, day: date, code: str
) -> None:
    with pytest.raises(RuleError) as refused:
        record(pupils, occurred_on=day)
    assert (refused.value.code, refused.value.field) == (code, "occurred_on")


def test_nothing_is_recorded_before_a_child_came_or_after_it_left(
    factory: Factory, school: Place, teacher: Person, record: Record
) -> None:
    class_id = factory.school_class(school, teacher)
    stays = factory.pupil(school, class_id)
    came = factory.pupil(school, class_id, enrolled_on=TODAY)
    left = factory.pupil(school, class_id, left_on=TODAY - timedelta(days=1))
    with pytest.raises(RuleError) as refused:
        record([stays, came, left], occurred_on=TODAY - timedelta(days=1))
    assert refused.value.code == "care_not_enrolled"
    assert refused.value.params["pupils"] == [came, left]
    with factory.session(school.scope) as session:
        assert session.scalar(select(func.count()).select_from(CareRecord)) == 0
    assert record([stays, left], occurred_on=TODAY - timedelta(days=2))
    assert record([came])


def test_nobody_chosen_and_an_endless_note_are_refused(pupils: list[int], record: Record) -> None:
    with pytest.raises(RuleError, match="care_nobody"):
        record([])
    with pytest.raises(RuleError, match="care_note_too_long"):
        record(pupils, note="长" * (NOTE_LENGTH + 1))
