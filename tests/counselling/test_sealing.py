"""What was said is unreadable in a dump, gone with the key, and in no log."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from lxsaas.core.scope import Login
from lxsaas.counselling.models import CounsellingCase
from lxsaas.extensions import plain_engine
from lxsaas.metadata import metadata
from tests.counselling.conftest import SECRET, Room, own_code
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


def test_a_text_moved_to_another_case_does_not_open(room: Room, factory: Factory) -> None:
    first = room.open_case()
    second = room.open_case(child=factory.pupil(room.school, room.class_id), reason="别的事")
    with factory.session(room.school.scope) as session:
        stolen = session.get_one(CounsellingCase, (room.school.id, first)).reason_sealed
        session.get_one(CounsellingCase, (room.school.id, second)).reason_sealed = stolen
    answer = room.get(room.counsellor, f"counselling/cases/{second}")
    assert answer.status_code >= 400
    assert SECRET not in answer.text
