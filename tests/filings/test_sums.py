"""Each rule of the table, broken in the data, leads to the child and the form that mends it."""

import html
import re
from datetime import date, timedelta
from typing import Any

import lxml.html
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from lxsaas.core.errors import RuleError
from lxsaas.core.scope import operating
from lxsaas.filings.definitions import (
    BY_CODE,
    COLUMNS,
    DIVISIONS,
    PARTS,
    TOTAL,
)
from lxsaas.filings.drafting import Source, read_children, usual_cut_off
from lxsaas.indicators.explaining import explain
from lxsaas.schools.actions import choose_care_definition
from lxsaas.schools.models import District, Term
from tests.factories import Factory
from tests.filings.conftest import Office, set_up, today

BROKEN: dict[str, tuple[str, dict[str, Any]]] = {
    "age": ("pupil", {"born_on": today() + timedelta(days=1)}),
    "stage": ("pupil", {"class_id": None}),
    "boarding": ("pupil", {"is_boarding": None}),
    "health": ("pupil", {"health": None}),
    "guardianship": ("child_profile", {"guardianship": None}),
    "keeper": ("child_profile", {"lives_with": None}),
    "residence": ("pupil", {"household_place": None}),
}
REFUSED = {"sex": ("pupil", "sex"), "kind": ("left_behind_spell", "kind")}
"""What no child can be without: the database itself keeps these rules."""
MENDED = {
    "boarding": {"is_boarding": "0"}, "health": {"health": "10"}, "guardianship": {"guardianship": "fair"},
    "keeper": {"lives_with": "grandparents"}, "residence": {"is_registered": "1"},
}  # fmt: skip
"""What is typed into the form to which the broken rule leads."""


def test_each_rule_broken_in_the_data_is_caught_and_leads_to_the_child_and_a_form(office: Office) -> None:
    assert {*BROKEN, *REFUSED} == {*BY_CODE}
    office.child()
    client = office.client(office.principal)
    for code, (table, values) in BROKEN.items():
        broken = office.child()
        given = {"class_id": office.class_of(10)} if code == "stage" else values
        office.change(table, broken, **given)
        sheet = office.draft()
        [check] = [one for one in sheet.checks if not one.holds]
        assert (check.division.code, check.total - check.sum) == (code, 1)
        assert [fault.pupil_id for fault in check.faults] == [broken]
        form = {"basics": "/basics", "profile": "/profile", "pupil": ""}[BY_CODE[code].form]
        address = f"{office.school.path}pupils/{broken}{form}"
        page = client.get(office.draft_path).text
        assert f'href="{address}"' in page
        assert 'name="password"' not in page, "nothing to sign"
        assert address in client.get(f"{office.draft_path}/children?column=no_{code}").text
        with pytest.raises(RuleError, match="filing_does_not_add_up"):
            office.sign()
        if code in MENDED:
            mend(client, address, MENDED[code])
            assert office.draft().adds_up, code
        else:
            assert client.get(address).status_code == 200
            office.change("pupil", broken, left_on=today())


def test_a_child_who_has_left_since_is_mended_on_the_page_of_facts(app: Flask, factory: Factory) -> None:
    """Its file has no pages any more; one whose file another school has is not counted at all."""
    office = set_up(app, factory, cut_off_on=today() - timedelta(days=9))
    gone, moved = office.child(), office.child()
    office.change("child_profile", gone, guardianship=None)
    office.change("pupil", gone, left_on=today() - timedelta(days=2))
    assert [fault.pupil_id for fault in office.draft().faults["guardianship"]] == [gone]
    client = office.client(office.principal)
    address = f"{office.school.path}filings/facts?missing=guardianship&term={office.term_id}"
    draft = client.get(office.draft_path).text
    assert f'href="{html.escape(address)}"' in draft
    assert f"pupils/{gone}" not in draft
    page = lxml.html.fromstring(client.get(address).text)
    [form] = [one for one in page.forms if f"{gone}-guardianship" in one.fields]
    typed = dict(form.form_values()) | {f"{gone}-guardianship": "fair"}
    assert client.post(address, data=typed).status_code == 302
    assert (office.draft().adds_up, office.draft().total["guarded_fairly"]) == (True, 1)
    with office.factory.session(office.school.scope) as session:
        session.execute(
            sa.text(
                "insert into transfer_package"
                " (school_id, pupil_id, to_name, from_name, requested_by, expires_on)"
                " values (:school, :pupil, '外校', '本校', :by, current_date + 9)"
            ),
            {"school": office.school.id, "pupil": moved, "by": office.principal.id},
        )
        for state in ("received", "forgotten"):
            session.execute(sa.text("update transfer_package set state = :state"), {"state": state})
    assert [office.draft().total[one] for one in (TOTAL, "guarded_well")] == [1, 0]


