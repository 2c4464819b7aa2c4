"""The table adds up for any school whose children are known; each rule, broken, leads to the child."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from lxsaas.core.scope import operating
from lxsaas.filings.definitions import BY_CODE, COLUMNS, DIVISIONS, PARTS, TOTAL
from lxsaas.filings.drafting import Source, read_children, usual_cut_off
from lxsaas.indicators.explaining import explain
from lxsaas.schools.actions import choose_care_definition
from lxsaas.schools.models import District, Term
from tests.factories import Factory
from tests.filings.conftest import Office, set_up, today

CHILDREN = st.lists(
    st.fixed_dictionaries(
        {
            "grade": st.integers(0, 9),
            "age": st.integers(3, 17),
            "kind": st.sampled_from(["both", "one"]),
            "sex": st.sampled_from(["male", "female"]),
            "is_boarding": st.booleans(),
            "health": st.sampled_from(["10", "20", "30", "40", "50"]),
            "profile": st.fixed_dictionaries(
                {
                    "lives_with": st.sampled_from(["grandparents", "relatives", "others", "alone"]),
                    "guardianship": st.sampled_from(["good", "fair", "poor"]),
                    "is_registered": st.booleans(),
                }
            ),
            "household_place": st.sampled_from(["500101", None]),
        }
    ),
    max_size=8,
)


@given(children=CHILDREN)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_rule_holds_for_any_school_and_every_figure_opens_its_children(
    app: Flask, children: list[dict[str, Any]]
) -> None:
    office = set_up(app, Factory(app))
    ids = {office.child(**one): one for one in children}
    sheet = office.draft()
    assert sheet.adds_up
    assert sheet.fault_count == 0
    under = {number for number, one in ids.items() if one["age"] < 16}
    assert sheet.total[TOTAL] == len(under)
    for column in COLUMNS:
        assert sheet.total[column] == sum(row[column] for row in sheet.grades.values())
    for division in DIVISIONS:
        assert sum(sheet.total[part.code] for part in division.parts) == sheet.total[TOTAL]
    source = Source.draft(office.school.id, office.asked())
    with office.factory.session(office.school.scope) as session:
        seen = {column: read_children(session, source, column) for column in COLUMNS}
    assert {column: len(found) for column, found in seen.items()} == dict(sheet.total)
    assert {child["pupil_id"] for child in seen[TOTAL]} == under


BROKEN: dict[str, tuple[str, dict[str, Any]]] = {
    "boarding": ("pupil", {"is_boarding": None}),
    "health": ("pupil", {"health": None}),
    "age": ("pupil", {"born_on": today() + timedelta(days=1)}),
    "guardianship": ("child_profile", {"guardianship": None}),
    "keeper": ("child_profile", {"lives_with": None}),
    "residence": ("pupil", {"household_place": None}),
}


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_rule_is_caught_and_leads_to_the_child_and_its_form(office: Office, code: str) -> None:
    office.child()
    broken = office.child()
    table, values = BROKEN[code]
    office.change(table, broken, **values)
    sheet = office.draft()
    assert [one.division.code for one in sheet.checks if not one.holds] == [code]
    [check] = [one for one in sheet.checks if not one.holds]
    assert (check.total, check.sum) == (2, 1)
    assert [fault.pupil_id for fault in check.faults] == [broken]
    page = office.client(office.principal).get(office.draft_path).text
    form = {"basics": "basics", "profile": "profile", "pupil": ""}[BY_CODE[code].form]
    assert f'href="{office.school.path}pupils/{broken}{"/" if form else ""}{form}"' in page
    listed = office.client(office.principal).get(f"{office.draft_path}/children?column=no_{code}").text
    assert f"pupils/{broken}" in listed


def test_a_class_beyond_the_table_is_caught(office: Office) -> None:
    odd = office.child(grade=10)
    assert [fault.pupil_id for fault in office.draft().faults["stage"]] == [odd]


def test_a_child_with_a_parent_while_both_are_away_is_caught(office: Office) -> None:
    odd = office.child(profile={"lives_with": "parent"})
    office.child(kind="one", profile={"lives_with": "parent"})
    sheet = office.draft()
    assert [fault.pupil_id for fault in sheet.faults["keeper"]] == [odd]
    assert sheet.total["with_others"] == 1


@pytest.mark.parametrize(("table", "column"), [("pupil", "sex"), ("left_behind_spell", "kind")])
def test_the_database_itself_keeps_two_of_the_rules(office: Office, table: str, column: str) -> None:
    child = office.child()
    with pytest.raises(IntegrityError):
        office.change(table, child, **{column: None})


def test_mending_the_form_makes_it_add_up(office: Office) -> None:
    child = office.child()
    office.change("child_profile", child, guardianship=None)
    client = office.client(office.principal)
    path = f"{office.school.path}pupils/{child}/profile"
    form = {"lives_with": "grandparents", "guardianship": "fair", "version": "1"}
    assert client.post(path, data=form).status_code == 302
    assert office.draft().adds_up
    assert office.draft().total["guarded_fairly"] == 1


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


def test_a_drop_out_is_in_no_stage(office: Office) -> None:
    child = office.child()
    with office.factory.session(office.school.scope) as session:
        session.execute(
            sa.text(
                "insert into drop_out (school_id, pupil_id, since_on, reason, recorded_by)"
                " values (:school, :pupil, '2026-10-01', 'work', :by)"
            ),
            {"school": office.school.id, "pupil": child, "by": office.principal.id},
        )
    sheet = office.draft()
    assert (sheet.total["dropped_out"], sheet.total["in_primary"], sheet.adds_up) == (1, 0, True)


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
