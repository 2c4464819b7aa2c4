"""Brings together what the page shows; always the same few queries, however large the school is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from lxsaas.accounts.access import realm
from lxsaas.correspondence import pages as letters
from lxsaas.correspondence.queries import open_requests, waits_for
from lxsaas.duties.queries import OWED, Setting, owed_by_class
from lxsaas.duties.views import classes_with_teachers, setting
from lxsaas.indicators import queries as figure_queries
from lxsaas.indicators.figures import Figure, own_figures
from lxsaas.indicators.night import targets_of
from lxsaas.networks.report_queries import states_of_school
from lxsaas.organisation import reach as organisation
from lxsaas.overview import queries
from lxsaas.overview.definitions import CLASS_DAYS, EXPECTED
from lxsaas.pupils import reach
from lxsaas.registers.page_base import PageBase


@dataclass(frozen=True)
class Silent:
    """Something of which nothing was entered for long."""

    name: str
    detail: str
    last_on: date | None
    address: str | None


@dataclass(frozen=True)
class Coming:
    """What lies ahead."""

    on: date
    name: str
    address: str | None


@dataclass
class Unread:
    """A published document and who has not confirmed reading it."""

    title: str
    address: str | None
    people: list[str] = field(default_factory=list)


def what_is_due(session: Session) -> dict[str, Any]:
    """What is owed to children, class by class, and what has gone silent."""
    today, asked = reach.today(), setting()
    rows = {row.class_id: row for row in owed_by_class(session, reach.pupils(), asked)}
    classes = [(one, teacher) for one, teacher in session.execute(classes_with_teachers(today)).all()]
    last = dict(session.execute(queries.last_care_by_class(realm().id, today)).all())
    silent = [
        Silent(
            gettext("Class %(code)s", code=one.code), teacher or gettext("nobody"), last.get(one.id),
            url_for("duties.week", **{"class": one.id}),
        )
        for one, teacher in classes
        if asked.in_term and one.id in rows and _is_silent(last.get(one.id), asked, CLASS_DAYS)
    ]  # fmt: skip
    totals = {one: sum(getattr(row, one) for row in rows.values()) for one in OWED}
    return {
        "totals": {one: count for one, count in totals.items() if count},
        "targets": sum(row.targets for row in rows.values()),
        "silent_classes": silent,
        "silent": silent_registers(session, asked),
        "in_term": asked.in_term,
    }


def silent_registers(session: Session, asked: Setting) -> list[Silent]:
    """What is expected of the school and was not entered for long; nothing in the holidays."""
    last = dict(session.execute(queries.last_held(realm().id, asked.today)).all())
    return [
        Silent(gettext(one.name), "", last.get(one.table), list_of(one.table))
        for one in EXPECTED
        if asked.in_term and _is_silent(last.get(one.table), asked, one.days)
    ]


def meetings_to_come(session: Session) -> list[Coming]:
    """Meetings, sessions and activities of the next days."""
    names = {one.table: gettext(one.name) for one in EXPECTED}
    rows = session.execute(queries.coming(realm().id, reach.today()))
    return [Coming(row.held_on, row.title or names[row.table], page_of(row.table, row.id)) for row in rows]


def not_read(session: Session) -> Sequence[Unread]:
    """Who has not confirmed reading, document by document."""
    found: dict[int, Unread] = {}
    for document_id, title, name in session.execute(
        queries.unread(realm().id, reach.today(), organisation.term_name())
    ):
        held = found.setdefault(document_id, Unread(title, page_of("plan_document", document_id)))
        held.people.append(name)
    return list(found.values())


def the_term(session: Session) -> tuple[date | None, list[Figure]]:
    """The day of the last count and the school's figures, those that miss their target first."""
    day = session.scalar(figure_queries.last_counted_day(realm().id))
    if day is None:
        return None, []
    now = session.scalars(figure_queries.own_figures_as_of(realm().id, day)).all()
    figures = own_figures(now, (), targets_of(session, realm().district_id))
    return day, sorted(figures, key=lambda one: not one.misses_target)


def waiting(session: Session) -> dict[str, Any]:
    """What waits for an answer: suspected harm, what the district asks, decisions of the leading group."""
    today, asked = reach.today(), open_requests(realm().district_id, letters.reach())
    return {
        "harm": session.scalars(states_of_school(realm().id)).all(),
        "requests": session.scalars(asked.where(waits_for("school"))).all(),
        "decisions": session.execute(queries.decisions_due(realm().id, today)).all(),
    }


def list_of(table: str) -> str | None:
    """The address of a register's list, where it has one."""
    pages = PageBase.mounted.get(table)
    return url_for(pages.endpoint("list")) if pages else None


def page_of(table: str, row_id: int) -> str | None:
    """The address of a row of a register, where it has a page."""
    pages = PageBase.mounted.get(table)
    return pages.address(row_id) if pages else None


def _is_silent(last: date | None, asked: Setting, days: int) -> bool:
    """Whether more than so many days of the running term passed without an entry; holidays do not count."""
    since = max(last or asked.term_start, asked.term_start)
    return since < asked.today - timedelta(days=days)
