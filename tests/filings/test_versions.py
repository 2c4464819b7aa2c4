"""Signed once, a version stays for good; a correction stands beside it; the district has its numbers."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from lxsaas.core.errors import RuleError
from lxsaas.core.scope import (
    Login,
    Scope,
    aggregating,
    looking_up,
    operating,
    operating_on_school,
    watching,
)
from lxsaas.filings.definitions import COLUMNS, TOTAL
from lxsaas.filings.drafting import Source, read_children, read_sheet
from lxsaas.filings.models import Filing
from tests.factories import Factory
from tests.filings.conftest import TERM, Office, set_up, today

KEPT = {
    "filing": "cut_off_on = cut_off_on - 1",
    "filing_child": "health = 'healthy'",
    "filing_sending": "sent_at = now() - interval '30 days'",
    "district_filing": "total = total + 1",
    "district_filing_grade": "total = total + 1",
    "filing_decision": "outcome = 'accepted'",
    "filing_remark": "words = ''",
}
"""Each table with what somebody may want to change."""


def scopes(office: Office) -> dict[str, Scope]:
    """Every login in every scope that there is; a stranger's too."""
    school, district = office.school.id, office.district.id
    return {
        "school": office.school.scope,
        "district": office.district.scope,
        "night": aggregating(district, [school]),
        "watch": watching(),
        **{f"directory of {login}": looking_up(login) for login in Login},
        "operator": operating(),
        "owner on the school": operating_on_school(school, district_id=district),
        "owner on the district": Scope(Login.OWNER, "district", district),
    }


def outcome(office: Office, scope: Scope, statement: str, **values: object) -> str:
    """What a statement does in a scope: its SQLSTATE, or how many rows it touches."""
    with office.factory.session(scope) as session, session.connection().begin_nested() as part:
        try:
            return f"{session.connection().execute(sa.text(statement), values).rowcount} rows"
        except DBAPIError as error:
            part.rollback()
            return str(getattr(error.orig, "sqlstate", None))


def contents(office: Office) -> list[object]:
    with office.factory.session(office.school.scope) as session:
        return [
            session.execute(sa.text(f"select t::text from {table} t order by 1")).scalars().all()
            for table in KEPT
        ]


def test_signing_freezes_and_sends_in_one(office: Office) -> None:
    for grade in (1, 3, 3):
        office.child(grade=grade)
    draft = office.draft()
    filing_id = office.sign()
    told = office.told(filing_id)
    assert {column: getattr(told, column) for column in COLUMNS} == dict(draft.total)
    assert (told.term, told.version, told.unit_id) == (TERM, 1, office.school.id)
    with office.factory.session(office.district.scope) as session:
        query = sa.text("select grade, total from district_filing_grade order by grade")
        assert [tuple(row) for row in session.execute(query)] == [(1, 1), (3, 2)]
    with office.factory.session(office.school.scope) as session:
        sent = session.execute(sa.text("select term, sent_on from term_filing")).all()
        assert [tuple(row) for row in sent] == [(TERM, today())]


def test_no_login_changes_or_removes_what_was_filed(office: Office) -> None:
    """Refused for want of the right or by a trigger; the owner finds no row where it is not the school's."""
    office.child()
    office.decide(office.sign(), "returned", {"healthy": "请核对"})
    before = contents(office)
    assert all(before)
    for who, scope in scopes(office).items():
        for table, change in KEPT.items():
            for attack in (f"update {table} set {change}", f"delete from {table}"):
                refused = ("42501", "0 rows") if scope.login == Login.OWNER else ("42501",)
                assert outcome(office, scope, attack) in refused, (who, attack)
            assert outcome(office, scope, f"truncate {table} cascade") == "42501", (who, table)
    assert contents(office) == before


def test_the_owner_is_refused_where_it_finds_the_rows(office: Office) -> None:
    office.child()
    office.decide(office.sign(), "returned", {"healthy": "请核对"})
    of_school, of_district = (scopes(office)[f"owner on the {one}"] for one in ("school", "district"))
    for table, change in KEPT.items():
        scope = of_district if table in ("filing_decision", "filing_remark") else of_school
        for attack in (f"update {table} set {change}", f"delete from {table}"):
            assert outcome(office, scope, attack) == "42501", attack


