"""Random districts as plain data, counted in plain Python, and the same districts in the database."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from lxsaas.care.models import CareKind
from tests.factories import Factory, Person, Place

EPOCH = date(2024, 2, 20)
"""Just before a leap day, so that months of every length are met."""
days = st.integers(0, 100).map(lambda offset: EPOCH + timedelta(days=offset))
definitions = st.sampled_from(["register", "state_council_2016_3m", "school_practice"])
kinds = st.sampled_from([CareKind.TALK, CareKind.HOME_VISIT, CareKind.PARENT_CALL, CareKind.GIFT])


@dataclass(frozen=True)
class Child:
    enrolled_on: date
    left_on: date | None
    spells: tuple[tuple[str, date, date | None], ...]
    records: tuple[tuple[CareKind, date], ...]

    def is_enrolled(self, day: date) -> bool:
        return self.enrolled_on <= day and (self.left_on is None or day < self.left_on)

    def is_left_behind(self, definition: str, day: date) -> bool:
        return any(
            code == definition and start <= day and (end is None or day < end)
            for code, start, end in self.spells
        )

    def had(self, kind: CareKind, first: date, last: date) -> bool:
        return any(one is kind and first <= day <= last for one, day in self.records)


@dataclass(frozen=True)
class SchoolData:
    township: int | None
    children: tuple[Child, ...]


Figures = dict[tuple[str, date], tuple[int, int | None]]
"""(indicator, first day of the period) to numerator and denominator."""


def period(start: date, length: int | None) -> date | None:
    return None if length is None else start + timedelta(days=length)


@st.composite
def children(draw: st.DrawFn) -> Child:
    enrolled_on = draw(days)
    left_on = period(enrolled_on, draw(st.none() | st.integers(0, 90)))
    spells = []
    for definition in draw(st.sets(definitions)):
        start = draw(days)
        spells.append((definition, start, period(start, draw(st.none() | st.integers(1, 60)))))
    records = draw(st.lists(st.tuples(kinds, days), max_size=6))
    return Child(enrolled_on, left_on, tuple(spells), tuple(records))


schools = st.builds(
    SchoolData, st.none() | st.integers(0, 1), st.lists(children(), max_size=8).map(tuple)
)  # fmt: skip
districts = st.lists(schools, min_size=1, max_size=5)


def counted(school: SchoolData, as_of: date, definition: str) -> Figures:
    """What the domain document asks for, child by child."""
    first = as_of.replace(day=1)
    enrolled = [child for child in school.children if child.is_enrolled(as_of)]
    targets = [child for child in enrolled if child.is_left_behind(definition, as_of)]
    by_register = [child for child in enrolled if child.is_left_behind("register", as_of)]

    def served(kind: CareKind) -> tuple[int, int]:
        return sum(child.had(kind, first, as_of) for child in targets), len(targets)

    return {
        ("left_behind_share", as_of): (len(by_register), len(enrolled)),
        ("care_targets", as_of): (len(targets), None),
        ("talk_monthly", first): served(CareKind.TALK),
        ("home_visit_monthly", first): served(CareKind.HOME_VISIT),
        ("parent_call_monthly", first): served(CareKind.PARENT_CALL),
    }


@dataclass
class Built:
    """A random district in the database."""

    place: Place
    schools: list[Place]
    teachers: list[Person]
    pupils: list[list[int]]
    townships: list[int]


def build(factory: Factory, data: list[SchoolData], **values: object) -> Built:
    """Writes the district through the application's logins."""
    district = factory.district(**values)
    townships = [factory.township(district), factory.township(district)]
    built = Built(district, [], [], [], townships)
    for school_data in data:
        township = None if school_data.township is None else townships[school_data.township]
        school = factory.school(district, township)
        teacher = factory.staff(school)
        class_id = factory.school_class(school, teacher)
        built.schools.append(school)
        built.teachers.append(teacher)
        built.pupils.append(
            [add_child(factory, school, class_id, teacher, one) for one in school_data.children]
        )
    return built


def add_child(factory: Factory, school: Place, class_id: int, teacher: Person, child: Child) -> int:
    pupil_id = factory.pupil(school, class_id, enrolled_on=child.enrolled_on, left_on=child.left_on)
    for definition, start, end in child.spells:
        factory.left_behind(school, pupil_id, start, end, definitions=(definition,))
    for kind, day in child.records:
        factory.care(school, pupil_id, teacher, kind, day)
    return pupil_id
