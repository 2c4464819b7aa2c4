"""The audit log is whole, and is seen not to be when an entry is changed, removed, added or cut off."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import ProgrammingError

from lxsaas.commands.audit import audit as audit_command
from lxsaas.config import Settings
from lxsaas.core import audit_chain
from lxsaas.core.audit import audit
from lxsaas.core.audit_chain import Break
from tests.factories import Factory, Place


@contextmanager
def as_intruder(settings: Settings) -> Iterator[Connection]:
    """Somebody with all rights on the server, whom no policy, key or trigger stops."""
    engine = create_engine(settings.admin_url)
    with engine.begin() as connection:
        connection.execute(text("set session_replication_role = replica"))
        yield connection
    engine.dispose()


@pytest.fixture
def school(factory: Factory) -> Place:
    """A school with five entries in its log."""
    school = factory.school()
    for number in range(5):
        with factory.session(school.scope) as session:
            audit(session, "view_pupil", "pupil", number, school_id=school.id, by=None, fields=["name"])
    return school


def state(factory: Factory, school: Place, exported: tuple[audit_chain.Head, ...] = ()) -> Break | None:
    with factory.session(school.scope) as session:
        return audit_chain.verify(session, "school", school.id, exported)


def test_a_log_that_nobody_touched_is_whole(factory: Factory, school: Place) -> None:
    assert state(factory, school) is None


def test_a_log_that_grows_while_it_is_looked_at_is_whole(factory: Factory, school: Place) -> None:
    with factory.session(school.scope) as session:

        def grow(*_given: object) -> None:
            with factory.session(school.scope) as other:
                audit(other, "view_pupil", "pupil", 1, school_id=school.id, by=None)

        connection = session.connection()
        event.listen(connection, "before_cursor_execute", grow)
        assert audit_chain.verify(session, "school", school.id) is None
        event.remove(connection, "before_cursor_execute", grow)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("update audit_entry set subject_id = 99 where id = :third", Break("changed", 3)),
        ("""update audit_entry set detail = '{"fields": []}' where id = :third""", Break("changed", 3)),
        ("update audit_entry set at = at + interval '1 second' where id = :third", Break("changed", 3)),
        ("delete from audit_entry where id = :third", Break("removed", 3)),
        ("delete from audit_link where entry_id = :third", Break("removed", 3)),
        ("delete from audit_link where entry_id = :last", Break("unchained", 0)),
        (
            "insert into audit_entry (school_id, action, subject) values (:school, 'x', 'y')",
            Break("unchained", 0),
        ),
    ],
)
def test_damage_is_found(
    damage: str, found: Break, factory: Factory, school: Place, settings: Settings
) -> None:
    with as_intruder(settings) as connection:
        ids = connection.scalars(
            text("select id from audit_entry where school_id = :school order by id"), {"school": school.id}
        ).all()
        connection.execute(text(damage), {"third": ids[2], "last": ids[-1], "school": school.id})
    seen = state(factory, school)
    assert seen is not None
    assert seen.code == found.code
    assert seen.number == found.number or found.number == 0


def test_an_end_that_was_cut_off_with_its_links_is_found_by_the_head(
    factory: Factory, school: Place, settings: Settings
) -> None:
    with as_intruder(settings) as connection:
        cut_off(connection, school)
    assert state(factory, school) == Break("cut", 4)


def cut_off(connection: Connection, school: Place) -> None:
    given = {"school": school.id}
    connection.execute(
        text("""delete from audit_entry where id in
                (select entry_id from audit_link where school_id = :school and number > 3)"""), given
    )  # fmt: skip
    connection.execute(text("delete from audit_link where school_id = :school and number > 3"), given)


def test_an_end_cut_off_with_a_forged_head_is_found_by_the_exported_one(
    factory: Factory, school: Place, settings: Settings
) -> None:
    with factory.session(school.scope) as session:
        head = audit_chain.head_of(session, "school", school.id, school.slug)
    assert head is not None
    with as_intruder(settings) as connection:
        cut_off(connection, school)
        connection.execute(
            text("""update audit_head set number = 3, hash =
                    (select hash from audit_link where school_id = :school and number = 3)
                    where school_id = :school"""), {"school": school.id}
        )  # fmt: skip
    assert state(factory, school) is None
    assert state(factory, school, (head,)) == Break("not_as_exported", 5)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entry set action = 'x'", "delete from audit_entry", "delete from audit_link",
        "insert into audit_link values (1, 1, 1, '', '')", "update audit_head set number = 0",
        "select audit_chain()",
    ],
)  # fmt: skip
def test_the_application_can_only_add(statement: str, factory: Factory, school: Place) -> None:
    with pytest.raises(ProgrammingError, match="permission denied|must be owner"):
        with factory.session(school.scope) as session:
            session.execute(text(statement))


def test_many_who_write_at_once_leave_one_chain_without_gaps(factory: Factory, school: Place) -> None:
    def write() -> None:
        for _ in range(10):
            with factory.session(school.scope) as session:
                for _ in range(3):
                    audit(session, "view_pupil", "pupil", 1, school_id=school.id, by=None)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state(factory, school) is None
    with factory.session(school.scope) as session:
        head = audit_chain.head_of(session, "school", school.id, school.slug)
    assert head is not None
    assert head.number == 5 + 4 * 10 * 3


def test_the_command_says_which_log_is_not_whole_and_fails(
    app: Flask, factory: Factory, school: Place, settings: Settings, tmp_path: Path
) -> None:
    runner, heads = CliRunner(), tmp_path / "heads.jsonl"

    def run(*args: str) -> tuple[int, str]:
        result = runner.invoke(audit_command, list(args), obj=lambda: app)
        return result.exit_code, result.output

    assert run("head", "--out", str(heads))[0] == 0
    assert school.slug in heads.read_text()
    assert run("verify", "--school", school.slug) == (0, f"school {school.slug}: whole, 5 entries\n")
    with as_intruder(settings) as connection:
        connection.execute(
            text("update audit_entry set action = 'nothing' where school_id = :school"), {"school": school.id}
        )
    code, told = run("verify", "--school", school.slug)
    assert code == 1
    assert "entry 1 was changed" in told
