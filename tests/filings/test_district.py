"""The district sums what was accepted, sees what is missing, judges versions; never a child."""

import io
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from lxsaas.core.audit import DistrictAuditEntry
from lxsaas.core.errors import RuleError
from lxsaas.core.scope import operating
from lxsaas.filings import standings
from lxsaas.filings.definitions import COLUMNS
from lxsaas.filings.drafting import figures_told
from lxsaas.schools.actions import set_term
from lxsaas.schools.models import District
from tests.factories import Factory
from tests.filings.conftest import Office, set_up, today


@pytest.fixture
def offices(app: Flask, factory: Factory, office: Office) -> list[Office]:
    """Three schools of one district."""
    return [office, set_up(app, factory, office.district), set_up(app, factory, office.district)]


def summed(office: Office) -> dict[str, int]:
    with office.factory.session(office.district.scope) as session:
        query = standings.sum_of_accepted(office.district.id, office.asked())
        return figures_told(session.execute(query).one())


def path(office: Office, filing_id: int) -> str:
    return f"{office.district.path}filings/{office.told(filing_id).id}"


def test_the_sum_is_that_of_the_accepted_versions(offices: list[Office]) -> None:
    first, second, third = offices
    child = first.child(sex="male")
    second.child(grade=5, age=11, health="50")
    third.child()
    accepted = first.sign(), second.sign()
    for office, filing_id in zip(offices, accepted, strict=False):
        office.decide(filing_id, "accepted")
    third.decide(third.sign(), "returned", {"total": "请核对"})
    told = [figures_told(office.told(one)) for office, one in zip(offices, accepted, strict=False)]
    assert summed(first) == {column: sum(one[column] for one in told) for column in COLUMNS}
    assert summed(first)["total"] == 2
    first.change("pupil", child, health="30")
    later = first.sign("更正")
    assert summed(first)["chronically_ill"] == 0, "a correction counts once it is accepted"
    first.decide(later, "accepted")
    assert (summed(first)["chronically_ill"], summed(first)["total"]) == (1, 2)
    first.change("pupil", child, left_on=today())
    first.decide(first.sign("转走"), "returned", {"total": "请核对"})
    told = [figures_told(office.told(one)) for office, one in ((first, later), (second, accepted[1]))]
    assert summed(first) == {column: sum(one[column] for one in told) for column in COLUMNS}
    with first.factory.session(first.district.scope) as session:
        grades = session.execute(standings.grade_sums_of_accepted(first.district.id, first.asked())).all()
    assert [tuple(row) for row in grades] == [(3, 1), (5, 1)], "what was returned replaces nothing"


