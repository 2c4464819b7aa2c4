"""An import into the archive: a second one changes nothing, a refused one writes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from lxsaas.core import clock
from lxsaas.core.changes import ChangeLog
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import RuleError
from lxsaas.extensions import db, session_for
from lxsaas.pupils.models import Guardian, LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.pupils.register import read_register
from lxsaas.pupils.register_actions import Counts, apply_register
from lxsaas.pupils.register_families import replace_families
from lxsaas.schools.models import School
from tests.factories import Factory, Place
from tests.pupils.workbooks import Row, pupils, xlsx

TODAY = date(2026, 11, 23)
TABLES = (Pupil, Guardian, ParentAbsence, LeftBehindSpell, ChangeLog)


@pytest.fixture
def school(app: Flask, factory: Factory) -> Iterator[Place]:
    place = factory.school()
    with app.app_context():
        yield place


def code_of(session: Session, school: Place) -> str:
    return session.scalars(select(School.register_code).where(School.id == school.id)).one()


def sheet(school: Place, count: int = 6) -> list[Row]:
    with session_for(school.scope) as session:
        return pupils(count, code=code_of(session, school))


def apply(school: Place, rows: list[Row], *, today: date = TODAY, **options: bool) -> Counts:
    with session_for(school.scope) as session:
        parsed = read_register(xlsx(rows), school_register_code=code_of(session, school), today=today)
        counts = apply_register(
            session,
            school_id=school.id,
            parsed=parsed,
            today=today,
            accept_valid=options.get("accept_valid", False),
            mark_left=options.get("mark_left", False),
            by=None,
        )
        session.commit()
    return counts


def sizes(school: Place) -> dict[str, int]:
    with session_for(school.scope) as session:
        return {
            one.__tablename__: session.scalar(select(func.count()).select_from(one)) or 0 for one in TABLES
        }


def test_a_register_fills_pupils_families_absences_and_spells(school: Place) -> None:
    counts = apply(school, sheet(school))
    assert (counts.new, counts.left_behind) == (6, 2)
    stored = sizes(school)
    assert (stored["pupil"], stored["guardian"], stored["parent_absence"]) == (6, 12, 4)
    with session_for(school.scope) as session:
        absence = session.scalars(select(ParentAbsence).where(ParentAbsence.parent == "father")).first()
        assert absence is not None
        assert (absence.place, absence.start_is_estimated, absence.source) == (
            "广东省深圳市",
            True,
            "register",
        )
        assert absence.starts_on == clock.add_months(TODAY, -3)
        spells = session.scalars(select(LeftBehindSpell)).all()
        assert {spell.definition for spell in spells} >= {
            "register",
            "state_council_2016_3m",
            "school_practice",
        }
        assert {spell.starts_on for spell in spells if spell.definition == "register"} == {TODAY}


def test_what_hurts_when_it_leaks_is_sealed(school: Place) -> None:
    rows = sheet(school, 1)
    apply(school, rows)
    with session_for(school.scope) as session:
        pupil = session.scalars(select(Pupil)).one()
        number = rows[0]["身份证件号"]
        assert number.encode() not in (pupil.identity_sealed or b"")
        cipher = school_cipher(session, school.id)
        opened = cipher.open(pupil.identity_sealed, table="pupil", column="identity_sealed", row_id=pupil.id)
        assert opened == number
        assert pupil.identity_digest == cipher.digest(number)


def test_a_second_import_of_the_same_sheet_changes_nothing_at_all(school: Place) -> None:
    rows = sheet(school)
    apply(school, rows)
    before = sizes(school)
    counts = apply(school, rows, today=TODAY + timedelta(days=40))
    assert (counts.new, counts.changed, counts.unchanged, counts.left) == (0, 0, 6, 0)
    assert sizes(school) == before


def test_a_change_of_the_register_s_word_opens_and_ends_absences(school: Place) -> None:
    rows = sheet(school, 3)
    apply(school, rows)
    later = TODAY + timedelta(days=30)
    rows[0]["是否留守儿童"], rows[0]["成员1现住址"] = "0", rows[0]["现住址"]
    rows[1]["是否留守儿童"] = "2"
    assert apply(school, rows, today=later).changed == 2
    with session_for(school.scope) as session:
        open_now = session.scalars(select(ParentAbsence).where(ParentAbsence.ends_on.is_(None))).all()
        ended = session.scalars(select(ParentAbsence.ends_on).where(ParentAbsence.ends_on.is_not(None))).all()
    assert len(open_now) == 2
    assert ended == [later, later]


def test_what_the_past_was_counted_by_is_counted_again_when_it_is_corrected(school: Place) -> None:
    """A day of birth from the enrolment on, a return from the day of leaving, for nothing lies between."""
    rows = sheet(school, 3)
    for number, row in enumerate(rows):
        row |= {"身份证件类型": "护照", "身份证件号": f"E000000{number}"}
    apply(school, rows)
    left, back = TODAY + timedelta(days=30), TODAY + timedelta(days=60)
    apply(school, rows[:2], today=left, mark_left=True)
    assert noted(school) == left
    apply(school, rows, today=back)
    assert noted(school) == left
    rows[0]["出生日期"] = "20150917"
    apply(school, rows, today=back)
    assert noted(school) == date(2024, 9, 1)


def noted(school: Place) -> date | None:
    """From when on figures are to be counted anew by what was done last."""
    with session_for(school.scope) as session:
        newest = session.scalars(select(ChangeLog.starts_on).order_by(ChangeLog.id.desc()).limit(1))
        return newest.one_or_none()


def test_rejected_rows_stop_the_import_unless_the_good_ones_are_wanted_alone(school: Place) -> None:
    rows = sheet(school)
    rows[2]["姓名"] = ""
    with pytest.raises(RuleError) as caught:
        apply(school, rows)
    assert caught.value.code == "rows_rejected"
    assert sizes(school)["pupil"] == 0
    assert apply(school, rows, accept_valid=True).new == 5


def test_who_is_not_in_the_sheet_leaves_only_if_that_is_said(school: Place) -> None:
    rows = sheet(school)
    apply(school, rows)
    assert apply(school, rows[:4]).left == 2
    with session_for(school.scope) as session:
        assert session.scalar(select(func.count()).where(Pupil.left_on.is_not(None))) == 0
    apply(school, rows[:4], mark_left=True)
    with session_for(school.scope) as session:
        assert session.scalars(select(Pupil.left_on).where(Pupil.left_on.is_not(None))).all() == [
            TODAY,
            TODAY,
        ]
    assert apply(school, rows).changed == 2


def test_the_number_of_statements_does_not_grow_with_the_pupils(school: Place, factory: Factory) -> None:
    counted = []
    for size in (60, 120):
        place = factory.school()
        rows = sheet(place, size)
        statements: list[str] = []
        engine = db.engines["lx_school"]

        def note(*given: object, kept: list[str] = statements) -> None:
            kept.append(str(given[2]))

        event.listen(engine, "before_cursor_execute", note)
        apply(place, rows)
        assert apply(place, [row | {"健康状况": "一般或较弱"} for row in rows]).changed == size
        event.remove(engine, "before_cursor_execute", note)
        counted.append(len(statements))
    assert counted[0] == counted[1]


def test_the_sheet_of_another_school_sends_nobody_away(school: Place) -> None:
    rows = sheet(school)
    apply(school, rows)
    for row in rows:
        row["学校标识码"] = "3699010003"
    with pytest.raises(RuleError) as caught:
        apply(school, rows, accept_valid=True, mark_left=True)
    assert caught.value.code == "no_row_valid"
    with session_for(school.scope) as session:
        assert session.scalar(select(func.count()).where(Pupil.left_on.is_not(None))) == 0


def test_no_row_takes_by_its_name_the_child_whose_number_stands_in_another(school: Place) -> None:
    rows = sheet(school, 2)
    apply(school, rows)
    number, rows[0]["身份证件号"] = rows[0]["身份证件号"], ""
    counts = apply(school, [*rows, rows[0] | {"姓名": "改名", "身份证件号": number}])
    assert (counts.new, counts.changed) == (1, 1)
    with session_for(school.scope) as session:
        cipher = school_cipher(session, school.id)
        renamed = session.scalars(select(Pupil).where(Pupil.identity_digest == cipher.digest(number))).one()
        assert renamed.name == "改名"


def test_the_families_of_the_largest_school_are_written(school: Place) -> None:
    """A statement takes 65,535 parameters: too few for two thousand families, were they one statement's."""
    rows = sheet(school, 1)
    apply(school, rows)
    with session_for(school.scope) as session:
        code = code_of(session, school)
        [row] = read_register(xlsx(rows), school_register_code=code, today=TODAY).accepted
        pupil_id = session.scalars(select(Pupil.id)).one()
        large = replace(row, family=tuple(replace(row.family[0], position=at) for at in range(1, 4101)))
        cipher = school_cipher(session, school.id)
        replace_families(session, cipher, school.id, {pupil_id: large}, known=[pupil_id])
        assert session.scalar(select(func.count()).select_from(Guardian)) == 4100
