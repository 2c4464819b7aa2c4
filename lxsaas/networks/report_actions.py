"""What may be done about suspected harm: a report opened, steps added, the district let in; no more."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.core.crypto import school_cipher
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.networks.labels import TOLD
from lxsaas.networks.report_models import DistrictMandatoryReport, MandatoryReport, MandatoryStep
from lxsaas.pupils.models import Pupil
from lxsaas.registers.rows import columns_for, lock_school, next_id

S = TypeVar("S", MandatoryReport, MandatoryStep)
EARLIEST = timedelta(days=366)
"""How long ago something may have become known; what lies before is a slip of the finger."""


def open_report(
    session: Session,
    pupil: Pupil,
    *,
    harm: str,
    known_at: datetime,
    words: str,
    client_key: UUID | None = None,
    by: int,
) -> MandatoryReport:
    """Opens a mandatory report; in the same transaction the district sees that there is one.

    Raises RuleError where `known_at` lies ahead, or more than a year ago.
    """
    now = clock.now()
    if known_at > now:
        raise RuleError("known_in_future", field="known_at")
    if known_at < now - EARLIEST:
        raise RuleError("known_too_early", field="known_at")
    values = {"pupil_id": pupil.id, "harm": harm, "known_at": known_at, "words": words}
    report, made = _say(session, MandatoryReport, pupil.school_id, values, client_key, by)
    if made:
        audit(
            session, "open_mandatory_report", "mandatory_report", report.id,
            school_id=pupil.school_id, by=by, pupil_id=pupil.id,
        )  # fmt: skip
    return report


def add_step(
    session: Session,
    report: MandatoryReport,
    *,
    kind: str,
    done_at: datetime,
    done_by: int,
    recipient: str | None = None,
    reference: str | None = None,
    words: str | None = None,
    closed_as: str | None = None,
    client_key: UUID | None = None,
    by: int,
) -> MandatoryStep:
    """Adds what was done; the report's state follows. Raises RuleError for what cannot be.

    A report is closed with a reason, and once police, civil affairs and education were told: only one that
    was opened by mistake is closed without, and the district sees that it was.
    """
    state = _state_for(session, report)
    # Closing it twice over a bad line is closing it once, not an error.
    if (known := _sent_before(session, report, client_key)) is not None:
        return known
    if done_at > clock.now():
        raise RuleError("known_in_future", field="done_at")
    # The form gives minutes, the report's instant may hold seconds.
    if done_at < report.known_at.replace(second=0, microsecond=0):
        raise RuleError("done_before_known", field="done_at")
    if kind in TOLD and not recipient:
        raise RuleError("recipient_missing", field="recipient")
    if kind in ("follow_up", "outcome", "reopened") and not words:
        raise RuleError("step_words_missing", field="words")
    _check_closing(state, kind, closed_as)
    values = {
        "report_id": report.id, "kind": kind, "done_at": done_at, "done_by": done_by, "recipient": recipient,
        "reference": reference, "words": words, "closed_as": closed_as if kind == "closed" else None,
    }  # fmt: skip
    return _add(session, report, values, client_key, by)


def share_report(
    session: Session,
    report: MandatoryReport,
    *,
    words: str | None,
    whole: bool,
    client_key: UUID | None = None,
    by: int,
) -> MandatoryStep:
    """Lets the district read a text: the school's own words, the report's text (`whole`), or both.

    Raises RuleError for nothing, and for own words that name the child.
    """
    if not words and not whole:
        raise RuleError("share_nothing", field="words")
    name = session.scalar(
        select(Pupil.name).where(Pupil.school_id == report.school_id, Pupil.id == report.pupil_id)
    )
    if words and name and name in words:
        raise RuleError("share_names_child", field="words")
    _state_for(session, report)
    parts = [words, text_of(session, report) if whole else None]
    now = clock.now()
    values = {
        "report_id": report.id, "kind": "shared", "done_at": now, "done_by": by,
        "shared_text": "\n\n".join(part for part in parts if part),
    }  # fmt: skip
    return _add(session, report, values, client_key, by)


def text_of(session: Session, row: MandatoryReport) -> str:
    """What was said when the report was opened; the caller logs the sight."""
    cipher = school_cipher(session, row.school_id)
    place = {"table": row.__tablename__, "column": "words_sealed", "row_id": row.id}
    return cipher.open(row.words_sealed, **place) or ""  # type: ignore[arg-type]


def _check_closing(state: DistrictMandatoryReport, kind: str, closed_as: str | None) -> None:
    if state.state == "closed" and kind != "reopened":
        raise RuleError("report_closed", field="kind")
    if state.state != "closed" and kind == "reopened":
        raise RuleError("report_not_closed", field="kind")
    if kind != "closed":
        return
    if not closed_as:
        raise RuleError("closed_as_missing", field="closed_as")
    told = (state.police_told_at, state.civil_affairs_told_at, state.education_told_at)
    if closed_as != "mistake" and None in told:
        raise RuleError("authorities_not_told", field="closed_as")


def _sent_before(session: Session, report: MandatoryReport, client_key: UUID | None) -> MandatoryStep | None:
    if client_key is None:
        return None
    query = select(MandatoryStep).where(
        MandatoryStep.school_id == report.school_id, MandatoryStep.client_key == client_key
    )
    return session.scalars(query).one_or_none()


def _state_for(session: Session, report: MandatoryReport) -> DistrictMandatoryReport:
    """How a report stands, for whoever adds to it next: two at once take turns."""
    lock_school(session, f"mandatory_report:{report.id}", report.school_id)
    query = select(DistrictMandatoryReport).where(
        DistrictMandatoryReport.unit_id == report.school_id, DistrictMandatoryReport.report_id == report.id
    )
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def _add(
    session: Session,
    report: MandatoryReport,
    values: Mapping[str, Any],
    client_key: UUID | None,
    by: int,
) -> MandatoryStep:
    step, made = _say(session, MandatoryStep, report.school_id, values, client_key, by)
    if made:
        action = "share" if step.kind == "shared" else "close" if step.kind == "closed" else "add"
        noun = "mandatory_step" if action == "add" else "mandatory_report"
        audit(
            session, f"{action}_{noun}", noun, report.id,
            school_id=report.school_id, by=by, pupil_id=report.pupil_id, kind=step.kind,
        )  # fmt: skip
    return step


def _say(
    session: Session,
    model: type[S],
    school_id: int,
    values: Mapping[str, Any],
    client_key: UUID | None,
    by: int,
) -> tuple[S, bool]:
    """Adds a row and tells whether it is new; no right to change one is needed, for nobody has it."""
    table = table_of(model)
    row_id = next_id(session, table.name)
    stored = columns_for(model, row_id, values, school_cipher(session, school_id))
    statement = (
        insert(table)
        .values(school_id=school_id, id=row_id, recorded_by=by, client_key=client_key, **stored)
        .on_conflict_do_nothing(index_elements=["school_id", "client_key"])
        .returning(table.c.id)
    )
    made = session.scalar(statement) is not None
    here = model.id == row_id if made else model.client_key == client_key
    return session.scalars(select(model).where(model.school_id == school_id, here)).one(), made
