"""The table adds up for any school whose children are known, and every figure opens its children."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lxsaas.archive.models import ChildProfile, TemporaryGuardian
from lxsaas.core import clock
from lxsaas.filings.definitions import (
    COLUMNS,
    DEFAULT_DEFINITION,
    TOTAL,
    UNDER_AGE,
)
from lxsaas.filings.drafting import Source, read_children
from lxsaas.pupils.models import Guardian, LeftBehindSpell, Pupil
from lxsaas.support.models import DropOut
from tests.factories import Factory
from tests.filings.conftest import Office, set_up, today

PARTS_OF: dict[str, dict[Any, str]] = {
    "sex": {"male": "boys", "female": "girls"},
    "kind": {"both": "both_away", "one": "one_away"},
    "is_boarding": {True: "boarders", False: "day_pupils"},
    "health": {
        "10": "healthy", "20": "healthy", "30": "chronically_ill", "40": "disabled", "50": "disabled",
    },
    "guardianship": {"good": "guarded_well", "fair": "guarded_fairly", "poor": "guarded_poorly"},
    "home": {
        "grandparents": "with_grandparents", "relatives": "with_relatives", "others": "with_others",
        "alone": "with_nobody", "parent": "with_others",
    },
    "known_by": {
        "identity": "registered", "place": "registered", "yes": "registered", "no": "not_registered",
    },
}  # fmt: skip
"""What a child may be, and the column in which it is then counted."""
RELATIONS = {"grandparents": "62", "relatives": "97", "others": "99"}
OF_CHILD: dict[str, list[Any]] = {
    **{name: [*parts] for name, parts in PARTS_OF.items()},
    "grade": [*range(10)],
    "age": [*range(3, 18)],
    "said_by": ["file", "family", "guardian"],
    "is_here": "yes/left/will leave/will come/no longer left behind/dropped out/came back".split("/"),
}
OF_EVERY_KIND = [
    {name: options[number % len(options)] for name, options in OF_CHILD.items()} for number in range(45)
]


@pytest.fixture(scope="module")
def at(app: Flask) -> Office:
    return set_up(app, Factory(app))


@given(
    children=st.lists(
        st.fixed_dictionaries({name: st.sampled_from(options) for name, options in OF_CHILD.items()}),
        max_size=12,
    )
)
@example(children=OF_EVERY_KIND)
@settings(max_examples=10, deadline=None)
def test_every_rule_holds_for_any_school_and_every_figure_opens_its_children(
    at: Office, children: list[dict[str, Any]]
) -> None:
    """A school of ten children, each counted by hand in nine columns."""
    office = set_up(at.app, at.factory, at.district)
    grades: dict[int, Counter[str]] = {}
    behind: dict[str, set[int]] = {column: set() for column in COLUMNS}
    for number, one in zip(settle(office, children), children, strict=True):
        for column in columns_of(one):
            grades.setdefault(one["grade"], Counter())[column] += 1
            behind[column].add(number)
    sheet = office.draft()
    assert sheet.adds_up
    assert sheet.faults == {}
    assert {grade: Counter(row) for grade, row in sheet.grades.items()} == grades
    source = Source.draft(office.school.id, office.asked())
    with office.factory.session(office.school.scope) as session:
        for column, ids in behind.items():
            found = read_children(session, source, column)
            assert {child["pupil_id"] for child in found} == ids
            assert sheet.total[column] == len(found) == len(ids)
    if children == OF_EVERY_KIND:
        assert [column for column in COLUMNS if not sheet.total[column]] == []


def columns_of(one: dict[str, Any]) -> list[str]:
    """The columns in which a child is counted: none, or the total and nine more."""
    if one["age"] >= UNDER_AGE or one["is_here"] in ("left", "will come", "no longer left behind"):
        return []
    age = "aged_0_5" if one["age"] < 6 else "aged_6_13" if one["age"] < 14 else "aged_14_15"
    grade = one["grade"]
    stage = "in_preschool" if grade < 1 else "in_primary" if grade < 7 else "in_junior"
    homed = {"alone": "guarded_poorly"}.get(one["home"], PARTS_OF["guardianship"][one["guardianship"]])
    return [
        TOTAL, age, "dropped_out" if one["is_here"] == "dropped out" else stage, homed,
        *(PARTS_OF[name][one[name]] for name in ("sex", "kind", "is_boarding", "health", "known_by")),
        # With a parent while both are away would be a mistake: these are with a relative.
        PARTS_OF["home"]["relatives" if (one["home"], one["kind"]) == ("parent", "both") else one["home"]],
    ]  # fmt: skip


def settle(office: Office, children: list[dict[str, Any]]) -> list[int]:
    """Writes the children into the archive, in one transaction; their ids."""
    classes = {one["grade"]: office.class_of(one["grade"]) for one in children}
    with office.factory.session(office.school.scope) as session:
        return [settle_one(session, office, classes[one["grade"]], one) for one in children]


def settle_one(session: Session, office: Office, class_id: int, one: dict[str, Any]) -> int:
    school, day = {"school_id": office.school.id}, today()
    here, known = one["is_here"], one["known_by"]
    pupil = Pupil(
        **school, class_id=class_id, name="童", pinyin="t tong", sex=one["sex"], register_left_behind=0,
        born_on=clock.add_months(day, -12 * one["age"] - 3), is_boarding=one["is_boarding"],
        health=one["health"], identity_type="1", household_place="500101" if known == "place" else None,
        identity_digest=uuid4().bytes if known == "identity" else None,
        enrolled_on=day + timedelta(days=1) if here == "will come" else date(2024, 1, 1),
        left_on={"left": day, "will leave": day + timedelta(days=1)}.get(here),
    )  # fmt: skip
    session.add(pupil)
    session.flush()
    child = school | {"pupil_id": pupil.id}
    by = {"recorded_by": office.principal.id}
    home = "relatives" if (one["home"], one["kind"]) == ("parent", "both") else one["home"]
    said_by = "file" if home in ("alone", "parent") else one["said_by"]
    session.add_all([
        LeftBehindSpell(
            **child, definition=DEFAULT_DEFINITION, definition_version=1, kind=one["kind"],
            starts_on=date(2024, 1, 1), ends_on=day if here == "no longer left behind" else None,
        ),
        ChildProfile(
            **child, **by, no_history=True, guardianship=None if home == "alone" else one["guardianship"],
            lives_with={"file": home, "guardian": "others"}.get(said_by),
            is_registered={"yes": True, "no": False}.get(known),
        ),
    ])  # fmt: skip
    if said_by == "family":
        session.add(Guardian(**child, position=1, name="亲", relation=RELATIONS[home], is_at_home=True))
    if one["said_by"] == "guardian":
        # A parent as temporary guardian says nothing: then what the file says counts.
        relation = "51" if said_by == "file" else RELATIONS[home]
        session.add(TemporaryGuardian(
            **child, **by, name="亲", relation=relation, phone_sealed=b"", starts_on=day,
        ))  # fmt: skip
    if here in ("dropped out", "came back"):
        session.add(DropOut(
            **child, **by, since_on=day - timedelta(days=9), reason="work",
            returned_on=day if here == "came back" else None,
        ))  # fmt: skip
    return pupil.id
