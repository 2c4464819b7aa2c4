"""Mandatory reports: those that somebody at the school may read, those that the district sees."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from lxsaas.accounts.models import Staff
from lxsaas.networks.report_models import DistrictMandatoryReport, MandatoryReport, MandatoryStep
from lxsaas.pupils.models import Pupil, PupilAssignment
from lxsaas.pupils.queries import enrolled, named
from lxsaas.schools.models import School, SchoolClass, Township

ORDER = ("opened", "partly_told", "told", "closed")
"""The states in the order in which they need somebody."""


def reports_for(staff_id: int, *, all_of_school: bool, on: date) -> Select[MandatoryReport]:
    """The reports whose content somebody may read.

    All of them where the whole school is followed; else those that they opened, and those about a child
    whose confidential case they hold on the day.
    """
    query = select(MandatoryReport)
    if all_of_school:
        return query
    return query.where(
        or_(MandatoryReport.recorded_by == staff_id, MandatoryReport.pupil_id.in_(_counselled(staff_id, on)))
    )


def _counselled(staff_id: int, on: date) -> Select[int]:
    held = PupilAssignment
    return select(held.pupil_id).where(
        held.staff_id == staff_id,
        held.subject == "counselling_case",
        held.starts_on <= on,
        or_(held.ends_on.is_(None), held.ends_on > on),
    )


def with_states(reports: Select[MandatoryReport]) -> Select[Any]:
    """(report, its state as the district sees it, child, class, who opened it), the most urgent first."""
    state = DistrictMandatoryReport
    return (
        reports.join(
            state, (state.unit_id == MandatoryReport.school_id) & (state.report_id == MandatoryReport.id)
        )
        .join(Pupil, (Pupil.school_id == MandatoryReport.school_id) & (Pupil.id == MandatoryReport.pupil_id))
        .join(SchoolClass, (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id))
        .join(
            Staff, (Staff.school_id == MandatoryReport.school_id) & (Staff.id == MandatoryReport.recorded_by)
        )
        .add_columns(state, Pupil.name, SchoolClass.code, Staff.name.label("opener"))
        .order_by(*by_urgency())
    )


def by_urgency() -> tuple[Any, ...]:
    """Those that wait for somebody first, of these the oldest."""
    state = DistrictMandatoryReport
    return (
        case({code: place for place, code in enumerate(ORDER)}, value=state.state), state.known_at, state.id,
    )  # fmt: skip


def steps_of(report_id: int) -> Select[MandatoryStep, str]:
    """(step, who did it), in the order in which they were entered."""
    step = MandatoryStep
    same = (Staff.school_id == step.school_id) & (Staff.id == step.done_by)
    return (
        select(step, Staff.name).join(Staff, same).where(step.report_id == report_id)
        .order_by(step.recorded_at, step.id)
    )  # fmt: skip


def children_named(school_id: int, words: str, on: date) -> Select[int, str, str]:
    """(id, name, class) of enrolled children of the whole school: harm is reported whoever sees it."""
    same_class = (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
    query = select(Pupil.id, Pupil.name, SchoolClass.code).join(SchoolClass, same_class)
    return query.where(Pupil.school_id == school_id, enrolled(on), named(words)).order_by(
        Pupil.pinyin, Pupil.id
    )


def enrolled_child(school_id: int, pupil_id: int, on: date) -> Select[Pupil]:
    """A child of the school, if it is enrolled on the day."""
    return select(Pupil).where(Pupil.school_id == school_id, Pupil.id == pupil_id, enrolled(on))


def open_states() -> ColumnElement[bool]:
    """Reports that are not closed."""
    return DistrictMandatoryReport.state != "closed"


def states_of_school(school_id: int) -> Select[DistrictMandatoryReport]:
    """The open reports of a school as the district sees them, the most urgent first."""
    query = select(DistrictMandatoryReport).where(DistrictMandatoryReport.unit_id == school_id, open_states())
    return query.order_by(*by_urgency())


def district_reports(
    district_id: int, *, state: str = "", words: str = "", sort: str = ""
) -> Select[DistrictMandatoryReport, str, str]:
    """(report, school, township) of a district.

    `state`: one of the states, 'open' for all but the closed ones, '' for all; `words`: a part of the
    school's name; `sort`: 'age', 'school' or 'state', with '-' before it for the other way round; else the
    most urgent first.
    """
    held = DistrictMandatoryReport
    query = (
        select(held, School.name, Township.name.label("township"))
        .join(School, (School.district_id == held.district_id) & (School.id == held.unit_id))
        .outerjoin(Township, Township.id == School.township_id)
        .where(held.district_id == district_id)
    )
    if state:
        query = query.where(open_states() if state == "open" else held.state == state)
    if words:
        query = query.where(School.name.contains(words, autoescape=True))
    columns = {"age": held.known_at, "school": School.name, "state": by_urgency()[0]}
    column: Any = columns.get(sort.removeprefix("-"))
    if column is None:
        return query.order_by(*by_urgency())
    return query.order_by(column.desc() if sort.startswith("-") else column, held.id)


def counts_by_state(district_id: int) -> Select[str, int, Any]:
    """(state, how many, known since when the oldest) of a district."""
    held = DistrictMandatoryReport
    return (
        select(held.state, func.count(), func.min(held.known_at))
        .where(held.district_id == district_id)
        .group_by(held.state)
    )
