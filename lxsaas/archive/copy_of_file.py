"""What the file holds on a child: on paper for its guardian (PIPL art. 45), and as a chapter of the whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from lxsaas.archive import law, queries
from lxsaas.archive.child_file import ChildFile, kept_file
from lxsaas.core.crypto import SchoolCipher
from lxsaas.core.export import Table
from lxsaas.pupils import labels
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.secrets import Opened
from lxsaas.pupils.whole_file import FilePart, add_part


@dataclass(frozen=True)
class Others:
    """Rows of a child's file that its page does not show, all times included."""

    temporary: Sequence[Any]
    entrustments: Sequence[Any]
    requests: Sequence[Any]

    @classmethod
    def of(cls, session: Session, pupil: Pupil) -> "Others":
        school_id, ids = pupil.school_id, [pupil.id]
        return cls(
            session.scalars(queries.temporary_guardians_of(school_id, ids)).all(),
            session.scalars(queries.entrustments_of(school_id, ids)).all(),
            session.scalars(queries.corrections_of(school_id, pupil.id)).all(),
        )

    @property
    def rows(self) -> list[Any]:
        return [*self.temporary, *self.entrustments, *self.requests]


def chapter(session: Session, cipher: SchoolCipher, pupil: Pupil, today: date) -> FilePart:
    """The archive's part of the whole file; the caller logs the sight."""
    file, others = kept_file(session, pupil, today), Others.of(session, pupil)
    opened = Opened(cipher, [*file.sealed_rows, *others.rows])
    return FilePart(
        gettext("The child’s file"),
        facts_of(file, opened),
        [one for one in tables_of(session, file, others, opened) if one.rows],
    )


add_part(chapter)


def facts_of(file: ChildFile, opened: Opened) -> list[tuple[str, str]]:
    """What is known of the child itself: (term, value)."""
    pupil, profile = file.pupil, file.profile
    own, texts = opened.of(pupil), opened.of(profile)
    known = [
        (gettext("Name"), pupil.name),
        (gettext("Sex"), gettext(labels.SEXES[pupil.sex])),
        (gettext("Born on"), _day(pupil.born_on)),
        (gettext("Class"), file.school_class.code),
        (gettext("Enrolled on"), _day(pupil.enrolled_on)),
        (gettext("Identity number"), own["identity"]),
        (gettext("Address"), own["address"]),
        (gettext("Telephone"), own["phone"]),
        (gettext("Ethnicity"), pupil.ethnicity),
        (gettext("Household"), _truth(pupil.is_rural, gettext("rural"), gettext("urban"))),
        (gettext("Boarding"), _truth(pupil.is_boarding, gettext("yes"), gettext("no"))),
        (gettext("Health"), gettext(labels.HEALTH[pupil.health]) if pupil.health in labels.HEALTH else None),
        (gettext("Receives aid"), _truth(pupil.receives_aid, gettext("yes"), gettext("no"))),
        (gettext("Lives with"), _lives(profile)),
        (gettext("Guardianship"), _rated(profile)),
        (
            gettext("Household registration"),
            _truth(
                profile.is_registered if profile else None,
                gettext("registered as a resident"),
                gettext("not registered"),
            ),
        ),
        (gettext("Character"), texts.get("character")),
        (gettext("Interests"), texts.get("interests")),
        (gettext("State of health"), texts.get("health")),
        (gettext("Past illnesses, allergies, medicines"), texts.get("history")),
    ]
    return [(term, value or "–") for term, value in known]


def tables_of(session: Session, file: ChildFile, others: Others, opened: Opened) -> list[Table]:
    """Family, absences, guardians, entrustments, contact, consents and requests."""
    return [
        _family(file, opened),
        _away(file),
        _people(gettext("Temporary guardians"), others.temporary, opened),
        _people(gettext("Entrustments"), others.entrustments, opened),
        _weeks(session, file),
        _consents(session, file),
        _requests(others.requests, opened),
    ]


def _table(title: str, headings: list[str], rows: list[list[str]]) -> Table:
    return Table(title, [], headings, ["text"] * len(headings), rows)


