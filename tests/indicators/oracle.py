"""The 26 indicators of one school and day, counted child by child as the domain document says it.

Knows nothing of SQL, nor of how the product counts; slow and plain on purpose.
"""

from calendar import isleap
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from lxsaas.care.models import CareKind as Kind
from tests.indicators.world_data import Child, DistrictData, SchoolData, TermData

Figures = dict[tuple[str, date], tuple[int, int | None]]
"""(indicator, first day of its period) to numerator and denominator."""

WITH_CHILD = (Kind.TALK, Kind.HOME_VISIT, Kind.COUNSELLING, Kind.TUTORING)
WITH_PARENT = (Kind.PARENT_CALL, Kind.FAMILY_PHONE, Kind.PARENT_LETTER)
WITH_GUARDIAN = (Kind.HOME_VISIT, Kind.GUARDIAN_CONTACT, Kind.SCHOOL_VISIT)
MONTHLY = {
    "talk_monthly": Kind.TALK,
    "home_visit_monthly": Kind.HOME_VISIT,
    "parent_call_monthly": Kind.PARENT_CALL,
    "family_phone_monthly": Kind.FAMILY_PHONE,
}
WEEK = timedelta(days=7)


def count_by_hand(district: DistrictData, school: SchoolData, as_of: date) -> Figures:
    """All figures of a day and of its month and term so far; in the holidays there are none of a term."""
    term = next((one for one in district.terms if one.starts_on <= as_of <= one.ends_on), None)
    first = as_of.replace(day=1)
    figures = {(code, as_of): parts for code, parts in of_day(district, school, as_of).items()}
    figures |= {(code, first): parts for code, parts in of_month(district, school, first, as_of).items()}
    if term is not None:
        found = of_term(district, school, term, as_of)
        figures |= {(code, term.starts_on): parts for code, parts in found.items()}
    return figures


def enrolled(school: SchoolData, day: date) -> list[Child]:
    return [child for child in school.children if child.is_enrolled(day)]


def is_left_behind(child: Child, definition: str, day: date) -> bool:
    return any(one.what == definition and one.is_open(day) for one in child.facts.spells)


def care_targets(district: DistrictData, school: SchoolData, day: date) -> list[Child]:
    definition = district.definition_on(day)
    return [child for child in enrolled(school, day) if is_left_behind(child, definition, day)]


def had(child: Child, kinds: tuple[Kind, ...], first: date, last: date) -> bool:
    """Whether the child has a record of any of these kinds on these days."""
    records = (one for one in child.facts.records if not one.is_withdrawn)
    return any(one.kind in kinds and first <= one.day <= last for one in records)


def share(children: list[Child], holds: Callable[[Child], bool]) -> tuple[int, int]:
    return sum(1 for child in children if holds(child)), len(children)


def of_day(district: DistrictData, school: SchoolData, day: date) -> dict[str, tuple[int, int | None]]:
    targets = care_targets(district, school, day)
    everyone = enrolled(school, day)
    at_risk = [c for c in everyone if any(r.what == "3" and r.is_open(day) for r in c.facts.risks)]
    since = day - timedelta(days=13)

    def paired(kind: str) -> tuple[int, int]:
        return share(targets, lambda c: any(p.what == kind and p.is_open(day) for p in c.facts.pairings))

    return {
        "left_behind_share": share(everyone, lambda c: is_left_behind(c, "register", day)),
        "care_targets": (len(targets), None),
        "archive_complete": share(
            targets, lambda c: any(k.what == "complete" and k.is_open(day) for k in c.facts.known)
        ),
        "teacher_paired": paired("teacher"),
        "pupil_paired": paired("pupil"),
        "high_risk_followed": share(at_risk, lambda c: had(c, (Kind.COUNSELLING, Kind.TALK), since, day)),
        "plan_read": plan_read(school, day),
    }


def plan_read(school: SchoolData, day: date) -> tuple[int, int]:
    homeroom = {who for _, who, start, end in school.teachers if start <= day and (end is None or day < end)}
    plans = [
        (one.published_on, number)
        for number, one in enumerate(school.documents)
        if one.kind == "plan" and not one.is_withdrawn and one.published_on and one.published_on <= day
    ]
    if not plans:
        return 0, len(homeroom)
    receipts = school.documents[max(plans)[1]].receipts
    confirmed = {who for who, on in receipts if on is not None and on <= day}
    return len(homeroom & confirmed), len(homeroom)


def of_month(
    district: DistrictData, school: SchoolData, first: date, last: date
) -> dict[str, tuple[int, int | None]]:
    targets = care_targets(district, school, last)
    kinds = (WITH_CHILD, WITH_PARENT, WITH_GUARDIAN)
    visits = [v for c in school.children for v in c.facts.visits if not v.is_withdrawn]
    due = [v for v in visits if first <= v.due_on <= last]
    with_birthday = [(c, day) for c in targets if (day := birthday(c, first.year)) and first <= day <= last]
    weeks = [week for week in weeks_of(first, last) if in_one_term(district, week)]

    def by_record(kind: Kind) -> tuple[int, int]:
        return share(targets, lambda c: had(c, (kind,), first, last))

    return {
        **{code: by_record(kind) for code, kind in MONTHLY.items()},
        "three_way_monthly": share(targets, lambda c: all(had(c, one, first, last) for one in kinds)),
        "must_visit_on_time": (
            sum(1 for v in due if v.closed_on is not None and v.closed_on <= v.due_on), len(due)
        ),
        "birthday_greeted": (
            sum(1 for c, day in with_birthday if is_greeted(c, day)), len(with_birthday)
        ),
        "weekly_activity": class_weeks(school, weeks),
        "home_open_weekly": (sum(1 for week in weeks if is_open_twice(school, week)), len(weeks)),
    }  # fmt: skip


