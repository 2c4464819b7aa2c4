"""What was said is unreadable in a dump, gone with the key, and in no log."""

import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from lxsaas.care.models import CareKind
from lxsaas.commands.keys import keys
from lxsaas.core.scope import Login
from lxsaas.counselling.models import CounsellingCase
from lxsaas.extensions import plain_engine
from lxsaas.metadata import metadata
from tests.counselling.conftest import SECRET, TODAY, Room, furnished, own_code
from tests.factories import Factory

WITHDRAWN = "写错了孩子的名字"
ANSWER = "你做得对，告诉大人不丢脸"


def everything(app: Flask, room: Room) -> Iterator[tuple[str, str, bytes]]:
    """(table, column, bytes) of all that a dump of the school holds, read as the tables' owner."""
    settings = app.extensions["lxsaas.settings"]
    with plain_engine(settings.login_url(Login.OWNER)).begin() as connection:
        token = {"token": room.school.scope.token(settings.context_key)}
        connection.execute(sa.text("select set_config('lx.context', :token, true)"), token)
        for table in metadata.sorted_tables:
            columns = [one for one in table.columns if not isinstance(one.type, sa.Integer)]
            for row in connection.execute(sa.select(*columns)) if columns else ():
                for column, value in zip(columns, row, strict=True):
                    held = value if isinstance(value, bytes) else str(value).encode()
                    yield table.name, column.name, held


def full(room: Room) -> str:
    """A school with everything that is ever written in counselling; returns a child's code."""
    code = own_code(room.send_letter(room.poster_code()))
    with room.factory.session(room.school.scope) as session:
        letter_id = session.scalar(sa.text("select max(id) from letterbox_letter"))
    room.post(room.counsellor, f"counselling/letters/{letter_id}", text=ANSWER, version=2)
    case_id = room.open_case()
    session_id = room.record(case_id)
    room.post(
        room.counsellor, f"counselling/cases/{case_id}/review",
        risk=2, review_on="", reason=SECRET, version=1,
    )  # fmt: skip
    room.post(
        room.counsellor, f"counselling/sessions/{session_id}/edit",
        **room.session_form(account=SECRET + "之二", version=1),
    )  # fmt: skip
    room.post(room.counsellor, f"counselling/sessions/{session_id}/withdrawal", version=2, reason=WITHDRAWN)
    room.post(room.counsellor, f"counselling/cases/{case_id}/closing", outcome=SECRET, version=1)
    return code


def test_a_dump_of_the_tables_tells_nothing_that_was_said(app: Flask, room: Room) -> None:
    full(room)
    seen = set()
    for table, column, value in everything(app, room):
        seen.add(f"{table}.{column}")
        for text in (SECRET, WITHDRAWN, ANSWER):
            assert text.encode() not in value, (table, column)
            assert text.encode("utf-16-le") not in value, (table, column)
    for sealed in (
        "counselling_case.reason_sealed", "counselling_case.outcome_sealed",
        "counselling_session.account_sealed", "letterbox_message.text_sealed", "row_version.values_sealed",
        "row_version.reason_sealed",
    ):  # fmt: skip
        assert sealed in seen


def test_nothing_that_was_said_is_logged(room: Room, capfd: pytest.CaptureFixture[str]) -> None:
    code = full(room)
    room.send_letter("000000")
    room.post(None, "letterbox/answer", code=code)
    room.post(None, "letterbox", text="x" * 1_000_000, code="1")
    room.post(room.counsellor, "counselling/cases/choose", q="汤文博")
    out, err = capfd.readouterr()
    for text in (SECRET, WITHDRAWN, ANSWER, "汤文博", code, code.replace(" ", "")):
        assert text not in out + err


def test_the_aggregator_reads_days_and_levels_and_no_text(app: Flask) -> None:
    url = app.extensions["lxsaas.settings"].login_url(Login.OWNER)
    query = sa.text("select has_column_privilege('lx_aggregator', :table, :column, 'SELECT')")
    readable = set()
    with plain_engine(url).connect() as connection:
        for table in metadata.sorted_tables:
            if table.name.startswith(("counselling_", "case_", "letterbox_", "room_hour")):
                readable |= {
                    f"{table.name}.{column.name}"
                    for column in table.columns
                    if connection.scalar(query, {"table": f"public.{table.name}", "column": column.name})
                }
    assert readable == {
        *(f"counselling_case.{name}" for name in
          ("school_id", "id", "pupil_id", "risk", "risk_since", "opened_on", "closed_on")),
        *(f"case_risk.{name}" for name in
          ("school_id", "id", "case_id", "pupil_id", "level", "starts_on", "ends_on")),
    }  # fmt: skip


