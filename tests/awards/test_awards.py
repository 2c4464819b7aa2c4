"""Awards: nominated with evidence, decided once by the principal, printed as a certificate, listed."""

import io
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa
from docx import Document
from flask import Flask
from flask.testing import FlaskClient

from lxsaas.awards.models import ChildNomination
from lxsaas.core import clock
from lxsaas.pupils.models import Pupil
from lxsaas.schools.years import year_name, year_of
from tests.document_templates import LETTERHEAD, bring_template
from tests.factories import Factory, Person, Place
from tests.guardrails.test_routes import text_of

TODAY = clock.today("Asia/Shanghai")
YEAR = year_of(TODAY)
EVIDENCE = "每天照顾生病的奶奶，成绩一直在前十名。"


@dataclass
class Hall:
    """A school with a class of two children."""

    app: Flask
    factory: Factory
    school: Place
    teacher: Person
    principal: Person
    children: list[int]
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def client(self, person: Person) -> FlaskClient:
        if person.username not in self.clients:
            self.clients[person.username] = person.sign_in(self.app.test_client())
        return self.clients[person.username]

    def nominate(self, **more: object) -> str:
        """The address of a nomination of the first child as self-reliant."""
        sent = {
            "pupil": self.children[0], "kind": "self_reliant", "school_year": YEAR, "nominated_on": TODAY,
            "evidence": EVIDENCE,
        } | more  # fmt: skip
        answer = self.client(self.teacher).post(f"{self.school.path}child-nominations/entries", data=sent)
        assert answer.status_code == 302, answer.text
        return str(answer.location)

    def decide(self, address: str, *, by: Person | None = None, **more: object) -> int:
        sent = {"decision": "awarded", "decided_on": TODAY, "version": "1"} | more
        client = self.client(by or self.principal)
        return client.post(f"{address}/decision", data=sent).status_code

    def name(self, number: int = 0) -> str:
        with self.factory.session(self.school.scope) as session:
            return session.get_one(Pupil, (self.school.id, self.children[number])).name


@pytest.fixture
def hall(app: Flask, factory: Factory) -> Hall:
    school = factory.school()
    teacher = factory.staff(school, name="马老师")
    class_id = factory.school_class(school, teacher)
    children = [factory.pupil(school, class_id) for _ in range(2)]
    return Hall(app, factory, school, teacher, factory.staff(school, "principal"), children)


def words_of(content: bytes) -> str:
    return "\n".join(one.text for one in Document(io.BytesIO(content)).paragraphs)


def test_a_child_is_nominated_decided_and_honoured(hall: Hall) -> None:
    address = hall.nominate()
    assert EVIDENCE in hall.client(hall.teacher).get(address).text
    assert hall.client(hall.teacher).post(f"{address}/certificate").status_code == 404, "not decided yet"
    assert hall.decide(address, decision_words="一致同意") == 302
    answer = hall.client(hall.teacher).post(f"{address}/certificate")
    words = words_of(answer.data)
    for one in (hall.name(), f"{hall.school.slug}小学", year_name(YEAR)):
        assert one in words
    assert hall.name() not in answer.headers["Content-Disposition"]
    bring_template(hall.factory, hall.school.id, hall.school.scope, "award_certificate", hall.teacher)
    own = hall.client(hall.teacher).post(f"{address}/certificate").data
    assert {LETTERHEAD, hall.name()} <= set(words_of(own).splitlines())


@pytest.mark.parametrize(
    ("more", "honoured"),
    [
        ({"kind": "parent", "parent_name": "谢桂英"}, ["谢桂英"]),
        ({"kind": "pair", "partner_id": "second"}, ["first", "second"]),
    ],
)
def test_parents_and_pairs_are_honoured_by_their_names(
    hall: Hall, more: dict[str, object], honoured: list[str]
) -> None:
    sent = {name: hall.children[1] if value == "second" else value for name, value in more.items()}
    address = hall.nominate(**sent)
    assert hall.decide(address) == 302
    names = {"first": hall.name(), "second": hall.name(1)}
    words = words_of(hall.client(hall.teacher).post(f"{address}/certificate").data)
    for one in honoured:
        assert names.get(one, one) in words


def test_a_decision_stays(hall: Hall) -> None:
    address = hall.nominate()
    assert hall.decide(address, decision="declined") == 302
    assert hall.decide(address, version="2") == 404
    assert hall.client(hall.teacher).get(f"{address}/edit").status_code == 404
    with hall.factory.session(hall.school.scope) as session:
        assert session.scalars(sa.select(ChildNomination.decision)).all() == ["declined"]


