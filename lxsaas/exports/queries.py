"""Reads of jobs: a person's own, those at which the clock must look, the pieces of a file."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from lxsaas.accounts.realms import Realm, RealmKind
from lxsaas.exports.models import ExportJob
from lxsaas.exports.tables import TABLES, tables_of

WAITING = ("queued", "running")
KEPT = ("queued", "running", "done")


def own_jobs(realm: Realm, staff_id: int) -> Select[Any]:
    """What a person asked for, the newest first."""
    table = tables_of(realm)
    return (
        select(table.job)
        .where(getattr(table.job, table.owner) == realm.id, table.job.staff_id == staff_id)
        .order_by(table.job.id.desc())
    )


def own_job(realm: Realm, staff_id: int, job_id: int) -> Select[Any]:
    return own_jobs(realm, staff_id).where(tables_of(realm).job.id == job_id)


def job(realm: Realm, job_id: int) -> Select[Any]:
    table = tables_of(realm)
    return select(table.job).where(getattr(table.job, table.owner) == realm.id, table.job.id == job_id)


def counts_of(realm: Realm, staff_id: int) -> Select[int, int]:
    """(waiting, kept): how many files a person waits for, and how many there are with those."""
    table = tables_of(realm)
    state = table.job.state
    return select(func.count().filter(state.in_(WAITING)), func.count().filter(state.in_(KEPT))).where(
        getattr(table.job, table.owner) == realm.id, table.job.staff_id == staff_id
    )


def due(kind: RealmKind, now: datetime, limit: int) -> Select[int, int]:
    """(school or district, job) of those at which to look; all districts', in the watch's scope."""
    table = TABLES[kind]
    owner = getattr(table.job, table.owner)
    return (
        select(owner, table.job.id).where(table.job.look_at <= now).order_by(table.job.look_at).limit(limit)
    )


def school_jobs_with_files(school_id: int, kinds_without_children: Collection[str]) -> Select[ExportJob]:
    """A school's files that name children, and those that wait to be made; locked in one order."""
    return (
        select(ExportJob)
        .where(ExportJob.school_id == school_id, ExportJob.kind.not_in(kinds_without_children))
        .where(ExportJob.state.in_(KEPT))
        .order_by(ExportJob.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def piece(realm: Realm, job_id: int, number: int) -> Select[Any]:
    """A part of a job's file."""
    table = tables_of(realm)
    return select(table.piece).where(
        getattr(table.piece, table.owner) == realm.id,
        table.piece.job_id == job_id,
        table.piece.number == number,
    )