def test_no_login_writes_the_districts_numbers_or_adds_a_child_afterwards(office: Office) -> None:
    office.child()
    filing_id = office.sign()
    late = office.child()
    planted = (
        "insert into district_filing_grade (district_id, unit_id, filing_id, grade, total)"
        " values (:district, :unit, 1, 9, 5)"
    )
    values = {"district": office.district.id, "unit": office.school.id}
    for who, scope in scopes(office).items():
        assert outcome(office, scope, planted, **values) == "42501", who
    copied = "sex, age, kind, stage, boarding, health, guardianship, keeper, residence"
    added = (
        f"insert into filing_child (school_id, filing_id, pupil_id, grade, {copied})"
        f" select school_id, filing_id, :pupil, grade, {copied} from filing_child where filing_id = :filing"
    )
    school = {name: scopes(office)[name] for name in ("school", "owner on the school")}
    for who, scope in school.items():
        assert outcome(office, scope, added, pupil=late, filing=filing_id) == "42501", who


def test_what_changes_in_the_archive_leaves_a_frozen_version_alone(office: Office) -> None:
    child = office.child()
    filing_id = office.sign()
    office.change("pupil", child, health="50", sex="male")
    with office.factory.session(office.school.scope) as session:
        filing = session.get_one(Filing, (office.school.id, filing_id))
        sheet = read_sheet(session, Source.kept(filing))
        [seen] = read_children(session, Source.kept(filing), "healthy")
    assert (sheet.total["healthy"], sheet.total["girls"], seen["pupil_id"]) == (1, 1, child)
    assert office.draft().total["disabled"] == 1


def test_a_child_that_moved_away_stays_counted_without_its_name(office: Office) -> None:
    child = office.child()
    filing_id = office.sign()
    owner = operating_on_school(office.school.id, district_id=office.district.id)
    with office.factory.session(owner) as session:
        session.execute(sa.text("select lx_forget_rows('pupil', array[:id]::bigint[])"), {"id": child})
    with office.factory.session(office.school.scope) as session:
        filing = session.get_one(Filing, (office.school.id, filing_id))
        [seen] = read_children(session, Source.kept(filing))
        assert (seen["name"], read_sheet(session, Source.kept(filing)).total[TOTAL]) == ("", 1)


def test_a_correction_is_a_new_version_with_a_reason(office: Office) -> None:
    child = office.child()
    first = office.sign()
    with pytest.raises(RuleError, match="filing_reason_missing"):
        office.sign()
    with pytest.raises(RuleError, match="filing_unchanged"):
        office.sign("重报")
    office.change("pupil", child, health="30")
    second = office.sign("健康状况更正")
    assert [(one.version, one.reason) for one in office.versions()] == [(2, "健康状况更正"), (1, None)]
    assert (office.told(first).healthy, office.told(second).chronically_ill) == (1, 1)
    page = office.client(office.principal).get(f"{office.school.path}filings/{second}").text
    assert "健康状况更正" in page


def test_a_returned_version_may_be_sent_again_as_it_was(office: Office) -> None:
    office.child()
    office.decide(office.sign(), "returned", {"total": "请核对"})
    assert office.told(office.sign("数据核对无误")).version == 2


def test_who_signs_has_seen_these_figures(office: Office) -> None:
    office.child()
    seal = office.seal
    office.child()
    client = office.client(office.principal)
    form = {"seal": seal, "password": "correct horse battery staple"}
    answer = client.post(f"{office.draft_path}/signature", data=form)
    assert answer.status_code == 422
    assert office.versions() == []


def test_a_table_that_does_not_add_up_or_is_too_early_cannot_be_signed(office: Office) -> None:
    child = office.child()
    office.change("pupil", child, health=None)
    with pytest.raises(RuleError, match="filing_does_not_add_up"):
        office.sign()
    office.change("pupil", child, health="10")
    with pytest.raises(RuleError, match="filing_password_wrong"):
        office.sign(password="wrong")
    assert office.versions() == []


def test_a_cut_off_day_to_come_is_too_early(office: Office, factory: Factory) -> None:
    early = set_up(office.app, factory, cut_off_on=today() + timedelta(days=3))
    with pytest.raises(RuleError, match="filing_too_early"):
        early.sign()


def test_a_school_without_left_behind_children_files_zeros(office: Office) -> None:
    assert office.told(office.sign()).total == 0


def test_the_clock_is_the_databases(office: Office) -> None:
    office.sign()
    with office.factory.session(office.school.scope) as session:
        session.execute(
            sa.text(
                "insert into filing (school_id, term, version, cut_off_on, definition, definition_version,"
                " signed_by, signed_name, signed_at) values (:school, 'x', 1, now(), 'x', 1, :by, 'x',"
                " now() - interval '1 year')"
            ),
            {"school": office.school.id, "by": office.principal.id},
        )
        old = sa.text("select count(*) from filing where signed_at < now() - interval '1 day'")
        assert session.scalar(old) == 0
        session.rollback()
