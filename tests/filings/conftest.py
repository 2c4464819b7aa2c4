"""A school whose children satisfy every rule of the table, its principal and an officer."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from lxsaas.accounts.models import Staff
from lxsaas.archive.models import ChildProfile
from lxsaas.core import clock
from lxsaas.core.scope import Scope, operating
from lxsaas.filings import queries
from lxsaas.filings.actions import decide_filing, sign_filing
from lxsaas.filings.asking import ask_for_filing, set_filing_call
from lxsaas.filings.definitions import Asked
from lxsaas.filings.drafting import Sheet, Source, asked_of, read_sheet
from lxsaas.filings.models import DistrictFiling, Filing
from lxsaas.pupils.models import LeftBehindSpell
from lxsaas.schools.actions import set_filing_day, set_term
from lxsaas.schools.models import District, Term
from tests.factories import PASSWORD, Factory, Person, Place

TERM = "2026-2027-1"


def today() -> date:
    return clock.today("Asia/Shanghai")


@dataclass
class Office:
    """A school with its district, and what is done with its filing."""

    app: Flask
    factory: Factory
    district: Place
    school: Place
    principal: Person
    officer: Person
    term_id: int
    classes: dict[int, int] = field(default_factory=dict)
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def class_of(self, grade: int) -> int:
        if grade not in self.classes:
            self.classes[grade] = self.factory.school_class(self.school, grade=grade)
        return self.classes[grade]

    def child(
        self,
        *,
        grade: int = 3,
        age: int = 9,
        kind: str = "both",
        profile: dict[str, Any] | None = None,
        **values: Any,
    ) -> int:
        """A left-behind child of whom everything is known, but for what is given."""
        born_on = clock.add_months(today(), -12 * age - 3)
        given = {
            "born_on": born_on, "sex": "female", "is_boarding": False, "health": "10",
            "household_place": "500101",
        } | values  # fmt: skip
        pupil_id = self.factory.pupil(self.school, self.class_of(grade), **given)
        known = {"lives_with": "grandparents", "guardianship": "good"} | (profile or {})
        with self.factory.session(self.school.scope) as session:
            session.add(
                LeftBehindSpell(
                    school_id=self.school.id, pupil_id=pupil_id, definition="state_council_2016",
                    definition_version=1, kind=kind, starts_on=date(2024, 1, 1),
                )
            )  # fmt: skip
            session.add(
                ChildProfile(
                    school_id=self.school.id, pupil_id=pupil_id, recorded_by=self.principal.id,
                    no_history=True, **known,
                )
            )  # fmt: skip
        return pupil_id

    def change(self, table: str, pupil_id: int, **values: Any) -> None:
        """Changes a child's row by hand."""
        column = "id" if table == "pupil" else "pupil_id"
        named = ", ".join(f"{name} = :{name}" for name in values)
        with self.factory.session(self.school.scope) as session:
            session.execute(
                sa.text(f"update {table} set {named} where {column} = :pupil"), values | {"pupil": pupil_id}
            )

    def asked(self) -> Asked:
        with self.factory.session(self.school.scope) as session:
            term = session.scalars(sa.select(Term).where(Term.id == self.term_id)).one()
            return asked_of(session, self.district.id, term)

    def draft(self) -> Sheet:
        asked = self.asked()
        with self.factory.session(self.school.scope) as session:
            return read_sheet(session, Source.draft(self.school.id, asked))

    @property
    def seal(self) -> str:
        """What the page of the draft hands to who signs."""
        return self.draft().seal(self.asked().basis)

    def ask(self, reason: str | None = None, **changed: Any) -> int:
        """An officer asks otherwise for what is given; how many schools are told."""
        with self.factory.session(self.district.scope) as session:
            term = session.get_one(Term, (self.district.id, self.term_id))
            asked = asked_of(session, self.district.id, term)
            wanted: dict[str, Any] = {
                "cut_off_on": asked.cut_off_on, "definition": asked.definition.code, "due_on": asked.due_on,
                "seen": asked.edition,
            }  # fmt: skip
            return ask_for_filing(
                session, term, **(wanted | changed), reason=reason, today=today(), by=self.officer.id
            )

    def sign(self, reason: str | None = None, password: str = PASSWORD) -> int:
        asked, seal = self.asked(), self.seal
        with self.factory.session(self.school.scope) as session:
            by = session.get_one(Staff, (self.school.id, self.principal.id))
            filing = sign_filing(
                session, asked=asked, seal=seal, reason=reason, password=password, today=today(), by=by
            )
            return filing.id

    def told(self, filing_id: int, scope: Scope | None = None) -> DistrictFiling:
        with self.factory.session(scope or self.district.scope) as session:
            query = sa.select(DistrictFiling).where(
                DistrictFiling.unit_id == self.school.id, DistrictFiling.filing_id == filing_id
            )
            row = session.scalars(query).one()
            session.expunge(row)
            return row

    def decide(self, filing_id: int, outcome: str, remarks: dict[str, str] | None = None) -> None:
        with self.factory.session(self.district.scope) as session:
            filing = session.get_one(DistrictFiling, (self.district.id, self.told(filing_id).id))
            decide_filing(
                session,
                filing,
                outcome=outcome,
                words=None,
                remarks=remarks or {},
                today=today(),
                by=self.officer.id,
                name="张",
            )

    def versions(self) -> list[Filing]:
        with self.factory.session(self.school.scope) as session:
            rows = list(session.scalars(queries.versions_of(self.school.id)))
            session.expunge_all()
            return rows

    def client(self, person: Person) -> FlaskClient:
        if person.username not in self.clients:
            self.clients[person.username] = person.sign_in(self.app.test_client())
        return self.clients[person.username]

    @property
    def draft_path(self) -> str:
        return f"{self.school.path}filings/terms/{self.term_id}"


def set_up(app: Flask, factory: Factory, district: Place | None = None, **days: date) -> Office:
    """A school of a district whose term asks for a filing, due in a fortnight, cut off today."""
    known = district
    district = district or factory.district()
    with factory.session(operating()) as session:
        found = session.get_one(District, district.id)
        if known is None:
            set_term(
                session, district=found, name=TERM, starts_on=today() - timedelta(days=100),
                ends_on=today() + timedelta(days=60),
            )  # fmt: skip
            set_filing_day(
                session, district=found, term=TERM, due_on=days.get("due_on", today() + timedelta(days=14))
            )
        term_id = session.scalars(sa.select(Term.id).where(Term.district_id == district.id)).one()
    officer = factory.officer(district)
    with factory.session(district.scope) as session:
        term = session.get_one(Term, (district.id, term_id))
        set_filing_call(
            session, term, cut_off_on=days.get("cut_off_on", today()), definition="state_council_2016",
            by=officer.id,
        )  # fmt: skip
    school = factory.school(district)
    return Office(app, factory, district, school, factory.staff(school, "principal"), officer, term_id)


@pytest.fixture
def office(app: Flask, factory: Factory) -> Office:
    return set_up(app, factory)
