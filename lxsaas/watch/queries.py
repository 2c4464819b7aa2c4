"""Reads how the nights of a district went, in its aggregate scope."""

from datetime import date, datetime

from sqlalchemy import Select, func, select

from lxsaas.indicators.models import IndicatorRun, IndicatorUnit
from lxsaas.reports.models import OutboxMessage
from lxsaas.schools.models import School
from lxsaas.watch.models import NightAlarm


def last_runs(district_id: int, count: int) -> Select[IndicatorRun]:
    """The newest runs of a district."""
    return (
        select(IndicatorRun)
        .where(IndicatorRun.district_id == district_id)
        .order_by(IndicatorRun.id.desc())
        .limit(count)
    )


def night_of(district_id: int, as_of: date) -> Select[IndicatorRun]:
    """The night's own run."""
    return select(IndicatorRun).where(
        IndicatorRun.district_id == district_id, IndicatorRun.as_of == as_of, IndicatorRun.number == 0
    )


def units_of(run_ids: list[int]) -> Select[int, str, int]:
    """(run, state, units)."""
    return (
        select(IndicatorUnit.run_id, IndicatorUnit.state, func.count())
        .where(IndicatorUnit.run_id.in_(run_ids))
        .group_by(IndicatorUnit.run_id, IndicatorUnit.state)
    )


def dead_units(run_ids: list[int]) -> Select[int, str, str | None, int]:
    """(run, school's slug, class of the error, attempts) of units that were given up."""
    return (
        select(IndicatorUnit.run_id, School.slug, IndicatorUnit.error, IndicatorUnit.attempts)
        .join(School, School.id == IndicatorUnit.school_id)
        .where(IndicatorUnit.run_id.in_(run_ids), IndicatorUnit.state == "dead")
        .order_by(IndicatorUnit.run_id.desc(), School.slug)
    )


def outbox_of(district_id: int) -> Select[str, int]:
    """(state, messages)."""
    return (
        select(OutboxMessage.state, func.count())
        .where(OutboxMessage.district_id == district_id)
        .group_by(OutboxMessage.state)
    )


def open_alarms(district_id: int) -> Select[NightAlarm]:
    """Nights that are late, the newest first."""
    return (
        select(NightAlarm)
        .where(NightAlarm.district_id == district_id, NightAlarm.closed_at.is_(None))
        .order_by(NightAlarm.as_of.desc())
    )


def mail_due(district_id: int, now: datetime) -> Select[NightAlarm]:
    """An alarm whose mail may go, locked."""
    return (
        select(NightAlarm)
        .where(
            NightAlarm.district_id == district_id,
            NightAlarm.mail == "pending",
            NightAlarm.next_attempt_at <= now,
        )
        .order_by(NightAlarm.as_of)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