def mend(client: FlaskClient, address: str, typed: dict[str, str]) -> None:
    """Fills in what was missing; all else in the form stays as it came."""
    page = lxml.html.fromstring(client.get(address).text)
    [form] = [one for one in page.forms if "version" in one.fields]
    assert client.post(address, data=dict(form.form_values()) | typed).status_code == 302


def test_the_database_itself_keeps_the_other_rules(office: Office) -> None:
    child = office.child()
    for table, column in REFUSED.values():
        for value in (None, "x"):
            with pytest.raises(IntegrityError):
                office.change(table, child, **{column: value})
    with office.factory.session(office.school.scope) as session:
        query = sa.text(
            "select pg_get_constraintdef(oid) from pg_constraint"
            " where conrelid = 'district_filing'::regclass and contype = 'c'"
        )
        kept = {frozenset(re.findall(r"\w+", one)) - {"CHECK", TOTAL} for one in session.scalars(query)}
    assert kept == {frozenset(part.code for part in one.parts) for one in DIVISIONS}


def test_a_child_with_a_parent_while_both_are_away_is_caught(office: Office) -> None:
    odd = office.child(profile={"lives_with": "parent"})
    office.child(kind="one", profile={"lives_with": "parent"})
    sheet = office.draft()
    assert [fault.pupil_id for fault in sheet.faults["keeper"]] == [odd]
    assert sheet.total["with_others"] == 1


def test_what_the_archive_knows_is_not_asked_again(office: Office) -> None:
    child = office.child(household_place=None)
    office.change("pupil", child, identity_digest=b"x")
    assert office.draft().total["registered"] == 1
    office.change("child_profile", child, lives_with=None)
    with office.factory.session(office.school.scope) as session:
        session.execute(
            sa.text(
                "insert into guardian (school_id, pupil_id, position, name, relation, is_at_home)"
                " values (:school, :pupil, 1, '奶奶', '62', true)"
            ),
            {"school": office.school.id, "pupil": child},
        )
    assert office.draft().total["with_grandparents"] == 1
    with office.factory.session(office.school.scope) as session:
        session.execute(
            sa.text(
                "insert into temporary_guardian"
                " (school_id, pupil_id, name, relation, starts_on, phone_sealed, recorded_by)"
                " values (:school, :pupil, '姨', '97', '2026-09-01', '', :by)"
            ),
            {"school": office.school.id, "pupil": child, "by": office.principal.id},
        )
    assert office.draft().total["with_relatives"] == 1
    office.child(profile={"lives_with": "alone", "guardianship": None})
    sheet = office.draft()
    assert sheet.adds_up
    assert (sheet.total["with_nobody"], sheet.total["guarded_poorly"]) == (1, 1)


def test_the_total_is_the_indicator_of_the_day_and_definition(office: Office) -> None:
    for age in (7, 9, 12):
        office.child(age=age)
    gone = office.child()
    office.change("pupil", gone, left_on=today())
    with office.factory.session(operating()) as session:
        choose_care_definition(
            session, district=session.get_one(District, office.district.id), definition="state_council_2016",
            since=date(2020, 1, 1),
        )  # fmt: skip
    with office.factory.session(office.school.scope) as session:
        found = explain(
            session, school_id=office.school.id, district_id=office.district.id, code="care_targets",
            as_of=today(),
        )  # fmt: skip
        counted = {one.item for one in found.due if one.is_counted}
        source = Source.draft(office.school.id, office.asked())
        assert counted == {child["pupil_id"] for child in read_children(session, source)}
    assert office.draft().total[TOTAL] == found.numerator == 3


def test_the_draft_costs_the_same_for_one_child_and_for_many(office: Office) -> None:
    client = office.client(office.principal)
    office.child()
    client.get(office.draft_path)
    with office.factory.counting_queries() as one:
        client.get(office.draft_path)
    for _ in range(6):
        office.child()
    with office.factory.counting_queries() as many:
        client.get(office.draft_path)
    assert len(many) == len(one)


def test_without_a_call_the_month_before_the_due_day_is_cut_off() -> None:
    term = Term(name="x", starts_on=date(2026, 9, 1), ends_on=date(2027, 1, 20))
    term.filing_due_on = date(2026, 11, 15)
    assert usual_cut_off(term) == date(2026, 10, 31)
    term.filing_due_on = date(2026, 9, 20)
    assert usual_cut_off(term) == date(2026, 9, 1)


def test_each_column_belongs_to_one_division() -> None:
    assert len(PARTS) == len(COLUMNS) - 1 == sum(len(one.parts) for one in DIVISIONS)
