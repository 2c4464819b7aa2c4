"""Who gets which report: asked for by oneself; officers get the nightly digest by default."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.registers.actions import refusals_told
from lxsaas.reports import subscription_queries as queries
from lxsaas.reports.models import ReportSubscription
from lxsaas.reports.schedule import DistrictClock, since_now

NEEDED = {"week": "weekday", "month": "day_of_month", "term": "days_after"}
"""What else than the hour says when a report is due."""


@dataclass(frozen=True)
class Owner:
    """Whose subscriptions they are: an officer's, or somebody's at a school, who gets that school's alone."""

    district_id: int
    staff_id: int
    school_id: int | None = None
    township_ids: frozenset[int] | None = None
    """The townships to which an officer is limited; None: the whole district."""

    @property
    def person(self) -> dict[str, int | None]:
        """The columns that name the person."""
        at_school = self.school_id is not None
        return {
            "staff_id": None if at_school else self.staff_id,
            "school_staff_id": self.staff_id if at_school else None,
        }

    @property
    def log(self) -> dict[str, int | None]:
        """In whose log it is written."""
        return {"school_id": self.school_id, "district_id": self.district_id}


@dataclass(frozen=True)
class Choice:
    """What a person chose of a report."""

    report: str
    level: str
    unit_id: int
    send_at: time = time(6, 30)
    weekday: int | None = None
    day_of_month: int | None = None
    days_after: int | None = None
    indicators: Sequence[str] | None = field(default=None)
    language: str | None = None
    with_workbook: bool = False


def subscribe_everybody(session: Session, district_id: int, since: date) -> None:
    """Subscribes officers who have an address and were never asked, to the nights from a day on.

    Who unsubscribed stays so.
    """
    for staff_id in session.scalars(queries.officers_never_asked(district_id)).all():
        session.execute(
            insert(ReportSubscription)
            .values(
                district_id=district_id, staff_id=staff_id, report="night", level="district",
                unit_id=district_id, since=since,
            )
            .on_conflict_do_nothing()
        )  # fmt: skip


def create_subscription(
    session: Session, owner: Owner, choice: Choice, *, place: DistrictClock, now: datetime
) -> ReportSubscription:
    """Subscribes a person to a report of a unit, from what is due next on.

    Raises RuleError for a report that the person gets already, a unit out of reach, an incomplete choice.
    """
    _check(session, owner, choice)
    found = session.scalars(queries.same_subscription(owner.person, choice)).one_or_none()
    if found is not None and found.deleted_at is None:
        raise RuleError("subscription_exists", field="unit")
    if found is None:
        found = ReportSubscription(district_id=owner.district_id, **owner.person)
    _set(found, choice)
    found.is_active, found.deleted_at, found.paused_reason, found.bounce_count = True, None, None, 0
    found.since = since_now(found, place.zone, place.terms, now)
    with refusals_told(session, ReportSubscription):  # Sent twice at once.
        session.add(found)
        session.flush()
    _note(session, owner, "create_subscription", found)
    return found


def change_subscription(
    session: Session, owner: Owner, subscription: ReportSubscription, choice: Choice, *, place: DistrictClock,
    now: datetime,
) -> None:  # fmt: skip
    """Changes when and what; neither repeats a period that was sent nor leaves one out.

    Raises RuleError as `create_subscription` does.
    """
    _check(session, owner, choice)
    other = session.scalars(queries.same_subscription(owner.person, choice)).one_or_none()
    if other is not None and other.id != subscription.id:
        raise RuleError("subscription_exists", field="unit")
    _set(subscription, choice)
    if subscription.since is not None:
        anew = since_now(subscription, place.zone, place.terms, now)
        subscription.since = min(subscription.since, anew) if anew is not None else None
    session.flush()
    _note(session, owner, "change_subscription", subscription)


def pause_subscription(session: Session, owner: Owner, subscription: ReportSubscription) -> None:
    """Nothing more is owed or sent until it is resumed."""
    if subscription.is_active:
        subscription.is_active, subscription.paused_reason = False, "own"
        session.flush()
        _note(session, owner, "pause_subscription", subscription)


def resume_subscription(
    session: Session, owner: Owner, subscription: ReportSubscription, *, place: DistrictClock, now: datetime
) -> None:
    """From what is due next on; what fell due meanwhile is not sent. Raises RuleError beyond one's reach."""
    _check_unit(session, owner, subscription)
    if not subscription.is_active:
        subscription.is_active, subscription.paused_reason, subscription.bounce_count = True, None, 0
        subscription.since = since_now(subscription, place.zone, place.terms, now)
        session.flush()
        _note(session, owner, "resume_subscription", subscription)


def delete_subscription(
    session: Session, owner: Owner, subscription: ReportSubscription, *, now: datetime
) -> None:
    """Ends it; what it sent stays known, and no default brings it back."""
    subscription.is_active, subscription.deleted_at = False, now
    session.flush()
    _note(session, owner, "remove_subscription", subscription)


def _set(subscription: ReportSubscription, choice: Choice) -> None:
    for name, value in asdict(choice).items():
        setattr(subscription, name, value)
    if choice.indicators is not None and set(choice.indicators) >= set(INDICATORS):
        subscription.indicators = None


def _check(session: Session, owner: Owner, choice: Choice) -> None:
    needed = NEEDED.get(choice.report)
    if needed is not None and getattr(choice, needed) is None:
        raise RuleError("required", field=needed)
    if choice.indicators is not None and not set(choice.indicators) & set(INDICATORS):
        raise RuleError("subscription_empty", field="indicators")
    _check_unit(session, owner, choice)


def _check_unit(session: Session, owner: Owner, one: queries.Named) -> None:
    if owner.school_id is not None:
        reached = one.report != "alarms" and (one.level, one.unit_id) == ("school", owner.school_id)
    elif one.report == "filings":
        reached = False
    else:
        units = queries.units_in_reach(owner.district_id, owner.township_ids).subquery()
        query = select(units.c.unit_id).where(units.c.level == one.level, units.c.unit_id == one.unit_id)
        reached = session.scalar(query) is not None
    if not reached:
        raise RuleError("unit_unknown", field="unit")


def _note(session: Session, owner: Owner, action: str, subscription: ReportSubscription) -> None:
    audit(
        session, action, "report_subscription", subscription.id, by=owner.staff_id,
        report=subscription.report, level=subscription.level, unit=subscription.unit_id, **owner.log,
    )  # fmt: skip