def birthday(child: Child, year: int) -> date | None:
    """The child's birthday in a year; the day of birth itself is none."""
    born = child.born_on
    on_leap_day = (born.month, born.day) == (2, 29)
    day = date(year, 2, 28) if on_leap_day and not isleap(year) else born.replace(year=year)
    return day if day > born else None


def is_greeted(child: Child, day: date) -> bool:
    near = timedelta(days=3)
    return had(child, (Kind.BIRTHDAY_GREETING,), day - near, day + near)


def weeks_of(first: date, last: date) -> Iterator[date]:
    """Mondays of the weeks whose Sunday lies within the days."""
    day = first
    while day <= last:
        if day.isoweekday() == 7:
            yield day - timedelta(days=6)
        day += timedelta(days=1)


def in_one_term(district: DistrictData, monday: date) -> bool:
    friday = monday + timedelta(days=4)
    return any(term.starts_on <= monday and friday <= term.ends_on for term in district.terms)


def class_weeks(school: SchoolData, mondays: list[date]) -> tuple[int, int]:
    held, due = 0, 0
    for monday in mondays:
        sunday = monday + timedelta(days=6)
        classes = {
            number
            for child in school.children
            for number, start, end in child.classes
            if start <= sunday and (end is None or sunday < end)
        }
        active = {
            one.number
            for one in school.class_activities
            if one.is_held and not one.is_withdrawn and monday <= one.day < monday + WEEK
        }
        held, due = held + len(classes & active), due + len(classes)
    return held, due


def is_open_twice(school: SchoolData, monday: date) -> bool:
    openings = [one for one in school.openings if not one.is_withdrawn and monday <= one.day < monday + WEEK]
    return sum(1 for one in openings if one.number >= 2) >= 2


def of_term(
    district: DistrictData, school: SchoolData, term: TermData, last: date
) -> dict[str, tuple[int, int | None]]:
    first = term.starts_on
    targets = care_targets(district, school, last)
    numbers = {id(child): number for number, child in enumerate(school.children)}
    sessions, activities = (
        [one for one in events if not one.is_withdrawn and first <= one.held_on <= last]
        for events in (school.sessions, school.activities)
    )
    attended, joined = (
        {number for one in events for number in one.children} for events in (sessions, activities)
    )
    answers = [has_risen(school, numbers[id(child)], first, last) for child in targets]
    risen = [answer for answer in answers if answer is not None]
    announced = [one for one in sessions if one.notice_on is not None and one.notice_on < one.held_on]
    lectures = [one for one in activities if one.kind == "lecture"]

    def left(child: Child) -> bool:
        return any(not one.is_withdrawn and first <= one.starts_on <= last for one in child.facts.drop_outs)

    return {
        "plan_ready": share(targets, lambda c: (term.name, False) in c.facts.plans),
        "parent_letter_termly": share(targets, lambda c: had(c, (Kind.PARENT_LETTER,), first, last)),
        "parents_school_attendance": share(targets, lambda c: numbers[id(c)] in attended),
        "activity_reach": share(targets, lambda c: numbers[id(c)] in joined),
        "exam_progress": (sum(risen), len(risen)),
        "drop_outs": (sum(1 for child in targets if left(child)), None),
        "group_meeting_monthly": months_with_meeting(school, first, last),
        "parents_school_held": (min(2, sum(1 for one in announced if one.minutes >= 40)), 2),
        "safety_lecture": (min(1, len(lectures)), 1),
        "filing_on_time": filings(district, school, first, last),
    }


def has_risen(school: SchoolData, number: int, first: date, last: date) -> bool | None:
    """Whether the standing rose in the last exam of the days that has one before it to compare with."""
    taken = sorted(
        (exam.taken_on, order)
        for order, exam in enumerate(school.exams)
        if not exam.is_withdrawn and dict(exam.totals).get(number, "empty") != "empty"
    )
    answers = []
    for (day_before, order_before), (day, order) in pairwise(taken):
        now, before = standing(school, order, number), standing(school, order_before, number)
        is_near = day_before >= day - timedelta(days=400)
        if first <= day <= last and is_near and now is not None and before is not None:
            answers.append(now < before)
    return answers[-1] if answers else None


def standing(school: SchoolData, order: int, number: int) -> Fraction | None:
    """The share of the others who have more: 0 for the first; None without a total."""
    totals = [total for _, total in school.exams[order].totals if isinstance(total, int)]
    own = dict(school.exams[order].totals)[number]
    if not isinstance(own, int):
        return None
    return Fraction(sum(1 for total in totals if total > own), max(1, len(totals) - 1))


def months_with_meeting(school: SchoolData, first: date, last: date) -> tuple[int, int]:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    meetings = {one.day for one in school.meetings if not one.is_withdrawn}
    held = {(day.year, day.month) for day in days if day in meetings}
    return len(held), len({(day.year, day.month) for day in days})


def filings(district: DistrictData, school: SchoolData, first: date, last: date) -> tuple[int, int]:
    days = {one.name: one.filing_due_on for one in district.terms if one.filing_due_on}
    due = {name: day for name, day in days.items() if first <= day <= last}
    return len({name for name, sent in school.filings if name in due and sent <= due[name]}), len(due)
