"""The timeline of a child in one picture: lanes of months, and what happened in order beside it.

Other features add their lanes with `lxsaas.pupils.timeline.add_source`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import format_date, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.core.clock import add_months, month_start
from lxsaas.portfolio.course import course_of, place_text
from lxsaas.portfolio.messages import ENTRY_KINDS
from lxsaas.portfolio.models import PortfolioEntry
from lxsaas.portfolio.queries import care_definition_of
from lxsaas.pupils import labels, queries
from lxsaas.pupils.models import LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.pupils.timeline import Mark, Moment, add_source, moments_of

__all__ = ["add_source"]
SPANS = (12, 24, 36, 108)
"""Months that can be chosen; 108: all nine years at school."""


@dataclass(frozen=True)
class Timeline:
    """What the page shows: the picture's data, and the dated moments, the newest first."""

    chart: Mapping[str, Any] | None
    moments: Sequence[Moment]


def timeline_of(session: Session, pupil: Pupil, today: date, months: int) -> Timeline:
    """A child's last `months` months; the picture is None where nothing is known of them."""
    first = add_months(month_start(today), 1 - months)
    found = [one for one in moments_of(session, pupil, today) if _is_within(one, first, today)]
    dated = sorted((one for one in found if one.mark != "count"), key=lambda one: one.starts_on, reverse=True)
    return Timeline(_chart(found, first, today) if found else None, dated)


def _is_within(moment: Moment, first: date, today: date) -> bool:
    if moment.mark != "span":
        return first <= moment.starts_on <= today
    return moment.starts_on <= today and (moment.ends_on is None or moment.ends_on > first)


def _chart(moments: Sequence[Moment], first: date, today: date) -> dict[str, Any]:
    """One series a lane, one value a month; leading months without anything are left out."""
    began = min(max(one.starts_on, first) for one in moments)
    months = [month_start(began)]
    while months[-1] < month_start(today):
        months.append(add_months(months[-1], 1))
    lanes: dict[str, list[Moment]] = {}
    for one in moments:
        lanes.setdefault(one.lane, []).append(one)
    return {
        "labels": [format_date(month, "yyyy-MM") for month in months],
        "unit": "count",
        "target": None,
        "series": [_lane(name, members, months) for name, members in lanes.items()],
    }


def _lane(name: str, members: Sequence[Moment], months: Sequence[date]) -> dict[str, Any]:
    mark: Mark = members[0].mark
    values: list[int | None] = []
    texts, shorts = [], []
    for month in months:
        here = [one for one in members if _touches(one, month)]
        values.append(sum(one.count for one in here) if here else None)
        texts.append(_in_month(mark, here))
        shorts.append(str(values[-1] or "") if mark == "count" else here[-1].short if here else "")
    return {"name": name, "values": values, "texts": texts, "shorts": shorts, "mark": mark}


def _touches(moment: Moment, month: date) -> bool:
    after = add_months(month, 1)
    if moment.mark != "span":
        return month <= moment.starts_on < after
    return moment.starts_on < after and (moment.ends_on is None or moment.ends_on > month)


def _in_month(mark: Mark, here: Sequence[Moment]) -> str:
    if not here:
        return "–"
    if mark == "count":
        return str(sum(one.count for one in here))
    return str(gettext(", ")).join(dict.fromkeys(one.text or gettext("yes") for one in here))


def spells_lane(session: Session, pupil: Pupil, _today: date) -> Iterable[Moment]:
    """When the child was left behind, by the definition that the district counts by."""
    spell = LeftBehindSpell
    query = select(spell.kind, spell.starts_on, spell.ends_on).where(
        spell.school_id == pupil.school_id, spell.pupil_id == pupil.id,
        spell.definition == care_definition_of(pupil.school_id).scalar_subquery(),
    )  # fmt: skip
    lane = gettext("Left behind")
    for kind, starts_on, ends_on in session.execute(query.order_by(spell.starts_on)):
        yield Moment(lane, "span", starts_on, ends_on, gettext(labels.KINDS[kind]))


def absences_lanes(session: Session, pupil: Pupil, _today: date) -> Iterable[Moment]:
    """When which parent was away."""
    away = queries.absences_of(pupil.school_id, [pupil.id]).with_only_columns(
        ParentAbsence.parent, ParentAbsence.starts_on, ParentAbsence.ends_on
    )
    for parent, starts_on, ends_on in session.execute(away):
        lane = gettext("Away: %(parent)s", parent=gettext(labels.PARENTS[parent]))
        yield Moment(lane, "span", starts_on, ends_on)


def exams_lane(session: Session, pupil: Pupil, _today: date) -> Iterable[Moment]:
    """The standing in the class, exam by exam."""
    for one in course_of(session, pupil.id):
        place = one.standing
        text = gettext("%(exam)s: %(place)s", exam=one.exam.name, place=place_text(place))
        short = "" if place.place is None else f"{place.place}/{place.class_size}"
        yield Moment(gettext("Place in exams"), "event", one.exam.taken_on, text=text, short=short)


def entries_lanes(session: Session, pupil: Pupil, _today: date) -> Iterable[Moment]:
    """That there are entries of a kind; what they say is read on their own pages."""
    entry = PortfolioEntry
    query = select(entry.id, entry.kind, entry.occurred_on).where(
        entry.school_id == pupil.school_id, entry.pupil_id == pupil.id, entry.withdrawn_at.is_(None)
    )
    for entry_id, kind, day in session.execute(query.order_by(entry.occurred_on)):
        address = url_for("portfolio.portfolio_entry_detail", portfolio_entry_id=entry_id)
        name = gettext(ENTRY_KINDS[kind])
        yield Moment(gettext("Growth portfolio"), "event", day, text=name, url=address)


for order, source in ((10, spells_lane), (20, absences_lanes), (60, exams_lane), (70, entries_lanes)):
    add_source(source, order=order)