def _family(file: ChildFile, opened: Opened) -> Table:
    headings = [
        gettext("Name"), gettext("Relation"), gettext("Telephone"), gettext("Address"),
        gettext("Place of work"),
    ]  # fmt: skip
    rows = [
        [
            one.name,
            _relation(one),
            opened.of(one)["phone"] or "–",
            opened.of(one)["address"] or "–",
            one.workplace or "–",
        ]
        for one in file.family
    ]
    return _table(gettext("Family"), headings, rows)


def _away(file: ChildFile) -> Table:
    headings = [gettext("Parent"), gettext("From"), gettext("Until"), gettext("Where")]
    rows = [
        [gettext(labels.PARENTS[one.parent]), _day(one.starts_on), _day(one.ends_on), one.place or "–"]
        for one in file.absences
    ]
    return _table(gettext("Parents away"), headings, rows)


def _people(title: str, people: Iterable[Any], opened: Opened) -> Table:
    headings = [
        gettext("Name"), gettext("Relation"), gettext("From"), gettext("Until"), gettext("Telephone"),
        gettext("Address"),
    ]  # fmt: skip
    rows = [
        [
            one.name,
            _relation(one),
            _day(one.starts_on),
            _day(one.ends_on),
            opened.of(one)["phone"] or "–",
            opened.of(one)["address"] or "–",
        ]
        for one in people
    ]
    return _table(title, headings, rows)


def _weeks(session: Session, file: ChildFile) -> Table:
    since = file.pupil.enrolled_on - timedelta(days=7)
    held = session.scalars(queries.weeks_of(file.pupil.school_id, [file.pupil.id], since)).all()
    rows = [
        [
            _day(one.week_on),
            _truth(one.with_child, gettext("yes"), gettext("no")) or "",
            _truth(one.with_guardian, gettext("yes"), gettext("no")) or "",
        ]
        for one in held
    ]
    headings = [gettext("Week"), gettext("With the child"), gettext("With the guardian")]
    return _table(gettext("Parents’ weekly contact"), headings, rows)


def _consents(session: Session, file: ChildFile) -> Table:
    held = session.scalars(queries.consents_of(file.pupil.school_id, [file.pupil.id])).all()
    rows = [
        [
            gettext(law.PURPOSES[one.purpose].name) if one.purpose in law.PURPOSES else one.purpose,
            one.given_by,
            _day(one.given_on),
            _day(one.revoked_on),
            str(one.text_version),
        ]
        for one in held
    ]
    headings = [
        gettext("Purpose"), gettext("Given by"), gettext("Given on"), gettext("Revoked on"),
        gettext("Version of the text"),
    ]  # fmt: skip
    return _table(gettext("Consents"), headings, rows)


def _requests(requests: Iterable[Any], opened: Opened) -> Table:
    headings = [
        gettext("Asked on"), gettext("Asked by"), gettext("What is wrong, and what it should be"),
        gettext("Decision"), gettext("Answer to the guardian"),
    ]  # fmt: skip
    rows = [
        [
            _day(one.asked_on),
            one.asked_by,
            opened.of(one)["words"] or "–",
            gettext(law.OUTCOMES[one.outcome]) if one.outcome else gettext("not decided yet"),
            opened.of(one)["answer"] or "–",
        ]
        for one in requests
    ]
    return _table(gettext("Requests of guardians"), headings, rows)


def _lives(profile: Any) -> str | None:
    return str(gettext(law.LIVES_WITH[profile.lives_with])) if profile and profile.lives_with else None


def _rated(profile: Any) -> str | None:
    return str(gettext(law.GUARDIANSHIP[profile.guardianship])) if profile and profile.guardianship else None


def _relation(one: Any) -> str:
    known = labels.RELATIONS.get(one.relation)
    return str(gettext(known)) if known else getattr(one, "relation_note", None) or one.relation


def _day(value: date | None) -> str:
    return str(format_date(value, "yyyy-MM-dd")) if value else "–"


def _truth(value: bool | None, yes: str, no: str) -> str | None:
    return None if value is None else yes if value else no
