"""Random districts with rich histories in a few weeks, so that whatever can coincide does.

Hypothesis chooses the sizes and a seed, and shrinks those; a district draws some thousand numbers, more
than it would care to shrink.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from random import Random

from hypothesis import strategies as st

from lxsaas.care.models import CareKind
from tests.indicators.world_data import (
    Child,
    Dated,
    DistrictData,
    Document,
    Event,
    Exam,
    Facts,
    Record,
    SchoolData,
    Spell,
    TermData,
    Visit,
)

SEASONS = (date(2023, 12, 11), date(2024, 1, 29), date(2024, 6, 17), date(2024, 12, 16))
"""Around the turn of the year, the leap day with the holidays before it, and the summer."""
LENGTH = 70
"""Days in which things happen."""
DEFINITIONS = ("register", "state_council_2016_3m", "school_practice")
CLASSES, COLLEAGUES = 3, 3
KINDS = (*CareKind, CareKind.TALK, CareKind.HOME_VISIT, CareKind.PARENT_CALL, CareKind.FAMILY_PHONE)
PAIRINGS = ("teacher", "pupil", "acting_parent", "volunteer")


@dataclass
class Dice:
    """Draws what a district is made of."""

    random: Random
    season: date

    def day(self) -> date:
        return self.season + timedelta(days=self.random.randrange(LENGTH))

    def one_in(self, number: int) -> bool:
        return self.random.randrange(number) == 0

    def few(self, most: int) -> range:
        return range(self.random.randrange(most + 1))

    def some(self, count: int) -> tuple[int, ...]:
        return tuple(number for number in range(count) if self.one_in(2))

    def periods(self, most: int = 2) -> list[tuple[date, date | None]]:
        """Times that do not touch each other; the last may last."""
        days = sorted({self.day() - timedelta(days=self.random.choice((0, 0, 60))) for _ in range(2 * most)})
        days = days[: self.random.randrange(len(days) + 1)]
        return list(zip_longest(days[::2], days[1::2]))

    def spells(self, *whats: str, withdrawn: bool = False, most: int = 2) -> tuple[Spell, ...]:
        return tuple(
            Spell(self.random.choice(whats), start, end, withdrawn and self.one_in(5))
            for start, end in self.periods(most)
        )

    def district(self, schools: list[int]) -> DistrictData:
        """A district whose schools have so many children."""
        terms = self.terms()
        choices = tuple((day, self.random.choice(DEFINITIONS)) for day in {self.day() for _ in self.few(2)})
        zone = self.random.choice(("Asia/Shanghai", "America/Los_Angeles"))
        data = tuple(self.school(count, terms) for count in schools)
        return DistrictData(zone, terms, self.random.choice(DEFINITIONS), choices, data)

    def terms(self) -> tuple[TermData, ...]:
        """Two school years; one term may be missing, another end early."""
        days = [("09-04", "01-19"), ("02-19", "07-05")]
        found = []
        for year in (2023, 2024):
            for half, (first, last) in enumerate(days):
                start, end = (
                    date.fromisoformat(day) + timedelta(days=self.random.randrange(-6, 7))
                    for day in (f"{year + half}-{first}", f"{year + 1}-{last}")
                )
                due = self.day() if self.one_in(2) else None
                found.append(TermData(f"{year}-{half + 1}", start, end, due))
        if self.one_in(3):
            found.pop(self.random.randrange(4))
        return tuple(found)

    def school(self, count: int, terms: tuple[TermData, ...], known: int = 0) -> SchoolData:
        """A school with so many children, or what is added to one that has `known` children already."""
        everyone = known + count
        children = tuple(self.child(terms) for _ in range(count))
        return SchoolData(
            township=self.random.choice((None, 0, 1)),
            children=children,
            teachers=() if known else tuple(
                (number, self.random.randrange(COLLEAGUES), start, end)
                for number in range(CLASSES) for start, end in self.periods()
            ),
            exams=tuple(self.exam(everyone) for _ in self.few(4)),
            activities=tuple(self.event(everyone) for _ in self.few(3)),
            sessions=tuple(self.event(everyone) for _ in self.few(4)),
            meetings=tuple(Dated(self.day(), is_withdrawn=self.one_in(5)) for _ in self.few(3)),
            openings=tuple(
                Dated(self.day(), self.random.randrange(COLLEAGUES + 1), is_withdrawn=self.one_in(6))
                for _ in self.few(20)
            ),
            class_activities=tuple(
                Dated(self.day(), self.random.randrange(CLASSES), not self.one_in(5), self.one_in(6))
                for _ in self.few(12)
            ),
            documents=tuple(self.document() for _ in self.few(3)),
            filings=tuple((self.random.choice(terms).name, self.day()) for _ in self.few(2)),
        )  # fmt: skip

    def child(self, terms: tuple[TermData, ...]) -> Child:
        enrolled_on = self.day() if self.one_in(4) else self.season - timedelta(days=100)
        left_on = max(enrolled_on, self.day()) if self.one_in(5) else None
        moves = sorted({self.day() for _ in self.few(2)} | {enrolled_on})
        classes = tuple(
            (self.random.randrange(CLASSES), start, next((later for later in moves if later > start), None))
            for start in moves
        )
        return Child(self.born(), enrolled_on, left_on, classes, self.facts(terms))

    def born(self) -> date:
        """A birthday in the season; often a leap day; now and then the day of birth itself."""
        if self.one_in(6):
            return date(2016, 2, 29)
        day = self.day()
        return day if self.one_in(12) else day.replace(year=2016)

    def facts(self, terms: tuple[TermData, ...]) -> Facts:
        spells = tuple(one for code in DEFINITIONS for one in self.mostly_open(code))
        return Facts(
            spells=spells,
            known=self.spells("complete", "complete", "gaps"),
            risks=self.spells("1", "3", "3", most=1 if self.one_in(2) else 3),
            drop_outs=self.spells("work", withdrawn=True, most=1) if self.one_in(3) else (),
            plans=tuple((term.name, self.one_in(4)) for term in terms if self.one_in(2)),
        ).with_more(self.later_facts())

    def mostly_open(self, definition: str) -> tuple[Spell, ...]:
        """Rates of nobody say little: many are left behind throughout."""
        if self.one_in(2):
            return (Spell(definition, self.season - timedelta(days=30), None),)
        return self.spells(definition)

    def later_facts(self) -> Facts:
        """What may be added to a child at any time without contradicting what is there."""
        return Facts(
            pairings=self.spells(*PAIRINGS, withdrawn=True),
            records=tuple(self.record() for _ in self.few(14)),
            visits=tuple(self.visit() for _ in self.few(2)),
        )

    def record(self) -> Record:
        return Record(self.random.choice(KINDS), self.day(), self.one_in(8))

    def visit(self) -> Visit:
        closed = self.day() if not self.one_in(3) else None
        return Visit(self.day(), closed, self.one_in(6))

    def exam(self, children: int) -> Exam:
        totals = tuple(
            (number, self.random.choice((None, "empty", 700, 700, 800, 850, 900, 950)))
            for number in range(children) if not self.one_in(5)
        )  # fmt: skip
        return Exam(self.day(), totals, self.one_in(6))

    def event(self, children: int) -> Event:
        day = self.day()
        notice = day - timedelta(days=self.random.randrange(-1, 4)) if not self.one_in(5) else None
        kind = self.random.choice(("lecture", "festival"))
        minutes = self.random.choice((39, 40, 60))
        return Event(day, self.some(children), kind, minutes, notice, self.one_in(6))

    def document(self) -> Document:
        receipts = tuple((who, self.day() if not self.one_in(4) else None) for who in self.some(COLLEAGUES))
        published = self.day() if not self.one_in(4) else None
        return Document(self.random.choice(("plan", "plan", "rule")), published, receipts, self.one_in(6))


dice = st.builds(Dice, st.integers(0, 2**32).map(Random), st.sampled_from(SEASONS))
sizes = st.lists(st.integers(0, 6), min_size=1, max_size=4)