def run_keys(app: Flask, *args: str) -> None:
    result = CliRunner().invoke(keys, list(args), obj=lambda: app, catch_exceptions=False)
    assert result.exit_code == 0, result.output


def note_of_a_talk(room: Room) -> str:
    """Records a talk with a note by the homeroom teacher; returns what the teacher's page shows of it."""
    form = {
        "pupils": [room.child], "kind": int(CareKind.TALK), "occurred_on": TODAY.isoformat(),
        "note": "谈了学习", "client_key": str(uuid.uuid4()), "class_id": room.class_id, "back": "overview",
    }  # fmt: skip
    assert room.post(room.teacher, "care-records", **form).status_code == 302
    return room.get(room.teacher, f"pupils/{room.child}/care-records").text


def test_destroying_a_school_s_key_takes_its_texts_and_no_others(
    app: Flask, room: Room, factory: Factory
) -> None:
    far = furnished(app, factory)
    assert "谈了学习" in note_of_a_talk(room)
    here, there = room.open_case(), far.open_case()
    talk, code = room.record(here), own_code(room.send_letter(room.poster_code()))
    with factory.session(room.school.scope) as session:
        letter_id = session.scalar(sa.text("select max(id) from letterbox_letter"))
    run_keys(app, "destroy", "--yes", "--school", room.school.slug, "--purpose", "counselling")
    for path in (
        f"counselling/cases/{here}",
        f"counselling/cases/{here}/review",
        f"counselling/sessions/{talk}",
        f"counselling/sessions/{talk}/edit",
        f"counselling/letters/{letter_id}",
    ):
        answer = room.get(room.counsellor, path)
        assert answer.status_code == 410, path
        assert "nobody can read them any more" in answer.text
        assert SECRET not in answer.text
    assert room.post(None, "letterbox/answer", code=code).status_code == 422
    assert "谈了学习" in room.get(room.teacher, f"pupils/{room.child}/care-records").text
    assert SECRET in far.get(far.counsellor, f"counselling/cases/{there}").text


def test_after_the_key_is_gone_a_new_beginning_is_possible(app: Flask, room: Room, factory: Factory) -> None:
    room.open_case()
    run_keys(app, "destroy", "--yes", "--school", room.school.slug, "--purpose", "counselling")
    child = factory.pupil(room.school, room.class_id)
    case_id = room.open_case(child=child)
    assert SECRET in room.get(room.counsellor, f"counselling/cases/{case_id}").text
    assert own_code(room.send_letter(room.poster_code()))
    assert room.get(room.counsellor, "counselling/cases").status_code == 200
    assert room.get(room.principal, "counselling/risk").status_code == 200


def test_a_rotated_key_opens_letters_and_cases_as_before(app: Flask, room: Room) -> None:
    poster, case_id = room.poster_code(), room.open_case()
    room.record(case_id)
    review = {"risk": 1, "review_on": TODAY.isoformat(), "reason": "之后", "version": 1}
    assert room.post(room.counsellor, f"counselling/cases/{case_id}/review", **review).status_code == 302
    code = own_code(room.send_letter(poster))
    run_keys(app, "rotate", "--school", room.school.slug, "--purpose", "counselling")
    page = room.get(room.counsellor, f"counselling/cases/{case_id}").text
    assert f"<del>{SECRET}</del>" in page
    assert SECRET in room.post(None, "letterbox/answer", code=code).text
    assert room.send_letter(poster).status_code == 200


def test_a_text_moved_to_another_case_does_not_open(room: Room, factory: Factory) -> None:
    first = room.open_case()
    second = room.open_case(child=factory.pupil(room.school, room.class_id), reason="别的事")
    with factory.session(room.school.scope) as session:
        stolen = session.get_one(CounsellingCase, (room.school.id, first)).reason_sealed
        session.get_one(CounsellingCase, (room.school.id, second)).reason_sealed = stolen
    answer = room.get(room.counsellor, f"counselling/cases/{second}")
    assert answer.status_code >= 400
    assert SECRET not in answer.text