def test_a_decision_is_taken_back_by_who_decides_alone(hall: Hall) -> None:
    address = hall.nominate()
    hall.decide(address)
    teacher, form = hall.client(hall.teacher), {"version": "2", "reason": "评错了"}
    assert f"{address}/withdrawal" not in teacher.get(address).text
    assert teacher.post(f"{address}/withdrawal", data=form).status_code == 403
    assert f"{address}/withdrawal" in hall.client(hall.principal).get(address).text
    assert hall.client(hall.principal).post(f"{address}/withdrawal", data=form).status_code == 302
    assert teacher.post(f"{address}/certificate").status_code == 404
    undecided = hall.nominate()
    assert teacher.post(f"{undecided}/withdrawal", data=form | {"version": "1"}).status_code == 302


def test_a_pair_is_nominated_once_from_whichever_child(hall: Hall) -> None:
    first, second = hall.children
    hall.nominate(kind="pair", partner_id=second)
    turned = {
        "pupil": second, "kind": "pair", "partner_id": first, "school_year": YEAR, "nominated_on": TODAY,
        "evidence": EVIDENCE,
    }  # fmt: skip
    page = hall.client(hall.teacher).post(f"{hall.school.path}child-nominations/entries", data=turned)
    assert page.status_code == 422
    assert 'id="partner_id-error"' in page.text
    hall.nominate(pupil=second, kind="pair", partner_id=first, school_year=YEAR - 1)


@pytest.mark.parametrize("day", [-3, 2])
def test_a_decision_lies_between_the_nomination_and_today(hall: Hall, day: int) -> None:
    address = hall.nominate()
    assert hall.decide(address, decided_on=TODAY + timedelta(days=day)) == 422


def test_what_is_missing_is_said(hall: Hall) -> None:
    hall.nominate()
    for more in ({"kind": "pair"}, {"kind": "parent"}, {"partner_id": hall.children[1]}, {}):
        sent = {
            "pupil": hall.children[0], "kind": "self_reliant", "school_year": YEAR, "nominated_on": TODAY,
            "evidence": EVIDENCE,
        } | more  # fmt: skip
        page = hall.client(hall.teacher).post(f"{hall.school.path}child-nominations/entries", data=sent)
        assert page.status_code == 422, more
        assert "lx-error" in page.text


def test_only_the_principal_decides_and_nobody_elsewhere_sees_it(hall: Hall) -> None:
    address = hall.nominate()
    assert hall.decide(address, by=hall.teacher) == 403
    colleague = hall.factory.staff(hall.school)
    stranger = hall.factory.staff(hall.factory.school(), "principal")
    assert hall.client(colleague).get(address).status_code == 404
    number = address.rpartition("/")[2]
    for verb in ("decision", "certificate"):
        there = f"{stranger.place.path}child-nominations/{number}/{verb}"
        assert hall.client(stranger).post(there).status_code in (403, 404)
    for person, seen in ((hall.teacher, True), (colleague, False), (stranger, False)):
        page = hall.client(person).get(f"{person.place.path}awards").text
        assert (hall.name() in page) is seen


def test_a_teacher_is_honoured_and_the_year_is_taken_out(hall: Hall) -> None:
    client = hall.client(hall.principal)
    sent = {"staff_id": hall.teacher.id, "school_year": YEAR, "nominated_on": TODAY, "evidence": "走访全班。"}
    answer = client.post(f"{hall.school.path}teacher-nominations/entries", data=sent)
    address = str(answer.location)
    assert hall.decide(address) == 302
    assert "马老师" in words_of(client.post(f"{address}/certificate").data)
    hall.nominate()
    assert "马老师" in client.get(f"{hall.school.path}awards?year={YEAR}").text
    assert "马老师" not in client.get(f"{hall.school.path}awards?year={YEAR - 1}").text
    sheet = text_of(client.post(f"{hall.school.path}awards.xlsx", data={"year": YEAR}).data)
    assert "马老师" in sheet
    assert hall.name() in sheet
    assert EVIDENCE not in sheet


def test_school_years_begin_in_august() -> None:
    assert [year_of(TODAY.replace(month=month, day=1)) - TODAY.year for month in (7, 8)] == [-1, 0]
