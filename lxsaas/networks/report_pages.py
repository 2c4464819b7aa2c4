"""What pages and sheets show of mandatory reports: the child, opened steps, instants in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_datetime, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.core import clock
from lxsaas.core.crypto import school_cipher
from lxsaas.core.export import Cell, Format, Table
from lxsaas.extensions import db
from lxsaas.networks import labels
from lxsaas.networks.report_models import DistrictMandatoryReport, MandatoryReport, MandatoryStep
from lxsaas.networks.report_queries import steps_of
from lxsaas.pupils.models import Pupil
from lxsaas.registers.rows import values_of
from lxsaas.schools.models import SchoolClass

HOUR = 3600


@dataclass(frozen=True)
class Step:
    """A step with its texts opened."""

    row: MandatoryStep
    by: str
    values: dict[str, Any]


def child_of(row: MandatoryReport | Pupil) -> tuple[str, str]:
    """The child's name and class, also of one who has left the school."""
    pupil_id = row.pupil_id if isinstance(row, MandatoryReport) else row.id
    same_class = (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
    query = select(Pupil.name, SchoolClass.code).join(SchoolClass, same_class)
    here = (Pupil.school_id == row.school_id) & (Pupil.id == pupil_id)
    name, code = db.session.execute(query.where(here)).one()
    return name, code


def opened_steps(session: Session, report: MandatoryReport) -> list[Step]:
    """The steps of a report, opened; the caller logs the sight."""
    cipher = school_cipher(session, report.school_id)
    rows = session.execute(steps_of(report.id)).all()
    return [Step(step, name, values_of(step, cipher)) for step, name in rows]


def state_headings() -> list[str]:
    return [
        gettext("Known since"), gettext("Hours since then"), gettext("Opened at"), gettext("State"),
        gettext("State since"), gettext("Police told"), gettext("Civil affairs told"),
        gettext("Education bureau told"), gettext("Closed as"),
    ]  # fmt: skip


STATE_FORMATS: tuple[Format, ...] = ("text", "count", *("text",) * 7)


def state_cells(state: DistrictMandatoryReport) -> list[Cell]:
    """How a report stands, for a sheet."""
    told = (state.police_told_at, state.civil_affairs_told_at, state.education_told_at)
    until = state.state_since if state.state == "closed" else clock.now()
    return [
        format_datetime(state.known_at, "short"),
        int((until - state.known_at).total_seconds() // HOUR),
        format_datetime(state.opened_at, "short"),
        gettext(labels.STATES[state.state]),
        format_datetime(state.state_since, "short"),
        *(format_datetime(at, "short") if at else "" for at in told),
        gettext(labels.CLOSED_AS[state.closed_as]) if state.closed_as else "",
    ]


def report_table(rows: Sequence[Any]) -> Table:
    """The school's reports: child, class, who opened it, how it stands."""
    headings = [gettext("Child"), gettext("Class"), gettext("Opened by"), *state_headings()]
    cells = [[name, code, opener, *state_cells(state)] for _, state, name, code, opener in rows]
    return Table(
        gettext("Mandatory reports"), [_as_of()], headings, ["text", "text", "text", *STATE_FORMATS], cells
    )


def district_table(rows: Sequence[Any]) -> Table:
    """The district's reports: school, township, how each stands; no child, no text."""
    headings = [gettext("School"), gettext("Township"), *state_headings()]
    cells = [[school, township, *state_cells(state)] for state, school, township in rows]
    return Table(gettext("Mandatory reports"), [_as_of()], headings, ["text", "text", *STATE_FORMATS], cells)


def _as_of() -> str:
    return str(gettext("As of %(day)s", day=format_datetime(clock.now(), "short")))
