"""As one writes it at first: for each school, for each child, ask the ORM. Without row security or ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from benchmarks.aggregation.place import Province
from benchmarks.province import LAST
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core.clock import month_start
from lxsaas.extensions import plain_engine
from lxsaas.pupils.models import LeftBehindSpell, Pupil

TARGETS = "state_council_2016_3m"
KINDS = {
    CareKind.TALK: "talk_monthly",
    CareKind.HOME_VISIT: "home_visit_monthly",
    CareKind.PARENT_CALL: "parent_call_monthly",
}
Figures = dict[tuple[int, str], tuple[int, int | None]]
Served = Callable[[Session, Pupil], set[CareKind]]
"""The kinds of care that a child had in the month."""


def query_a_child(place: Province, schools: list[int]) -> Figures:
    """The spells of each child, then the records of the month of each care target."""
    return _figures(place, schools, _kinds_of_records)


def query_a_child_and_kind(place: Province, schools: list[int]) -> Figures:
    """The spells of each child, then for each care target and kind whether there is a record."""
    return _figures(place, schools, _kinds_asked_for)


def _figures(place: Province, schools: list[int], served: Served) -> Figures:
    figures: Figures = {}
    for school_id in schools:
        with _session(place) as session:
            counts = dict.fromkeys(KINDS, 0)
            pupils = session.scalars(_enrolled(school_id)).all()
            left_behind = targets = 0
            for pupil in pupils:
                definitions = {spell.definition for spell in session.scalars(_open_spells(pupil))}
                left_behind += "register" in definitions
                if TARGETS in definitions:
                    targets += 1
                    for kind in served(session, pupil):
                        counts[kind] += 1
            figures[school_id, "left_behind_share"] = left_behind, len(pupils)
            figures[school_id, "care_targets"] = targets, None
            figures |= {(school_id, KINDS[kind]): (count, targets) for kind, count in counts.items()}
    return figures


@contextmanager
def _session(place: Province) -> Iterator[Session]:
    engine = plain_engine(place.settings.admin_url)
    with Session(engine) as session:
        yield session


def _enrolled(school_id: int) -> Select[Pupil]:
    return select(Pupil).where(
        Pupil.school_id == school_id,
        Pupil.enrolled_on <= LAST,
        or_(Pupil.left_on.is_(None), Pupil.left_on > LAST),
    )


def _open_spells(pupil: Pupil) -> Select[LeftBehindSpell]:
    return select(LeftBehindSpell).where(
        LeftBehindSpell.school_id == pupil.school_id,
        LeftBehindSpell.pupil_id == pupil.id,
        LeftBehindSpell.starts_on <= LAST,
        or_(LeftBehindSpell.ends_on.is_(None), LeftBehindSpell.ends_on > LAST),
    )


def _kinds_of_records(session: Session, pupil: Pupil) -> set[CareKind]:
    records = session.scalars(select(CareRecord).where(*_in_month(pupil)))
    return {CareKind(record.kind) for record in records} & KINDS.keys()


def _kinds_asked_for(session: Session, pupil: Pupil) -> set[CareKind]:
    return {
        kind
        for kind in KINDS
        if session.scalar(select(CareRecord.id).where(*_in_month(pupil), CareRecord.kind == kind).limit(1))
    }


def _in_month(pupil: Pupil) -> tuple[ColumnElement[bool], ...]:
    first: date = month_start(LAST)
    return (
        CareRecord.school_id == pupil.school_id,
        CareRecord.pupil_id == pupil.id,
        CareRecord.occurred_on.between(first, LAST),
        CareRecord.withdrawn_at.is_(None),
    )