def test_the_page_says_who_is_missing_late_and_what_is_summed(offices: list[Office]) -> None:
    first, second, third = offices
    first.child()
    first.decide(first.sign(), "accepted")
    second.decide(second.sign(), "returned", {"boys": "男生人数请核对"})
    client = first.client(first.officer)
    page = client.get(f"{first.district.path}filings").text
    for office in offices:
        assert office.school.slug in page
    only = client.get(f"{first.district.path}filings?state=missing").text
    assert third.school.slug in only
    assert first.school.slug not in only
    for sort in ("school", "-school", "sent", "-children"):
        assert client.get(f"{first.district.path}filings?sort={sort}&q=小学").status_code == 200
    book = client.get(f"{first.district.path}filings/terms/{first.term_id}/table.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(book.data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5, max_row=6)]
    assert [row[1] for row in rows] == [1, 1]
    assert rows[0][0] == f"{first.school.slug}小学"


def test_an_officer_returns_with_remarks_and_the_school_reads_them(office: Office) -> None:
    office.child()
    filing_id = office.sign()
    client = office.client(office.officer)
    shown = client.get(path(office, filing_id)).text
    assert 'name="remark-healthy"' in shown
    assert 'name="remark-grade:3"' in shown
    empty = client.post(f"{path(office, filing_id)}/decision", data={"outcome": "returned"})
    assert empty.status_code == 422
    form = {"outcome": "returned", "remark-healthy": "健康人数请核对", "remark-nonsense": "x"}
    assert client.post(f"{path(office, filing_id)}/decision", data=form).status_code == 302
    again = client.post(f"{path(office, filing_id)}/decision", data={"outcome": "accepted"})
    assert again.status_code == 422
    page = office.client(office.principal).get(f"{office.school.path}filings/{filing_id}").text
    assert "健康人数请核对" in page
    assert "退回" in page
    with office.factory.session(office.district.scope) as session:
        seen = session.scalars(sa.select(DistrictAuditEntry.action)).all()
        assert {"view_filing", "decide_filing"} <= set(seen)


def test_a_version_that_was_superseded_is_judged_no_more(office: Office) -> None:
    child = office.child()
    first = office.sign()
    office.change("pupil", child, health="30")
    office.sign("更正")
    with pytest.raises(RuleError, match="filing_superseded"):
        office.decide(first, "accepted")


def test_the_district_has_no_child_and_no_grade_but_its_count(office: Office) -> None:
    office.child()
    office.sign()
    with office.factory.session(office.district.scope) as session:
        for table in ("filing", "filing_child", "filing_sending"):
            right = sa.text("select has_any_column_privilege('lx_district', :table, 'SELECT')")
            assert session.scalar(right, {"table": table}) is False
        columns = sa.text(
            "select array_agg(column_name::text order by column_name) from information_schema.columns"
            " where table_name = 'district_filing_grade'"
        )
        assert session.scalar(columns) == ["district_id", "filing_id", "grade", "id", "total", "unit_id"]


def test_another_district_an_analyst_and_another_township_see_nothing(
    app: Flask, factory: Factory, office: Office
) -> None:
    office.child()
    filing_id = office.sign()
    far = factory.district()
    stranger = factory.officer(far).sign_in(app.test_client())
    assert stranger.get(f"{far.path}filings/{office.told(filing_id).id}").status_code == 404
    analyst = factory.officer(office.district, "analyst").sign_in(app.test_client())
    assert analyst.get(f"{office.district.path}filings").status_code == 403
    township = factory.township(office.district)
    limited = factory.officer(office.district, township_ids=[township]).sign_in(app.test_client())
    assert limited.get(path(office, filing_id)).status_code == 404
    assert office.school.slug not in limited.get(f"{office.district.path}filings").text
    assert limited.get(f"{office.district.path}filings/terms/{office.term_id}/call").status_code == 403


def test_an_officer_asks_for_a_filing_moves_its_day_and_withdraws_it(office: Office) -> None:
    client = office.client(office.officer)
    with office.factory.session(operating()) as session:
        found = session.get_one(District, office.district.id)
        later = set_term(
            session, district=found, name="2027-2", starts_on=today() + timedelta(days=90),
            ends_on=today() + timedelta(days=200),
        ).id  # fmt: skip
    address = f"{office.district.path}filings/terms/{later}/call"
    assert "2027-2" in client.get(f"{office.district.path}filings/terms").text
    due_on = today() + timedelta(days=150)
    asked = {
        "cut_off_on": "2020-01-01", "definition": "register", "due_on": due_on.isoformat(), "edition": "0",
    }  # fmt: skip
    wrong = client.post(address, data=asked)
    assert wrong.status_code == 422
    assert due_on.isoformat() in wrong.text, "what was typed is kept"
    early = asked | {"cut_off_on": (due_on + timedelta(days=1)).isoformat()}
    assert client.post(address, data=early).status_code == 422
    right = client.post(address, data=asked | {"cut_off_on": (due_on - timedelta(days=9)).isoformat()})
    assert right.status_code == 302
    principal = office.client(office.principal)
    assert "2027-2" in principal.get(f"{office.school.path}filings").text
    assert client.post(f"{address}/withdrawal").status_code == 302
    assert "2027-2" not in principal.get(f"{office.school.path}filings").text
    assert client.get(f"{office.district.path}filings/terms/999999999/call").status_code == 404


def test_the_number_of_statements_does_not_grow_with_the_schools(
    app: Flask, factory: Factory, office: Office
) -> None:
    client, page = office.client(office.officer), f"{office.district.path}filings"
    client.get(page)
    with factory.counting_queries("lx_district") as few:
        client.get(page)
    for _ in range(4):
        set_up(app, factory, office.district).sign()
    with factory.counting_queries("lx_district") as many:
        client.get(page)
    assert len(many) == len(few)
