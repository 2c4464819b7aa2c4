"""What the school holds on a child, as its guardian may see it (PIPL art. 45)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from lxsaas.archive import law, queries
from lxsaas.archive.child_file import ChildFile
from lxsaas.archive.hooks import CopyPart, copy_parts
from lxsaas.pupils import labels
from lxsaas.pupils.secrets import Opened


def parts_of_copy(
    session: Session, file: ChildFile, others: Mapping[str, Sequence[Any]], opened: Opened
) -> list[CopyPart]:
    """The tables of the copy. `others`: temporary guardians, entrustments, requests, all times included."""
    pupil, profile = file.pupil, file.profile
    own, texts = opened.of(pupil), opened.of(profile)
    basics = [
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
        (gettext("Character"), texts.get("character")),
        (gettext("Interests"), texts.get("interests")),
        (gettext("State of health"), texts.get("health")),
        (gettext("Past illnesses, allergies, medicines"), texts.get("history")),
    ]
    parts = [
        CopyPart(gettext("The child"), ["", ""], [[name, value or "–"] for name, value in basics]),
        _family(file, opened),
        _away(file),
        _people(gettext("Temporary guardians"), others["temporary"], opened),
        _people(gettext("Entrustments"), others["entrustments"], opened),
        _weeks(session, file),
        _consents(session, file),
        _requests(others["requests"], opened),
    ]
    for add in copy_parts:
        parts += add(session, pupil)
    return [part for part in parts if part.rows]


def _family(file: ChildFile, opened: Opened) -> CopyPart:
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
    return CopyPart(gettext("Family"), headings, rows)


def _away(file: ChildFile) -> CopyPart:
    headings = [gettext("Parent"), gettext("From"), gettext("Until"), gettext("Where")]
    rows = [
        [gettext(labels.PARENTS[one.parent]), _day(one.starts_on), _day(one.ends_on), one.place or "–"]
        for one in file.absences
    ]
    return CopyPart(gettext("Parents away"), headings, rows)


def _people(title: str, people: Iterable[Any], opened: Opened) -> CopyPart:
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
    return CopyPart(title, headings, rows)


def _weeks(session: Session, file: ChildFile) -> CopyPart:
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
    return CopyPart(gettext("Parents’ weekly contact"), headings, rows)


def _consents(session: Session, file: ChildFile) -> CopyPart:
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
    return CopyPart(gettext("Consents"), headings, rows)


def _requests(requests: Iterable[Any], opened: Opened) -> CopyPart:
    headings = [
        gettext("Asked on"), gettext("Asked by"), gettext("What is wrong, and what it should be"),
        gettext("Decision"), gettext("Answer to the guardian"),
    ]  # fmt: skip
    rows = [
        [
            _day(one.asked_on),
            one.asked_by,
            opened.of(one)["words"] or "–",
            gettext(law.OUTCOMES[one.outcome]) if one.outcome else gettext("open"),
            opened.of(one)["answer"] or "–",
        ]
        for one in requests
    ]
    return CopyPart(gettext("Requests of guardians"), headings, rows)


def _lives(profile: Any) -> str | None:
    return str(gettext(law.LIVES_WITH[profile.lives_with])) if profile and profile.lives_with else None


def _relation(one: Any) -> str:
    known = labels.RELATIONS.get(one.relation)
    return str(gettext(known)) if known else getattr(one, "relation_note", None) or one.relation


def _day(value: date | None) -> str:
    return str(format_date(value, "yyyy-MM-dd")) if value else "–"


def _truth(value: bool | None, yes: str, no: str) -> str | None:
    return None if value is None else yes if value else no
