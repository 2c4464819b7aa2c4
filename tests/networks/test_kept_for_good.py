"""A mandatory report is kept: no login, command or feature removes, changes or dates it back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from lxsaas.archive.erasure import erase_pupil_secrets
from lxsaas.commands.keys import keys
from lxsaas.core import clock
from lxsaas.core.crypto import KeyDestroyedError
from lxsaas.core.scope import Login, Scope, aggregating, operating, operating_on_school
from lxsaas.networks.report_actions import text_of
from lxsaas.networks.report_models import MandatoryReport
from lxsaas.pupils.models import Pupil
from tests.networks.conftest import WORDS, Harm

TABLES = ("mandatory_report", "mandatory_step", "district_mandatory_report")
ATTACKS = (
    "delete from {table}",
    "truncate {table} cascade",
    "update {table} set {instant} = {instant} - interval '30 days'",
    "update {table} set {words} = {blank}",
)
COLUMNS = {
    "mandatory_report": ("known_at", "words_sealed", "'\\x00'::bytea"),
    "mandatory_step": ("recorded_at", "words_sealed", "'\\x00'::bytea"),
    "district_mandatory_report": ("opened_at", "state", "'closed'"),
}


def scopes(harm: Harm) -> dict[str, Scope]:
    """Every login in every scope in which it sees the school or its district."""
    school, district = harm.school.id, harm.district.id
    return {
        "school": harm.school.scope,
        "district": harm.district.scope,
        "night": aggregating(district, [school]),
        "operator": operating(),
        "owner on the school": operating_on_school(school, district_id=district),
        "owner on the district": Scope(Login.OWNER, "district", district),
    }


@contextmanager
def connected(harm: Harm, scope: Scope) -> Iterator[Connection]:
    with harm.factory.session(scope) as session:
        yield session.connection()


def contents(harm: Harm) -> list[object]:
    """Everything that the three tables hold of the school, as the school sees it."""
    with harm.factory.session(harm.school.scope) as session:
        return [
            session.execute(sa.text(f"select t::text from {table} t order by 1")).scalars().all()
            for table in TABLES
        ]


def outcome(harm: Harm, scope: Scope, statement: str) -> str:
    """What a statement does in a scope: its SQLSTATE, or how many rows it touches."""
    with connected(harm, scope) as connection, connection.begin_nested() as part:
        try:
            return f"{connection.execute(sa.text(statement)).rowcount} rows"
        except DBAPIError as error:
            part.rollback()
            return str(getattr(error.orig, "sqlstate", None))


def run_keys(harm: Harm, command: str, *more: str) -> None:
    argv = [command, "--school", harm.school.slug, *more]
    result = CliRunner().invoke(keys, argv, obj=lambda: harm.app, catch_exceptions=False)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("table", TABLES)
def test_no_login_removes_or_changes_what_was_said(harm: Harm, table: str) -> None:
    harm.step("police")
    before = contents(harm)
    assert all(before)
    instant, words, blank = COLUMNS[table]
    for who, scope in scopes(harm).items():
        for attack in ATTACKS:
            statement = attack.format(table=table, instant=instant, words=words, blank=blank)
            assert outcome(harm, scope, statement) in ("42501", "0 rows"), (who, statement)
    assert contents(harm) == before


@pytest.mark.parametrize("scope", ["school", "district", "night"])
def test_nobody_writes_the_districts_row_by_hand(harm: Harm, scope: str) -> None:
    planted = (
        "insert into district_mandatory_report"
        " (district_id, unit_id, report_id, opened_at, known_at, state, state_since)"
        " values (:district, :unit, 1, now(), now(), 'closed', now())"
    )
    with connected(harm, scopes(harm)[scope]) as connection, connection.begin_nested() as part:
        with pytest.raises(DBAPIError) as caught:
            connection.execute(sa.text(planted), {"district": harm.district.id, "unit": harm.school.id})
        part.rollback()
    assert getattr(caught.value.orig, "sqlstate", None) == "42501"


def test_what_sql_says_of_the_clock_is_not_believed(harm: Harm) -> None:
    """Opened last year, known next year: the database says when it was opened, and nothing is known ahead."""
    row = (
        "insert into mandatory_report"
        " (school_id, pupil_id, harm, known_at, opened_at, words_sealed, recorded_by)"
        " values (:school, :pupil, 'other', now() + interval '1 year', now() - interval '1 year', '', :by)"
        " returning opened_at, known_at"
    )
    step = (
        "insert into mandatory_step (school_id, report_id, kind, done_at, recorded_at, done_by, recorded_by)"
        " values (:school, :report, 'police', now() + interval '1 year', now() - interval '1 year', :by, :by)"
        " returning recorded_at, done_at"
    )
    given = {
        "school": harm.school.id,
        "pupil": harm.pupil_id,
        "by": harm.teacher.id,
        "report": harm.report_id,
    }
    start = clock.now() - timedelta(seconds=5)
    with harm.factory.session(harm.school.scope) as session:
        for statement in (row, step):
            recorded, said = session.execute(sa.text(statement), given).one()
            assert start < said <= recorded < start + timedelta(minutes=5)


def test_a_transaction_that_waits_dates_nothing_back(harm: Harm) -> None:
    with harm.factory.session(harm.school.scope) as session:
        began = session.scalar(sa.text("select now() from pg_sleep(0.05)"))
        pupil = session.get_one(Pupil, (harm.school.id, harm.pupil_id))
        given = {"school": harm.school.id, "pupil": pupil.id, "by": harm.teacher.id}
        opened = session.scalar(
            sa.text(
                "insert into mandatory_report"
                " (school_id, pupil_id, harm, known_at, words_sealed, recorded_by)"
                " values (:school, :pupil, 'other', now(), '', :by) returning opened_at"
            ),
            given,
        )
        assert opened > began


def test_sql_closes_no_report_of_which_the_authorities_know_nothing(harm: Harm) -> None:
    step = (
        "insert into mandatory_step (school_id, report_id, kind, closed_as, done_at, done_by, recorded_by)"
        " values (:school, :report, 'closed', 'settled', now(), :by, :by)"
    )
    given = {"school": harm.school.id, "by": harm.teacher.id, "report": harm.report_id}
    with connected(harm, harm.school.scope) as connection, connection.begin_nested() as part:
        with pytest.raises(DBAPIError):
            connection.execute(sa.text(step), given)
        part.rollback()
    assert harm.state().state == "opened"


def test_erasing_a_childs_secrets_leaves_the_report(harm: Harm) -> None:
    before = contents(harm)
    with harm.factory.session(harm.school.scope) as session:
        pupil = session.get_one(Pupil, (harm.school.id, harm.pupil_id))
        pupil.left_on = clock.today("Asia/Shanghai")
        session.flush()
        erase_pupil_secrets(session, pupil, today=clock.today("Asia/Shanghai"), by=harm.principal.id)
    assert contents(harm) == before


def test_a_school_that_forgets_a_child_that_moved_keeps_the_report(harm: Harm) -> None:
    harm.step("police")
    before = contents(harm)
    owner = operating_on_school(harm.school.id, district_id=harm.district.id)
    with harm.factory.session(owner) as session:
        session.execute(
            sa.text("select lx_forget_rows('pupil', array[:id]::bigint[])"), {"id": harm.pupil_id}
        )
    with harm.factory.session(harm.school.scope) as session:
        assert session.get_one(Pupil, (harm.school.id, harm.pupil_id)).name == ""
    assert contents(harm) == before


def test_keys_rotate_and_the_text_still_opens(harm: Harm) -> None:
    harm.step("police")
    run_keys(harm, "rotate")
    with harm.factory.session(harm.school.scope) as session:
        assert text_of(session, session.get_one(MandatoryReport, (harm.school.id, harm.report_id))) == WORDS


def test_without_its_key_the_text_is_gone_and_the_report_is_not(harm: Harm) -> None:
    run_keys(harm, "destroy", "--yes")
    with harm.factory.session(harm.school.scope) as session, pytest.raises(KeyDestroyedError):
        text_of(session, session.get_one(MandatoryReport, (harm.school.id, harm.report_id)))
    assert harm.state().state == "opened"
    page = harm.client(harm.principal).get(f"{harm.school.path}mandatory-reports")
    assert page.status_code == 200
    assert f"mandatory-reports/{harm.report_id}" in page.text
