"""A district as plain data: what is known of it, and nothing of how it is stored or counted.

A day that ends something is the first day on which it is no longer so.
"""

from dataclasses import dataclass, fields, replace
from datetime import date

from lxsaas.care.models import CareKind

Span = tuple[date, date | None]


@dataclass(frozen=True)
class Record:
    """A care record."""

    kind: CareKind
    day: date
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Spell:
    """Something that was so from a day to a day: left behind by a definition, paired in a way, at a risk."""

    what: str
    starts_on: date
    ends_on: date | None
    is_withdrawn: bool = False

    def is_open(self, day: date) -> bool:
        """Whether it counts and was so on a day."""
        has_ended = self.ends_on is not None and self.ends_on <= day
        return not self.is_withdrawn and self.starts_on <= day and not has_ended


@dataclass(frozen=True)
class Visit:
    """A must-visit."""

    due_on: date
    closed_on: date | None
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Facts:
    """What is known of a child besides the register."""

    spells: tuple[Spell, ...] = ()
    """`what`: code of a definition."""
    known: tuple[Spell, ...] = ()
    """`what`: 'complete' or 'gaps'."""
    pairings: tuple[Spell, ...] = ()
    risks: tuple[Spell, ...] = ()
    """`what`: '1', '2', '3'."""
    drop_outs: tuple[Spell, ...] = ()
    plans: tuple[tuple[str, bool], ...] = ()
    """Name of the term, whether withdrawn."""
    records: tuple[Record, ...] = ()
    visits: tuple[Visit, ...] = ()

    def with_more(self, more: "Facts") -> "Facts":
        """These facts and others besides."""
        names = [one.name for one in fields(self)]
        return Facts(**{name: getattr(self, name) + getattr(more, name) for name in names})


@dataclass(frozen=True)
class Child:
    born_on: date
    enrolled_on: date
    left_on: date | None
    classes: tuple[tuple[int, date, date | None], ...]
    """In which class of the school from when to when."""
    facts: Facts = Facts()

    def is_enrolled(self, day: date) -> bool:
        return self.enrolled_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True)
class Exam:
    """Totals by the child's number: None for who missed a part, 'empty' for who was taken out."""

    taken_on: date
    totals: tuple[tuple[int, int | None | str], ...]
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Event:
    """Something held on a day with children: an activity, or a session of the parents' school."""

    held_on: date
    children: tuple[int, ...] = ()
    kind: str = "festival"
    minutes: int = 40
    notice_on: date | None = None
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Dated:
    """A meeting, an opening of the children's home with so many on duty, or what class so and so did."""

    day: date
    number: int = 0
    is_held: bool = True
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Document:
    kind: str
    published_on: date | None
    receipts: tuple[tuple[int, date | None], ...]
    """Which colleague confirmed reading it, and when."""
    is_withdrawn: bool = False


@dataclass(frozen=True)
class SchoolData:
    """A school, or what is added to one later; numbers of children count those who were there before."""

    township: int | None = None
    children: tuple[Child, ...] = ()
    teachers: tuple[tuple[int, int, date, date | None], ...] = ()
    """Class, colleague, from, to."""
    exams: tuple[Exam, ...] = ()
    activities: tuple[Event, ...] = ()
    sessions: tuple[Event, ...] = ()
    meetings: tuple[Dated, ...] = ()
    openings: tuple[Dated, ...] = ()
    class_activities: tuple[Dated, ...] = ()
    documents: tuple[Document, ...] = ()
    filings: tuple[tuple[str, date], ...] = ()
    """Name of the term, day of sending."""

    def with_more(self, more: "SchoolData") -> "SchoolData":
        """The school with everything of another piece added."""
        names = [one.name for one in fields(self) if one.name != "township"]
        return replace(self, **{name: getattr(self, name) + getattr(more, name) for name in names})


@dataclass(frozen=True)
class TermData:
    name: str
    starts_on: date
    ends_on: date
    filing_due_on: date | None


@dataclass(frozen=True)
class DistrictData:
    timezone: str
    terms: tuple[TermData, ...]
    definition: str
    choices: tuple[tuple[date, str], ...]
    """From which day on another definition is counted."""
    schools: tuple[SchoolData, ...]

    def definition_on(self, day: date) -> str:
        """Whose children count on a day."""
        chosen = [choice for choice in self.choices if choice[0] <= day]
        return max(chosen)[1] if chosen else self.definition

    def with_school(self, index: int, school: SchoolData) -> "DistrictData":
        """The district with one school in another state."""
        return replace(self, schools=(*self.schools[:index], school, *self.schools[index + 1 :]))
