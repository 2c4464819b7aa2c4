"""Who sees exams: the own teacher, principal and archive keeper; for others they do not exist."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from lxsaas.core.permissions import Permission
from tests.portfolio.conftest import Room, before


def paths(room: Room, exam: int, child: int) -> list[str]:
    return [
        f"exams/{exam}",
        f"exams/{exam}/entry",
        f"exams/{exam}/sheet",
        f"exams/{exam}/edit",
        f"exams/{exam}/history",
        f"exams?class={room.class_id}",
        f"exams/new?class={room.class_id}",
        f"pupils/{child}/exams",
        f"pupils/{child}/timeline",
        f"pupils/{child}/whole-file",
    ]


def posts(exam: int, child: int) -> list[str]:
    return [
        f"exams/{exam}/entry",
        f"exams/{exam}/sheet",
        f"exams/{exam}/edit",
        f"exams/{exam}/withdrawal",
        f"exams/{exam}.xlsx",
        f"pupils/{child}/whole-file.zip",
    ]


def test_another_class_s_exams_do_not_exist(room: Room, app: Flask) -> None:
    child = room.child("汤文博")
    exam = room.exam()
    room.marks(exam, {child: [900, 800]})
    colleague = room.factory.staff(room.school)
    room.factory.school_class(room.school, colleague, grade=4)
    client = colleague.sign_in(app.test_client())
    for path in paths(room, exam, child):
        answer = client.get(room.school.path + path)
        assert answer.status_code == 404, path
        assert "汤文博" not in answer.text
    for path in posts(exam, child):
        answer = client.post(room.school.path + path, data=room.grid(exam, {child: ["1", "1"]}))
        assert answer.status_code == 404, path
    wanted = {"classes": str(room.class_id), "name": "期末"}
    assert client.post(f"{room.school.path}exams", data=wanted).status_code == 404
    assert sorted(room.held(exam).values()) == [800, 900]  # type: ignore[type-var]


def test_a_teacher_without_a_class_enters_no_marks(room: Room, app: Flask) -> None:
    child = room.child()
    exam = room.exam()
    client = room.factory.staff(room.school, "teacher").sign_in(app.test_client())
    for path in paths(room, exam, child):
        assert client.get(room.school.path + path).status_code in (403, 404), path
    for path in posts(exam, child):
        assert client.post(room.school.path + path).status_code in (403, 404), path


def test_principal_and_archive_keeper_enter_marks_of_every_class(room: Room, app: Flask) -> None:
    child = room.child("汤文博")
    exam = room.exam()
    for role in ("principal", "archivist"):
        client = room.factory.staff(room.school, role, language="en").sign_in(app.test_client())
        for path in paths(room, exam, child):
            assert client.get(room.school.path + path).status_code == 200, (role, path)
        form = room.grid(exam, {child: ["90", "80"]})
        assert client.post(f"{room.school.path}exams/{exam}/entry", data=form).status_code == 302


def test_the_next_school_and_the_district_see_nothing(room: Room, app: Flask) -> None:
    child = room.child("汤文博")
    exam = room.exam()
    neighbour = room.factory.staff(room.factory.school(), "principal")
    officer = room.factory.officer(room.factory.district())
    for person in (neighbour, officer):
        client = person.sign_in(app.test_client())
        for path in paths(room, exam, child):
            answer = client.get(room.school.path + path)
            assert answer.status_code == 302, path
            answer = client.get(person.place.path + path)
            assert answer.status_code in (404, 403), path
            assert "汤文博" not in answer.text


def test_a_withdrawn_exam_is_seen_and_changed_no_more(room: Room) -> None:
    child = room.child()
    exam = room.exam()
    room.marks(exam, {child: [900, 800]})
    address = f"{room.school.path}exams/{exam}/withdrawal"
    for wrong in ({"version": "1"}, {"version": "9", "reason": "重复"}):
        room.client.post(address, data=wrong)
        assert "Withdraw" in room.page(f"exams/{exam}")
        assert "it counts nowhere" not in room.page(f"exams/{exam}")
    assert room.client.post(address, data={"version": "1", "reason": "重复"}).status_code == 302
    assert "it counts nowhere" in room.page(f"exams/{exam}")
    assert "No exam yet" in room.page("exams")
    assert "No marks yet" in room.page(f"pupils/{child}/exams")
    for path in (f"exams/{exam}/entry", f"exams/{exam}/sheet", f"exams/{exam}/edit"):
        assert room.client.get(room.school.path + path).status_code == 404
        assert room.client.post(room.school.path + path).status_code == 404
    # The same exam may be entered anew.
    assert room.exam() != exam


def test_no_page_shows_marks_to_who_may_not_enter_them(app: Flask) -> None:
    stated = {
        rule.rule: getattr(app.view_functions[rule.endpoint], "permission", None)
        for rule in app.url_map.iter_rules()
        if re.match(r".*/exams?(/|$|-)", rule.rule) and "/pupils/" not in rule.rule
    }
    assert stated
    assert set(stated.values()) <= {Permission.RECORD_EXAMS, Permission.SET_DUTIES}


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def statements(room: Room, client: FlaskClient, path: str, form: dict[str, str] | None = None) -> int:
    with counted_statements() as seen:
        answer = client.open(room.school.path + path, method="POST" if form else "GET", data=form)
    assert answer.status_code in (200, 302), path
    assert len(answer.data) < 400_000
    return len(seen)


def test_a_class_of_forty_five_takes_no_more_queries_than_one_child(room: Room) -> None:
    child = room.child()
    old, exam = room.exam(before(30)), room.exam()
    room.marks(old, {child: [900, 800]})

    def all_pages(texts: list[str]) -> list[int]:
        form = room.grid(exam, dict.fromkeys(room.children, texts))
        return [
            statements(room, room.client, f"exams/{exam}/entry", form),
            statements(room, room.client, f"exams/{exam}"),
            statements(room, room.client, f"exams/{exam}/entry"),
            statements(room, room.client, f"pupils/{child}/exams"),
            statements(room, room.client, f"pupils/{child}/timeline"),
            statements(room, room.client, "exams"),
        ]

    all_pages(["70", "71"])
    alone = all_pages(["90", "80"])
    for _ in range(44):
        room.child()
    all_pages(["70", "71"])
    assert all_pages(["91", "81"]) == alone
