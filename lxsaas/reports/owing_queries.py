"""Reads of what decides whether a report is due, and whether it is owed already."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import BigInteger, Date, Select, and_, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from lxsaas.indicators.models import IndicatorRun
from lxsaas.reports.models import OutboxMessage
from lxsaas.schools.models import Term


def terms(district_id: int) -> Select[str, date, date]:
    """Name, first and last day of each of a district's terms."""
    return (
        select(Term.name, Term.starts_on, Term.ends_on)
        .where(Term.district_id == district_id)
        .order_by(Term.starts_on)
    )


def finished_days(district_id: int, since: date) -> Select[date, date]:
    """First and last of the days of each published run that reaches a day or a later one."""
    return select(func.coalesce(IndicatorRun.since, IndicatorRun.as_of), IndicatorRun.as_of).where(
        IndicatorRun.district_id == district_id, IndicatorRun.state == "done", IndicatorRun.as_of >= since
    )


def first_day(district_id: int) -> Select[date | None]:
    """The first day of which a district ever had figures."""
    return select(func.min(func.coalesce(IndicatorRun.since, IndicatorRun.as_of))).where(
        IndicatorRun.district_id == district_id, IndicatorRun.state == "done"
    )


def owed_of(district_id: int, asked: Collection[tuple[int, date]]) -> Select[int, date]:
    """Which of these reports, each a subscription and a period, are owed or were."""
    ids, periods = [one[0] for one in asked], [one[1] for one in asked]
    wanted = (
        func.unnest(literal(ids, ARRAY(BigInteger)), literal(periods, ARRAY(Date)))
        .table_valued(column("subscription_id", BigInteger), column("period_on", Date), name="wanted")
        .render_derived()
    )
    is_wanted = and_(
        OutboxMessage.subscription_id == wanted.c.subscription_id,
        OutboxMessage.period_on == wanted.c.period_on,
    )
    return (
        select(OutboxMessage.subscription_id, OutboxMessage.period_on)
        .join(wanted, is_wanted)
        .where(OutboxMessage.district_id == district_id, OutboxMessage.about_id == 0)
    )


def owed_since(
    district_id: int, since: date, subscription_ids: Sequence[int] | None = None
) -> Select[int, date]:
    """Subscription and period of each report that is owed or was, of periods from a day on."""
    query = select(OutboxMessage.subscription_id, OutboxMessage.period_on).where(
        OutboxMessage.district_id == district_id,
        OutboxMessage.period_on >= since,
        OutboxMessage.about_id == 0,
    )
    if subscription_ids is not None:
        query = query.where(OutboxMessage.subscription_id.in_(subscription_ids))
    return query
