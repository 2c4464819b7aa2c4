"""What the invented district is like: pure data from a seed, dated up to a given day; writes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from lxsaas.care.models import CareKind
from lxsaas.core.clock import add_months, month_end, month_start
from lxsaas.demo import people, years

# Share of care targets served in a month by a school that does everything; holidays are thinner.
_ROUTINE = {
    CareKind.TALK: 1.0, CareKind.HOME_VISIT: 0.82, CareKind.PARENT_CALL: 0.93, CareKind.FAMILY_PHONE: 0.72,
}  # fmt: skip
_HOLIDAYS = {7: 0.45, 8: 0.4, 2: 0.6}
_LETTER_MONTHS = (5, 11)
_BEGINNING = 0.15
"""So much less was done in the months in which a school began."""


@dataclass(frozen=True)
class AbsencePlan:
    parent: str
    starts_on: date
    ends_on: date | None
    place: str


@dataclass(frozen=True)
class PupilPlan:
    """One child with the family as the register would list it."""

    name: str
    sex: str
    born_on: date
    enrolled_on: date
    identity_number: str
    is_rural: bool
    is_boarding: bool
    health: str
    absences: tuple[AbsencePlan, ...]
    family: tuple[tuple[str, str], ...]
    """(name, relation as GB/T 4761 codes it)."""
    phone: str


@dataclass(frozen=True)
class ClassPlan:
    grade: int
    number: int
    teacher: str
    pupils: tuple[PupilPlan, ...]

    @property
    def code(self) -> str:
        return f"{self.grade:02d}{self.number:02d}"


@dataclass(frozen=True)
class SchoolPlan:
    slug: str
    name: str
    register_code: str
    township: str
    classes: tuple[ClassPlan, ...]
    diligence: float
    """How much of the care owed is given, 0 to 1."""
    drift: float
    """By how much that changed over the year."""
    silent_since: date | None = None
    staff: dict[str, str] = field(default_factory=dict)
    """Role to name, of those who are not homeroom teachers."""


def school_plans(count: int, seed: int, today: date) -> list[SchoolPlan]:
    """`count` schools, some good, some poor, one gone silent; the same for the same seed and day."""
    return [_school(index, Random(f"{seed}:{index}"), today) for index in range(count)]


def care_of(
    pupil: PupilPlan, school: SchoolPlan, random: Random, today: date
) -> Iterator[tuple[CareKind, date]]:
    """What was recorded for a left-behind child since it was begun: kind and day, none after today."""
    months = years.months_back(years.first_care(today), today)
    for back in range(months, -1, -1):
        first = month_start(add_months(today, -back))
        diligence = school.diligence + school.drift * (months - back) / months
        if first < years.first_day(today):
            diligence -= _BEGINNING
        for kind, routine in _ROUTINE.items():
            share = diligence * routine * _HOLIDAYS.get(first.month, 1.0)
            if random.random() < share:
                day = first + timedelta(days=random.randrange(month_end(first).day))
                if _happened(day, pupil, school, today):
                    yield kind, day
        if random.random() < 0.08 * diligence and _happened(first, pupil, school, today):
            yield random.choice((CareKind.GUARDIAN_CONTACT, CareKind.TUTORING, CareKind.GIFT)), first
        yield from _seldom_of(pupil, school, random, today, first, diligence)


def _seldom_of(
    pupil: PupilPlan, school: SchoolPlan, random: Random, today: date, month: date, diligence: float
) -> Iterator[tuple[CareKind, date]]:
    """A letter to the parents each term, and a greeting on the birthday or a day or two after it."""
    day = month + timedelta(days=random.randrange(9, 25))
    if month.month in _LETTER_MONTHS and random.random() < diligence and _happened(day, pupil, school, today):
        yield CareKind.PARENT_LETTER, day
    if pupil.born_on.month == month.month and random.random() < diligence:
        day = month + timedelta(days=min(pupil.born_on.day, 27) - 1 + random.randrange(2))
        if _happened(day, pupil, school, today):
            yield CareKind.BIRTHDAY_GREETING, day


def _happened(day: date, pupil: PupilPlan, school: SchoolPlan, today: date) -> bool:
    silent = school.silent_since is not None and day >= school.silent_since
    return pupil.enrolled_on <= day <= today and not silent


def _school(index: int, random: Random, today: date) -> SchoolPlan:
    slug, name = people.school_name(index)
    grades = range(1, 10) if "九年" in name else range(1, 7)
    parallel = random.choice((1, 1, 2))
    classes = tuple(
        _class(random, grade, number + 1, today) for grade in grades for number in range(parallel)
    )
    # Every fourth school does poorly, the rest well; the third last has not recorded for five weeks.
    diligence = random.uniform(0.35, 0.6) if index % 4 == 3 else random.uniform(0.82, 0.98)
    return SchoolPlan(
        slug=slug,
        name=name,
        register_code=f"369902{index + 1:04d}",
        township=people.TOWNSHIPS[index % 4],
        classes=classes,
        diligence=diligence,
        drift=random.uniform(-0.06, 0.02 if diligence > 0.8 else 0.25),
        silent_since=today - timedelta(days=35) if index == 9 else None,
        staff={role: people.adult_name(random) for role in ("principal", "archivist", "counsellor")},
    )


def _class(random: Random, grade: int, number: int, today: date) -> ClassPlan:
    school_year = today.year if today.month >= 9 else today.year - 1
    enrolled_on = date(school_year - (grade - 1) % 6 if grade <= 6 else school_year - (grade - 7), 9, 1)
    pupils = tuple(
        _pupil(random, school_year - grade - 6, enrolled_on, today) for _ in range(random.randint(15, 30))
    )
    return ClassPlan(grade, number, people.adult_name(random), pupils)


def _pupil(random: Random, born_year: int, enrolled_on: date, today: date) -> PupilPlan:
    sex = random.choice(("male", "female"))
    # Between the September that makes a child six at school entry and the August after it.
    born_on = date(born_year, 9, 1) + timedelta(days=random.randrange(365))
    name = people.child_name(random, sex)
    absences = _absences(random, enrolled_on, today)
    both_away = {absence.parent for absence in absences if absence.ends_on is None} == {"father", "mother"}
    keeper = (people.adult_name(random), random.choice(("61", "62", "63", "64"))) if both_away else None
    parents = ((people.adult_name(random, name[0]), "51"), (people.adult_name(random), "52"))
    return PupilPlan(
        name=name,
        sex=sex,
        born_on=born_on,
        enrolled_on=enrolled_on,
        identity_number=people.identity_number(random, born_on, sex),
        is_rural=random.random() < 0.94,
        is_boarding=random.random() < 0.18,
        health=random.choices(("10", "20", "30"), (86, 9, 5))[0],
        absences=absences,
        family=(*parents, keeper) if keeper else parents,
        phone=people.telephone(random),
    )


def _absences(random: Random, enrolled_on: date, today: date) -> tuple[AbsencePlan, ...]:
    """Who works away: both parents of about a third of the children, one of an eighth, some come and go."""
    luck = random.random()
    away = (
        ("father", "mother") if luck < 0.34 else (("father", "mother")[luck > 0.44],) if luck < 0.47 else ()
    )
    earliest = max(enrolled_on - timedelta(days=500), today - timedelta(days=2000))
    starts_on = earliest + timedelta(days=random.randrange(max((today - earliest).days - 30, 1)))
    ends_on = None
    if random.random() < 0.08:
        ends_on = starts_on + timedelta(days=random.randrange(200, 900))
        ends_on = ends_on if ends_on < today else None
    return tuple(AbsencePlan(parent, starts_on, ends_on, people.place(random)) for parent in away)
