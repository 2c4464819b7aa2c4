"""A final summary is sent to the district: the document as it is, by the school's own act, for good."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from lxsaas.accounts.models import Staff
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.correspondence.actions import Writer, write_to_schools
from lxsaas.summaries import queries
from lxsaas.summaries.models import AnnualSummary, DistrictSummary


def send_summary(
    session: Session,
    summary: AnnualSummary,
    *,
    content: bytes,
    missing: int,
    confirmed: bool,
    district_id: int,
    by: Staff,
) -> int:
    """Hands a final summary's document to the district; `confirmed`: that its words name no child was said.

    Raises RuleError for a draft, for one that was sent, and where a later version was.
    """
    if summary.state != "frozen":
        raise RuleError("summary_not_final")
    if not confirmed:
        raise RuleError("summary_not_confirmed", field="confirmed")
    later = session.scalar(queries.highest_sent(summary.school_id, summary.year)) or 0
    if later > summary.number:
        raise RuleError("summary_superseded")
    sent = (
        upsert(DistrictSummary)
        .values(
            district_id=district_id, unit_id=summary.school_id, year=summary.year, number=summary.number,
            counted_on=summary.counted_on, missing_count=missing, signed_name=by.name, content=content,
        )
        .on_conflict_do_nothing(index_elements=["district_id", "year", "unit_id", "number"])
        .returning(DistrictSummary.id)
    )  # fmt: skip
    made = session.scalar(sent)
    if made is None:
        raise RuleError("summary_sent")
    audit(
        session, "send_summary", "annual_summary", summary.id, school_id=summary.school_id, by=by.id,
        year=summary.year, number=summary.number,
    )  # fmt: skip
    session.flush()
    return made


def remind_of_summary(
    session: Session,
    *,
    district_id: int,
    year: int,
    townships: queries.Townships,
    title: str,
    text: str,
    due_on: date,
    today: date,
    client_key: UUID,
    by: Writer,
) -> int:
    """Asks every school within reach that has sent no summary of the year, by a thread; how many.

    Raises RuleError where all have sent one.
    """
    one = queries.standings(district_id, year, townships).subquery()
    schools = session.scalars(select(one.c.id).where(one.c.told_id.is_(None))).all()
    if not schools:
        raise RuleError("summary_nobody_missing")
    made = write_to_schools(
        session, district_id=district_id, school_ids=schools, kind="request", title=title,
        text=text, due_on=due_on, today=today, client_key=client_key, by=by,
    )  # fmt: skip
    return len(made)
