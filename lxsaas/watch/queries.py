"""Reads how nights went, in the watch's scope: a statement each, however many districts there are."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    and_,
    case,
    column,
    exists,
    func,
    or_,
    select,
    true,
    values,
)
from sqlalchemy.orm import aliased

from lxsaas.indicators.models import IndicatorRun, IndicatorUnit
from lxsaas.reports.bounce_actions import BOUNCED
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.schools.models import District, School
from lxsaas.watch.models import NightAlarm


def is_complete() -> ColumnElement[bool]:
    """The condition that a run is published with every school."""
    dead = exists().where(IndicatorUnit.run_id == IndicatorRun.id, IndicatorUnit.state == "dead")
    return and_(IndicatorRun.state == "done", ~dead)


def districts(slug: str | None) -> Select[District]:
    """Every district, or the one with this slug; in the directory's scope."""
    query = select(District).order_by(District.slug)
    return query if slug is None else query.where(District.slug == slug)


def slugs_of(school_ids: Collection[int]) -> Select[int, str]:
    """(school, slug); in the directory's scope."""
    return select(School.id, School.slug).where(School.id.in_(school_ids))


def last_runs(district_ids: Sequence[int], count: int) -> Select[IndicatorRun]:
    """The newest runs of each district, the newest first."""
    asked = values(column("id", BigInteger), name="asked").data([(one,) for one in district_ids])
    newest = (
        select(IndicatorRun)
        .where(IndicatorRun.district_id == asked.c.id)
        .order_by(IndicatorRun.id.desc())
        .limit(count)
        .lateral()
    )
    run = aliased(IndicatorRun, newest)
    return select(run).select_from(asked).join(newest, true()).order_by(run.id.desc())


def last_complete_runs(district_ids: Sequence[int]) -> Select[IndicatorRun]:
    """The complete run of each district whose day is the newest."""
    asked = values(column("id", BigInteger), name="asked").data([(one,) for one in district_ids])
    newest = (
        select(IndicatorRun)
        .where(IndicatorRun.district_id == asked.c.id, is_complete())
        .order_by(IndicatorRun.as_of.desc(), IndicatorRun.number.desc())
        .limit(1)
        .lateral()
    )
    return select(aliased(IndicatorRun, newest)).select_from(asked).join(newest, true())


def runs_over(nights: Sequence[tuple[int, date]]) -> Select[date, IndicatorRun]:
    """For each (district, day) its day and the run by which to judge it, if any computes it.

    That which made it complete first, whatever its number; else the newest.
    """
    asked = values(column("id", BigInteger), column("day", Date), name="asked").data(nights)
    judged = (
        select(IndicatorRun)
        .where(
            IndicatorRun.district_id == asked.c.id,
            func.coalesce(IndicatorRun.since, IndicatorRun.as_of) <= asked.c.day,
            IndicatorRun.as_of >= asked.c.day,
        )
        .order_by(case((is_complete(), IndicatorRun.finished_at)).asc().nulls_last(), IndicatorRun.id.desc())
        .limit(1)
        .lateral()
    )
    return select(asked.c.day, aliased(IndicatorRun, judged)).select_from(asked).join(judged, true())


def units_of(run_ids: Collection[int]) -> Select[int, str, int]:
    """(run, state, units)."""
    return (
        select(IndicatorUnit.run_id, IndicatorUnit.state, func.count())
        .where(IndicatorUnit.run_id.in_(run_ids))
        .group_by(IndicatorUnit.run_id, IndicatorUnit.state)
    )


def dead_units(run_ids: Collection[int]) -> Select[int, int, str | None, int]:
    """(run, school, class of the error, attempts) of units that were given up."""
    return select(
        IndicatorUnit.run_id, IndicatorUnit.school_id, IndicatorUnit.error, IndicatorUnit.attempts
    ).where(IndicatorUnit.run_id.in_(run_ids), IndicatorUnit.state == "dead")


def silenced() -> Select[int, int]:
    """(district, subscriptions that were paused because their mail came back)."""
    return (
        select(ReportSubscription.district_id, func.count())
        .where(ReportSubscription.paused_reason == BOUNCED, ~ReportSubscription.is_active)
        .group_by(ReportSubscription.district_id)
    )


def sent_lately() -> Select[int, int]:
    """(district, messages sent in the last five minutes), by the database's clock."""
    return (
        select(OutboxMessage.district_id, func.count())
        .where(OutboxMessage.sent_at > func.now() - timedelta(minutes=5))
        .group_by(OutboxMessage.district_id)
    )


def in_states(states: Collection[str]) -> Select[OutboxMessage, str]:
    """Messages of all districts in these states with their report, the newest first."""
    return (
        select(OutboxMessage, ReportSubscription.report)
        .join(
            ReportSubscription,
            and_(
                ReportSubscription.district_id == OutboxMessage.district_id,
                ReportSubscription.id == OutboxMessage.subscription_id,
            ),
        )
        .where(OutboxMessage.state.in_(states))
        .order_by(OutboxMessage.next_attempt_at.desc(), OutboxMessage.id.desc())
    )


def standing_alarms(district_ids: Sequence[int]) -> Select[NightAlarm]:
    """Alarms that are open or whose mail is in somebody's hands, the newest night first."""
    return (
        select(NightAlarm)
        .where(
            NightAlarm.district_id.in_(district_ids),
            or_(NightAlarm.closed_at.is_(None), NightAlarm.mail == "sending"),
        )
        .order_by(NightAlarm.as_of.desc())
    )


def mail_due(district_id: int, now: datetime) -> Select[NightAlarm]:
    """An open alarm whose mail may go, locked; in the district's aggregate scope."""
    return (
        select(NightAlarm)
        .where(
            NightAlarm.district_id == district_id,
            NightAlarm.closed_at.is_(None),
            NightAlarm.mail == "pending",
            NightAlarm.next_attempt_at <= now,
        )
        .order_by(NightAlarm.as_of)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
