"""What schools owe the district, statistics and summaries: who of a school is told, and the letter."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.accounts.models import Staff
from lxsaas.filings import letter as filing_letter
from lxsaas.filings.models import FilingReminder
from lxsaas.reports.letter import Letter
from lxsaas.reports.models import ReportSubscription
from lxsaas.reports.owing import Owed, owe
from lxsaas.reports.subscription_queries import active_subscriptions


def owe_filing_reminders(session: Session, district_id: int, reminders: Sequence[FilingReminder]) -> int:
    """A message at once to each of the reminded schools' people who get them; how many are new.

    Called in the transaction that notes the reminders, with these schools in scope.
    """
    school_ids = {one.unit_id for one in reminders}
    subscribe_principals(session, district_id, school_ids)
    now = session.scalars(select(func.now())).one()
    subscriptions = active_subscriptions(district_id, "filings").where(
        ReportSubscription.unit_id.in_(school_ids)
    )
    by_school: dict[int, list[ReportSubscription]] = {}
    for subscription in session.scalars(subscriptions):
        by_school.setdefault(subscription.unit_id, []).append(subscription)
    return owe(
        session,
        (
            Owed(subscription, one.reminded_on, now, one.id)
            for one in reminders
            for subscription in by_school.get(one.unit_id, ())
        ),
    )


def subscribe_principals(session: Session, district_id: int, school_ids: Collection[int]) -> None:
    """Subscribes principals who have an address and were never asked; who unsubscribed stays so."""
    query = select(Staff.school_id, Staff.id).where(
        Staff.school_id.in_(school_ids),
        Staff.roles.contains(["principal"]),
        Staff.email.is_not(None),
        Staff.is_active,
    )
    rows = [
        {
            "district_id": district_id, "school_staff_id": staff_id, "report": "filings",
            "level": "school", "unit_id": school_id,
        }
        for school_id, staff_id in session.execute(query)
    ]  # fmt: skip
    if rows:
        session.execute(insert(ReportSubscription).values(rows).on_conflict_do_nothing())


def newest_reminder(session: Session, district_id: int, school_id: int) -> int | None:
    """The id of a school's last reminder."""
    return session.scalar(
        select(func.max(FilingReminder.id)).where(
            FilingReminder.district_id == district_id, FilingReminder.unit_id == school_id
        )
    )


def write_reminder(
    session: Session, reminder_id: int, language: str | None, unsubscribe: str
) -> Letter | None:
    """The letter about one reminder; None where there is none of this id."""
    found = filing_letter.write(session, reminder_id, language, unsubscribe)
    return None if found is None else Letter(found.subject, found.text, found.html)
