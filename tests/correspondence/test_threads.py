"""Notes, requests and difficulties: who sees which thread, what waits for whom, nothing taken back."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.core.scope import aggregating, operating
from lxsaas.correspondence import actions, queries
from lxsaas.correspondence.actions import Writer
from lxsaas.correspondence.models import CorrespondenceThread as Thread
from lxsaas.correspondence.models import DistrictMessage, SchoolMessage
from lxsaas.schools.models import School
from tests.factories import Factory, Person, Place

TODAY = clock.today("Asia/Shanghai")
SignIn = Callable[[Person], FlaskClient]


@dataclass
class Bureau:
    """A district with two schools, an officer, an analyst and a principal at each school."""

    factory: Factory
    district: Place
    schools: list[Place]
    officer: Person
    analyst: Person
    principals: list[Person]

    def writer(self, person: Person) -> Writer:
        return Writer("district" if person.place is self.district else "school", person.id, person.username)

    def ask(self, *schools: Place, kind: str = "request", due_on: date | None = TODAY) -> list[int]:
        with self.factory.session(self.district.scope) as session:
            return actions.write_to_schools(
                session, district_id=self.district.id, school_ids=[one.id for one in schools], kind=kind,
                title="谈话记录", text="请说明本月情况", due_on=due_on if kind == "request" else None,
                today=TODAY, by=self.writer(self.officer),
            )  # fmt: skip

    def raise_difficulty(self, number: int = 0) -> int:
        school = self.schools[number]
        with self.factory.session(school.scope) as session:
            (made,) = actions.raise_difficulty(
                session, district_id=self.district.id, school_id=school.id, title="缺心理教师",
                text="请派人支持", by=self.writer(self.principals[number]),
            )  # fmt: skip
        return made

    def write(self, person: Person, thread_id: int, words: str = "已补") -> None:
        with self.factory.session(person.place.scope) as session:
            thread = session.get_one(Thread, (self.district.id, thread_id))
            actions.write_message(session, thread, text=words, by=self.writer(person))

    def state(self, thread_id: int) -> str:
        with self.factory.session(self.district.scope) as session:
            return session.get_one(Thread, (self.district.id, thread_id)).state

    def waiting(self, person: Person) -> int:
        unit_id = None if person.place is self.district else person.place.id
        side = self.writer(person).side
        with self.factory.session(person.place.scope) as session:
            query = queries.waiting_count(side, TODAY, self.district.id, queries.Reach(unit_id))
            return int(session.execute(query).one()[0])


@pytest.fixture
def bureau(factory: Factory) -> Bureau:
    district = factory.district()
    schools = [factory.school(district), factory.school(district)]
    return Bureau(
        factory, district, schools, factory.officer(district), factory.officer(district, "analyst"),
        [factory.staff(school, "principal") for school in schools],
    )  # fmt: skip


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    def client(person: Person) -> FlaskClient:
        made = app.test_client()
        made.set_cookie("language", "en", path="/")
        return person.sign_in(made)

    return client


def test_a_request_waits_for_the_school_then_for_the_district(bureau: Bureau) -> None:
    (thread_id,) = bureau.ask(bureau.schools[0])
    principal = bureau.principals[0]
    assert (bureau.waiting(principal), bureau.waiting(bureau.officer)) == (1, 0)
    bureau.write(principal, thread_id)
    assert bureau.state(thread_id) == "answered"
    assert (bureau.waiting(principal), bureau.waiting(bureau.officer)) == (0, 1)
    bureau.write(bureau.officer, thread_id, "还缺三年级")
    assert (bureau.waiting(principal), bureau.waiting(bureau.officer)) == (1, 0)


def test_a_difficulty_waits_for_the_district_and_is_closed_by_the_school(bureau: Bureau) -> None:
    thread_id = bureau.raise_difficulty()
    principal = bureau.principals[0]
    assert (bureau.waiting(principal), bureau.waiting(bureau.officer)) == (0, 1)
    bureau.write(bureau.officer, thread_id)
    assert (bureau.waiting(principal), bureau.waiting(bureau.officer)) == (1, 0)
    with bureau.factory.session(principal.place.scope) as session:
        thread = session.get_one(Thread, (bureau.district.id, thread_id))
        actions.close_thread(session, thread, by=bureau.writer(principal))
    assert bureau.state(thread_id) == "closed"
    with pytest.raises(RuleError, match="thread_closed"):
        bureau.write(bureau.officer, thread_id)


def test_a_word_sent_twice_arrived_also_where_the_thread_was_closed_in_between(bureau: Bureau) -> None:
    (thread_id,) = bureau.ask(bureau.schools[0])
    principal, officer, key = bureau.principals[0], bureau.officer, uuid4()

    def send() -> bool:
        with bureau.factory.session(principal.place.scope) as session:
            thread = session.get_one(Thread, (bureau.district.id, thread_id))
            return actions.write_message(
                session, thread, text="已补", client_key=key, by=bureau.writer(principal)
            )

    assert send()
    with bureau.factory.session(bureau.district.scope) as session:
        thread = session.get_one(Thread, (bureau.district.id, thread_id))
        actions.close_thread(session, thread, by=bureau.writer(officer))
    assert not send()
    assert bureau.state(thread_id) == "closed"


def test_a_note_is_over_when_the_school_has_read_it(bureau: Bureau) -> None:
    (thread_id,) = bureau.ask(bureau.schools[0], kind="note")
    with bureau.factory.session(bureau.schools[0].scope) as session:
        thread = session.get_one(Thread, (bureau.district.id, thread_id))
        actions.read_note(session, thread, by=bureau.writer(bureau.principals[0]))
    assert bureau.state(thread_id) == "closed"


def test_a_school_does_not_close_what_the_district_has_asked(bureau: Bureau) -> None:
    (thread_id,) = bureau.ask(bureau.schools[0])
    with bureau.factory.session(bureau.schools[0].scope) as session:
        thread = session.get_one(Thread, (bureau.district.id, thread_id))
        with pytest.raises(RuleError, match="thread_not_yours"):
            actions.close_thread(session, thread, by=bureau.writer(bureau.principals[0]))


def test_several_schools_get_a_thread_each_once(bureau: Bureau) -> None:
    key = uuid4()

    def send() -> list[int]:
        with bureau.factory.session(bureau.district.scope) as session:
            return actions.write_to_schools(
                session, district_id=bureau.district.id, school_ids=[one.id for one in bureau.schools],
                kind="note", title="会议", text="周五开会", due_on=None, today=TODAY, client_key=key,
                by=bureau.writer(bureau.officer),
            )  # fmt: skip

    assert len(send()) == 2
    assert send() == []
    with bureau.factory.session(bureau.district.scope) as session:
        assert session.scalar(select(func.count()).select_from(DistrictMessage)) == 2


def test_a_school_of_another_district_cannot_be_asked(bureau: Bureau) -> None:
    with pytest.raises(RuleError, match="thread_no_school"):
        bureau.ask(bureau.schools[0], bureau.factory.school())


@pytest.mark.parametrize(
    ("due_on", "code"), [(None, "thread_due_missing"), (TODAY - timedelta(days=1), "thread_due_past")]
)
def test_a_request_needs_a_day_to_come(bureau: Bureau, due_on: date | None, code: str) -> None:
    with pytest.raises(RuleError, match=code):
        bureau.ask(bureau.schools[0], due_on=due_on)


def test_it_is_late_from_the_day_after(bureau: Bureau) -> None:
    (thread_id,) = bureau.ask(bureau.schools[0], due_on=TODAY)

    def late(day: date) -> list[int]:
        with bureau.factory.session(bureau.district.scope) as session:
            query = queries.threads_of(bureau.district.id).where(queries.shown_as("late", day))
            return [row[0].id for row in session.execute(query)]

    assert late(TODAY) == []
    assert late(TODAY + timedelta(days=1)) == [thread_id]
    bureau.write(bureau.principals[0], thread_id)
    assert late(TODAY + timedelta(days=1)) == []


def test_each_school_s_login_sees_its_own_threads_alone(bureau: Bureau) -> None:
    own, other = bureau.ask(*bureau.schools)
    bureau.write(bureau.principals[1], other, "别校的话")
    with bureau.factory.session(bureau.schools[0].scope) as session:
        assert session.scalars(select(Thread.id)).all() == [own]
        assert session.scalar(select(func.count()).select_from(SchoolMessage)) == 0
        assert session.scalar(select(func.count()).select_from(DistrictMessage)) == 1


def test_a_school_s_login_writes_into_no_thread_of_another_school(bureau: Bureau) -> None:
    _own, other = bureau.ask(*bureau.schools)
    principal = bureau.principals[0]
    row = {
        "district_id": bureau.district.id, "thread_id": other, "staff_id": principal.id,
        "author_name": "x", "body": "x",
    }  # fmt: skip
    for unit_id in (bureau.schools[0].id, bureau.schools[1].id):
        with bureau.factory.app.app_context(), pytest.raises(Exception, match="foreign key|row-level"):
            with bureau.factory.session(principal.place.scope) as session:
                session.add(SchoolMessage(**row, unit_id=unit_id))


def test_no_login_changes_or_removes_what_was_written_or_writes_for_the_other_side(bureau: Bureau) -> None:
    (thread_id,) = bureau.ask(bureau.schools[0])
    bureau.write(bureau.principals[0], thread_id)
    scopes = [bureau.district.scope, bureau.schools[0].scope, aggregating(bureau.district.id, ())]
    for scope in scopes:
        for statement in (
            "update district_message set body = ''", "delete from district_message",
            "update school_message set body = ''", "delete from school_message",
            "delete from correspondence_thread", "update correspondence_thread set title = ''",
        ):  # fmt: skip
            with pytest.raises(ProgrammingError, match="permission denied"):
                with bureau.factory.session(scope) as session:
                    session.execute(text(statement))
    for scope, table in zip(scopes, ("school_message", "district_message"), strict=False):
        with pytest.raises(ProgrammingError, match="permission denied"):
            with bureau.factory.session(scope) as session:
                session.execute(text(f"insert into {table} (district_id) values ({bureau.district.id})"))


def test_the_nights_and_the_mail_read_no_word(bureau: Bureau) -> None:
    bureau.ask(bureau.schools[0])
    for column in (
        "title from correspondence_thread",
        "body from district_message",
        "body from school_message",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            with bureau.factory.session(aggregating(bureau.district.id, ())) as session:
                session.execute(text(f"select {column}"))


def test_three_people_and_a_thread(bureau: Bureau, sign_in: SignIn) -> None:
    own, _other = bureau.ask(*bureau.schools)
    teacher = bureau.factory.staff(bureau.schools[0])
    archivist = bureau.factory.staff(bureau.schools[0], "archivist")
    page = f"correspondence/{own}"
    assert sign_in(bureau.principals[0]).get(f"{bureau.schools[0].path}{page}").status_code == 200
    assert sign_in(archivist).get(f"{bureau.schools[0].path}{page}").status_code == 200
    assert sign_in(teacher).get(f"{bureau.schools[0].path}{page}").status_code == 403
    assert sign_in(bureau.principals[1]).get(f"{bureau.schools[1].path}{page}").status_code == 404
    assert sign_in(bureau.officer).get(f"{bureau.district.path}{page}").status_code == 200
    far = bureau.factory.officer(bureau.factory.district())
    assert sign_in(far).get(f"{far.place.path}{page}").status_code == 404


def test_archivists_and_analysts_read_and_do_not_write(bureau: Bureau, sign_in: SignIn) -> None:
    (thread_id,) = bureau.ask(bureau.schools[0])
    archivist = bureau.factory.staff(bureau.schools[0], "archivist")
    for person in (archivist, bureau.analyst):
        client, path = sign_in(person), f"{person.place.path}correspondence/{thread_id}"
        assert "<textarea" not in client.get(path).text
        assert client.post(path, data={"text": "x"}).status_code == 403


def test_asked_on_the_page_and_answered_on_the_page(bureau: Bureau, sign_in: SignIn) -> None:
    officer, path = sign_in(bureau.officer), bureau.district.path
    form = {
        "kind": "request", "to": "chosen", "schools": [str(bureau.schools[0].id)], "title": "家访",
        "text": "请补齐", "due_on": "", "client_key": "",
    }  # fmt: skip
    refused = officer.post(f"{path}correspondence/new", data=form)
    assert refused.status_code == 422
    assert "Say by which day you want the answer." in refused.text
    assert "请补齐" in refused.text
    sent = officer.post(f"{path}correspondence/new", data=form | {"due_on": str(TODAY)})
    assert sent.status_code == 302
    principal, school = sign_in(bureau.principals[0]), bureau.schools[0].path
    assert "家访" in principal.get(f"{school}correspondence").text
    thread_id = re.search(r"correspondence/(\d+)", principal.get(f"{school}correspondence").text)
    assert thread_id is not None
    answered = principal.post(f"{school}correspondence/{thread_id[1]}", data={"text": "已补齐"})
    assert answered.status_code == 302
    # Else the next word would begin from this one, with its key, and be taken for the same sent twice.
    assert f'data-draft-saved="thread-{thread_id[1]}"' in principal.get(answered.location).text
    assert "已补齐" in officer.get(f"{path}correspondence/{thread_id[1]}").text
    assert bureau.state(int(thread_id[1])) == "answered"


def test_the_list_searches_filters_sorts_and_is_taken_out_without_the_words(
    bureau: Bureau, sign_in: SignIn
) -> None:
    bureau.ask(*bureau.schools)
    bureau.raise_difficulty()
    officer, path = sign_in(bureau.officer), f"{bureau.district.path}correspondence"
    slugs = [school.slug for school in bureau.schools]
    found = officer.post(path, data={"q": slugs[1]}).text
    assert slugs[1] in found
    assert f"{slugs[0]}小学" not in found
    difficulties = officer.post(path, data={"kind": "difficulty"}).text
    assert "缺心理教师" in difficulties
    assert "谈话记录" not in difficulties
    book = officer.post(f"{path}/threads.xlsx", data={"sort": "school"})
    sheet = openpyxl.load_workbook(io.BytesIO(book.data)).active
    assert sheet is not None
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert cells.count("谈话记录") == 2
    assert not any("请说明本月情况" in cell for cell in cells)


def test_a_page_of_the_list_asks_as_often_for_many_schools(bureau: Bureau, sign_in: SignIn) -> None:
    client = sign_in(bureau.principals[0])
    path = f"{bureau.schools[0].path}correspondence"
    bureau.ask(bureau.schools[0])
    client.get(path)
    with bureau.factory.counting_queries() as few:
        client.get(path)
    for _ in range(8):
        bureau.ask(*bureau.schools)
    with bureau.factory.counting_queries() as many:
        client.get(path)
    assert len(many) == len(few)


def test_the_principal_is_told_on_the_week_s_page_and_beside_the_figures(
    bureau: Bureau, sign_in: SignIn
) -> None:
    bureau.ask(bureau.schools[0])
    told = "Notices and requests from the district that wait for you"
    principal = sign_in(bureau.principals[0])
    assert told in principal.get(f"{bureau.schools[0].path}week").text
    assert told not in sign_in(bureau.principals[1]).get(f"{bureau.schools[1].path}week").text


def test_an_officer_of_some_townships_writes_to_their_schools_alone(bureau: Bureau, sign_in: SignIn) -> None:
    township = bureau.factory.township(bureau.district)
    with bureau.factory.session(operating()) as session:
        session.get_one(School, bureau.schools[1].id).township_id = township
    first, second = bureau.ask(*bureau.schools)
    officer = sign_in(bureau.factory.officer(bureau.district, township_ids=[township]))
    path = f"{bureau.district.path}correspondence"
    assert bureau.schools[0].slug not in officer.get(path).text
    assert officer.get(f"{path}/{second}").status_code == 200
    assert officer.get(f"{path}/{first}").status_code == 404
    form = {"kind": "note", "title": "会议", "text": "周五开会", "client_key": "", "due_on": ""}
    beyond = form | {"to": "chosen", "schools": [str(bureau.schools[0].id)]}
    assert officer.post(f"{path}/new", data=beyond).status_code == 422
    assert officer.post(f"{path}/new", data=form | {"to": "all"}).status_code == 302
    with bureau.factory.session(bureau.district.scope) as session:
        asked = session.scalars(select(Thread.unit_id).where(Thread.title == "会议")).all()
    assert asked == [bureau.schools[1].id]
