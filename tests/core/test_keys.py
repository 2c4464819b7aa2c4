"""Keys: rotation keeps everything readable, destruction makes one school's texts unreadable."""

import os

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text

from lxsaas.commands.keys import keys
from lxsaas.config import Settings
from lxsaas.core import resealing
from lxsaas.core.crypto import KeyDestroyedError, SchoolKey, school_cipher
from lxsaas.registers.actions import add_row, edit_row
from lxsaas.registers.rows import values_of
from lxsaas.support.models import ConductCase
from tests.factories import Factory, Person, Place

SECRET = "SECRET-WORDS-ABOUT-A-CHILD"


def school_with_case(factory: Factory) -> tuple[Place, Person, int]:
    school = factory.school()
    teacher = factory.staff(school)
    pupil_id = factory.pupil(school, factory.school_class(school, teacher))
    with factory.session(school.scope) as session:
        values = {"pupil_id": pupil_id, "opened_on": "2026-09-01", "problems": ["lying"], "words": SECRET}
        row, _ = add_row(session, ConductCase, school_id=school.id, values=values, by=teacher.id)
        edit_row(session, row, values={"words": f"{SECRET} 2"}, version=1, by=teacher.id)
        return school, teacher, row.id


def words_of(factory: Factory, school: Place, row_id: int) -> str:
    with factory.session(school.scope) as session:
        row = session.get_one(ConductCase, (school.id, row_id))
        return str(values_of(row, school_cipher(session, school.id))["words"])


def run(app: Flask, *args: str) -> str:
    result = CliRunner().invoke(keys, list(args), obj=lambda: app, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_rotation_seals_everything_anew_and_nothing_is_lost(
    app: Flask, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 1)
    school, teacher, row_id = school_with_case(factory)
    told = run(app, "rotate", "--school", school.slug)
    assert "conduct_case.words_sealed: 1" in told
    assert "row_version.values_sealed: 1" in told
    assert words_of(factory, school, row_id) == f"{SECRET} 2"
    with factory.session(school.scope) as session:
        known = session.scalars(select(SchoolKey.id).order_by(SchoolKey.id)).all()
        sealed = session.get_one(ConductCase, (school.id, row_id)).words_sealed or b""
    assert int.from_bytes(sealed[:8], "big") == known[-1]
    assert run(app, "rotate", "--resume", "--school", school.slug) == "done\n"


def test_a_destroyed_key_takes_its_schools_texts_and_no_others(
    app: Flask, factory: Factory, client: FlaskClient
) -> None:
    school, teacher, row_id = school_with_case(factory)
    other, _, other_id = school_with_case(factory)
    run(app, "destroy", "--yes", "--school", school.slug)
    with pytest.raises(KeyDestroyedError):
        words_of(factory, school, row_id)
    assert words_of(factory, other, other_id) == f"{SECRET} 2"
    page = teacher.sign_in(client).get(f"{school.path}conduct-cases/{row_id}")
    assert page.status_code == 410
    assert SECRET not in page.text


def test_no_table_holds_the_words_themselves(app: Flask, factory: Factory, settings: Settings) -> None:
    school_with_case(factory)
    engine = create_engine(settings.admin_url)
    with engine.connect() as connection:
        columns = connection.execute(
            text("""select table_name, column_name, data_type from information_schema.columns
                    where table_schema = 'public' and data_type in ('text', 'bytea', 'jsonb', 'ARRAY')""")
        ).all()
        for table, column, kind in columns:
            plain = f"convert_to({column}::text, 'UTF8')"
            stored = column if kind == "bytea" else plain
            query = text(
                f"select count(*) from {table} where position(cast(:secret as bytea) in {stored}) > 0"
            )
            assert connection.scalar(query, {"secret": SECRET.encode()}) == 0, (table, column)
    engine.dispose()


def test_a_new_master_key_opens_what_the_former_had_wrapped(
    app: Flask, factory: Factory, settings: Settings
) -> None:
    school, _, row_id = school_with_case(factory)
    former = os.urandom(32)
    with factory.session(school.scope) as session:
        key = session.scalars(select(SchoolKey)).one()
        key_id, plain = key.id, aes_key_unwrap(settings.master_key, key.wrapped)
    engine = create_engine(settings.admin_url)
    with engine.begin() as connection:
        connection.execute(
            text("update school_key set wrapped = :wrapped where id = :id"),
            {"wrapped": aes_key_wrap(former, plain), "id": key_id},
        )
    engine.dispose()
    run(app, "rewrap", "--former", former.hex())
    assert words_of(factory, school, row_id) == f"{SECRET} 2"
