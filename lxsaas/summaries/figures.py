"""The figures of a school's year, as they are kept with a summary: plain numbers, each with its definition.

A kept figure is a mapping with code, name, meaning, version, kind, starts_on, ends_on and, by kind: 'value'
of a count; 'value' and 'before' of a rate, [numerator, denominator]; 'parts', [[label, number], …]; 'texts';
'value' of a change, in percentage points. None: nothing is known, which is told as missing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.activities.labels import ACTIVITIES, EVENTS
from lxsaas.archive.law import LIVES_WITH
from lxsaas.awards import labels as awards
from lxsaas.care.messages import KINDS as CARE_KINDS
from lxsaas.core.clock import month_end
from lxsaas.core.messages import N_
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Targets
from lxsaas.indicators.models import SchoolIndicator
from lxsaas.indicators.night import targets_of
from lxsaas.indicators.periods import Calendar
from lxsaas.indicators.queries import calendar_of
from lxsaas.schools.years import first_day, last_day
from lxsaas.summaries import counting, queries
from lxsaas.summaries.definitions import FIGURES, Figure
from lxsaas.summaries.spans import Span

Kept = dict[str, Any]
Translate = Callable[[str], str]
Parts = tuple[int, int]
"""Numerator and denominator."""
SHORTEST = 5
"""How many of the rates below their target are named."""
UNKNOWN = N_("not entered")
LABELS: Mapping[str, Mapping[str, str]] = {
    "left_behind_kinds": {"both": N_("both parents away"), "one": N_("one parent away")},
    "left_behind_guardians": {**LIVES_WITH, "alone": N_("nobody at home"), "unknown": UNKNOWN},
    "left_behind_boarding": {"boarding": N_("boarding pupils"), "day": N_("day pupils"), "unknown": UNKNOWN},
    "care_kinds": {str(int(kind)): text for kind, text in CARE_KINDS.items()},
    "activity_kinds": ACTIVITIES,
    "family_events": EVENTS,
    "awards": {"teacher": awards.TEACHER, **awards.KINDS},
}
"""What parts are called, in their order; grades are called by their number."""
GRADE = N_("grade %(number)s")
CHANGE = N_("%(name)s compared with the year before")
OF_CHILDREN = ("left_behind_kinds", "left_behind_grades", "left_behind_guardians", "left_behind_boarding")


def span_of(
    session: Session, school_id: int, district_id: int, year: int, today: date
) -> tuple[Span | None, Span | None]:
    """The year and the year before, each to the newest day counted in it; None where none was."""
    calendar: Calendar = calendar_of(session, district_id, [today])
    found: list[Span | None] = []
    for one in (year, year - 1):
        last = session.scalar(queries.last_counted_between(school_id, first_day(one), last_day(one)))
        found.append(Span(one, last, calendar.terms) if last is not None else None)
    return found[0], found[1]


def figures_of(
    session: Session, *, school_id: int, district_id: int, span: Span, before: Span | None, timezone: str,
    translate: Translate,
) -> list[Kept]:  # fmt: skip
    """Every figure of the year, in a number of statements that does not depend on the school's size."""
    rates = _sums(session, school_id, span)
    earlier = _sums(session, school_id, before) if before is not None else {}
    terms = span.own_terms
    asked = counting.counts(
        school_id, first=span.first, last=span.last, term=terms[-1].name if terms else None, timezone=timezone
    )
    counted = {str(code): int(number) for code, number in session.execute(asked).one()._mapping.items()}
    of_parts: dict[str, dict[str, int]] = {}
    query = counting.parts(school_id, first=span.first, last=span.last, year=span.year)
    for code, label, number in session.execute(query):
        of_parts.setdefault(code, {})[label] = number
    titles = queries.difficulty_titles(school_id, first=span.first, last=span.last, timezone=timezone)
    whole = rates.get("left_behind_share")
    found: dict[str, Any] = {
        **counted,
        "enrolled": whole[1] if whole else None,
        "left_behind": whole[0] if whole else None,
        "readings": [counted["readings"], counted["readings_due"]],
        "difficulty_titles": list(session.scalars(titles)),
        "short_of_target": _short(rates, targets_of(session, district_id), span.last, translate),
    }
    return [_kept(one, span, rates, earlier, found, of_parts, translate) for one in FIGURES.values()]


