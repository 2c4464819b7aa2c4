"""Many children and several people at once: constant queries, nothing lost."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from lxsaas.archive.five_known import renew_five_known
from lxsaas.archive.models import ChildProfile, KnownSpell, ParentContactWeek
from lxsaas.extensions import db
from lxsaas.pupils.models import Guardian
from tests.archive.people import TODAY, House


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    """The statements that the school's login runs meanwhile."""
    statements: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with house.app.app_context():
        engine = db.engines["lx_school"]
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def fill(house: House, count: int) -> None:
    for _ in range(count):
        child = house.factory.pupil(house.school, house.class_id)
        house.factory.left_behind(house.school, child)
        house.member(child, name="某", relation="51", phone="13900001111")


@pytest.mark.parametrize(
    "path", ["parent-contacts", "entrustments/missing", "incomplete-files", "pupils", "entrustments"]
)
def test_a_list_of_forty_five_takes_as_many_queries_as_one_of_three(
    house: House, teacher: FlaskClient, path: str
) -> None:
    sizes = []
    for more in (3, 42):
        fill(house, more)
        with counted(house) as statements:
            assert teacher.get(house.school.path + path).status_code == 200
        sizes.append(len(statements))
    assert sizes[0] == sizes[1], sizes


def test_a_week_of_forty_five_is_saved_in_a_constant_number_of_statements(
    house: House, teacher: FlaskClient
) -> None:
    sizes = []
    for more in (3, 42):
        fill(house, more)
        ids = [one.pupil_id for one in house.rows(Guardian, Guardian.name == "某")]
        marks = [f"{one}:{party}" for one in ids for party in ("with_child", "with_guardian")]
        form = {"week": TODAY.isoformat(), "seen": "", "mark": marks}
        path = f"{house.school.path}classes/{house.class_id}/parent-contacts"
        with counted(house) as statements:
            assert teacher.post(path, data=form).status_code == 302
        sizes.append(len(statements))
    assert sizes[0] == sizes[1], sizes
    assert len(house.rows(ParentContactWeek)) == 45


def _note(answers: list[object], work: Callable[[], object]) -> None:
    answers.append(work())


def at_once(*works: Callable[[], object]) -> list[object]:
    answers: list[object] = []
    threads = [threading.Thread(target=_note, args=(answers, one)) for one in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_who_open_a_file_at_the_same_moment_make_one_profile(house: House) -> None:
    clients = [house.client(house.teacher), house.client(house.principal)]
    path = f"{house.school.path}pupils/{house.child}/profile"

    def send(client: FlaskClient, text: str) -> int:
        return client.post(path, data={"character": text, "version": "0"}).status_code

    answers = at_once(lambda: send(clients[0], "内向"), lambda: send(clients[1], "开朗"))
    assert sorted(map(str, answers)) == ["302", "422"]
    assert len(house.rows(ChildProfile)) == 1


def test_two_who_add_a_member_at_the_same_moment_add_both(house: House) -> None:
    clients = [house.client(house.teacher), house.client(house.principal)]
    path = f"{house.school.path}pupils/{house.child}/family/new"

    def send(client: FlaskClient, name: str) -> int:
        form = {"name": name, "relation": "62", "phone": "13700000001"}
        return client.post(path, data=form).status_code

    answers = at_once(lambda: send(clients[0], "奶奶"), lambda: send(clients[1], "外婆"))
    assert answers == [302, 302]
    assert len({one.position for one in house.rows(Guardian)}) == 3


def test_renewals_of_one_child_at_the_same_moment_leave_one_spell(house: House) -> None:
    def renew() -> int:
        with house.factory.session(house.school.scope) as session:
            return renew_five_known(session, house.school.id, [house.child], TODAY)

    assert sum(map(int, map(str, at_once(renew, renew, renew)))) == 1
    assert len(house.rows(KnownSpell)) == 1