def _sums(session: Session, school_id: int, span: Span) -> dict[str, Parts]:
    """Of each indicator the sum of the year's months or terms, or what it was on the last day."""
    starts = [*span.months, *(one.starts_on for one in span.own_terms)]
    rows: list[SchoolIndicator] = [
        *session.scalars(queries.figures_of_periods(school_id, starts)),
        *session.scalars(queries.figures_of_days(school_id, [span.last])),
    ]
    months, terms = set(span.months), {one.starts_on for one in span.own_terms}
    due: dict[str, set[date]] = {"day": {span.last}, "month": months, "term": terms}
    found: dict[str, Parts] = {}
    for row in rows:
        # A month may begin on the day on which a term does.
        if row.indicator in INDICATORS and row.starts_on in due[INDICATORS[row.indicator].period]:
            held = found.get(row.indicator, (0, 0))
            found[row.indicator] = (held[0] + row.numerator, held[1] + (row.denominator or 0))
    return found


def _kept(
    figure: Figure, span: Span, rates: Mapping[str, Parts], earlier: Mapping[str, Parts],
    found: Mapping[str, Any], of_parts: Mapping[str, Mapping[str, int]], translate: Translate,
) -> Kept:  # fmt: skip
    base = figure.code.removesuffix("_change")
    kept: Kept = {
        "code": figure.code, "kind": figure.kind, "version": figure.version,
        "name": translate(figure.name), "meaning": translate(figure.meaning),
        **_period(base, span),
    }  # fmt: skip
    if figure.kind == "change":
        kept["name"] = translate(CHANGE) % {"name": kept["name"]}
        now, old = rates.get(base), earlier.get(base)
        kept["value"] = _change(now, old)
        kept["nothing_due"] = any(parts is not None and not parts[1] for parts in (now, old))
    elif figure.kind == "parts":
        kept["parts"] = _parts(figure.code, of_parts.get(figure.code, {}), found["left_behind"], translate)
    elif figure.kind == "texts":
        kept["texts"] = found[figure.code]
    elif figure.code in INDICATORS:
        parts, past = rates.get(figure.code), earlier.get(figure.code)
        is_rate = figure.kind == "rate"
        kept["value"] = parts and ([*parts] if is_rate else parts[0])
        kept["before"] = past and ([*past] if is_rate else past[0])
    else:
        kept["value"] = found[figure.code]
    return kept


def _period(code: str, span: Span) -> dict[str, str]:
    """First and last day to which a figure goes: for what stands on a day, that day twice."""
    on_a_day = code in ("enrolled", "left_behind", "plans", "rules", "network_contacts", *OF_CHILDREN)
    if on_a_day or (code in INDICATORS and INDICATORS[code].period == "day"):
        first = last = span.last
    elif code in INDICATORS and INDICATORS[code].period == "month" and span.months:
        first, last = span.months[0], month_end(span.months[-1])
    elif code in INDICATORS and INDICATORS[code].period == "term" and span.own_terms:
        first, last = span.own_terms[0].starts_on, min(span.own_terms[-1].ends_on, span.last)
    else:
        first, last = span.first, span.last
    return {"starts_on": first.isoformat(), "ends_on": last.isoformat()}


def _change(now: Parts | None, before: Parts | None) -> float | None:
    """By how many percentage points the rate rose; None where either year has none."""
    if not now or not before or not now[1] or not before[1]:
        return None
    return round((now[0] / now[1] - before[0] / before[1]) * 100, 1) + 0.0


def _parts(
    code: str, counted: Mapping[str, int], left_behind: int | None, translate: Translate
) -> list[list[Any]] | None:
    """The parts with their labels; None where those of the children do not add up to their number.

    That is so until the next night has counted what was entered since.
    """
    if code in OF_CHILDREN and sum(counted.values()) != left_behind:
        return None
    order: Iterable[str] = LABELS[code] if code in LABELS else sorted(counted, key=int)
    return [[_label(code, label, translate), counted[label]] for label in order if counted.get(label)]


def _label(code: str, label: str, translate: Translate) -> str:
    if code in LABELS:
        return translate(LABELS[code][label])
    return translate(GRADE) % {"number": label}


def _short(rates: Mapping[str, Parts], targets: Targets, day: date, translate: Translate) -> list[str]:
    """The rates furthest below their target, with what they reached."""
    found: list[tuple[float, str]] = []
    for code, (done, due) in rates.items():
        target = targets.of(code, day)
        if INDICATORS[code].is_rate and target is not None and due and done * 100 < target * due:
            words = f"{translate(INDICATORS[code].name)} {done / due:.1%}"
            found.append((target - done * 100 / due, words))
    return [words for _, words in sorted(found, key=lambda one: (-one[0], one[1]))[:SHORTEST]]


def by_code(figures: Sequence[Kept]) -> dict[str, Kept]:
    return {one["code"]: one for one in figures}
