"""The pages of care as a teacher uses them, and as others must not."""

import io
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select
from structlog.testing import capture_logs

from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core.audit import AuditEntry
from lxsaas.core.clock import month_start, today
from tests.care.desk import Desk
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")


@dataclass
class Walk:
    """A teacher signed in at a school with a class of one left-behind child and one other."""

    client: FlaskClient
    factory: Factory
    school: Place
    teacher: Person
    class_id: int
    child: int
    other: int

    def page(self, path: str, **form: object) -> str:
        answer = self.client.get(self.school.path + path)
        assert answer.status_code == 200, answer.status_code
        return answer.text

    def form(self, **values: object) -> dict[str, object]:
        return {
            "pupils": [self.child], "kind": int(CareKind.TALK), "occurred_on": TODAY.isoformat(),
            "client_key": str(uuid.uuid4()), "class_id": self.class_id, "back": "overview",
        } | values  # fmt: skip

    def send(self, **values: object) -> int:
        answer = self.client.post(f"{self.school.path}care-records", data=self.form(**values))
        return answer.status_code

    def records(self) -> int:
        with self.factory.session(self.school.scope) as session:
            return session.scalar(select(func.count()).select_from(CareRecord)) or 0


@pytest.fixture
def walk(client: FlaskClient, factory: Factory) -> Walk:
    school = factory.school()
    teacher = factory.staff(school, language="en")
    class_id = factory.school_class(school, teacher)
    child = factory.pupil(school, class_id, name="汤文博", pinyin="twb tangwenbo")
    other = factory.pupil(school, class_id, name="陈雨桐", pinyin="cyt chenyutong")
    factory.left_behind(school, child)
    return Walk(teacher.sign_in(client), factory, school, teacher, class_id, child, other)


def test_the_overview_says_who_is_still_waiting_and_what_was_done(walk: Walk) -> None:
    page = walk.page("care")
    assert "汤文博" in page
    assert "陈雨桐" not in page
    assert "3 open" in page
    assert f"pupil={walk.child}&amp;kind=home_visit" in page
    walk.factory.care(walk.school, walk.child, walk.teacher, CareKind.HOME_VISIT, TODAY)
    assert "2 open" in walk.page("care")


def test_care_of_another_month_does_not_count_for_this_one(walk: Walk) -> None:
    before = month_start(TODAY) - timedelta(days=1)
    walk.factory.care(walk.school, walk.child, walk.teacher, CareKind.TALK, before)
    assert "3 open" in walk.page("care")
    assert "Talk" in walk.page(f"care-records?month={before:%Y-%m}&class={walk.class_id}").split("<tbody>")[1]


def test_the_form_comes_filled_and_two_taps_make_a_record(walk: Walk) -> None:
    page = walk.page(f"care-records/new?pupil={walk.child}&kind=home_visit")
    assert f'value="{walk.child}" checked' in page
    assert f'value="{TODAY.isoformat()}"' in page
    with capture_logs() as logs:
        answer = walk.client.post(
            f"{walk.school.path}care-records", data=walk.form(elapsed_ms="8400"), follow_redirects=True
        )
    assert "Recorded for 1 child" in answer.text
    assert "Record another" in answer.text
    assert "2 open" in answer.text
    saved = [entry for entry in logs if entry["event"] == "record_saved"]
    assert [(entry["kind"], entry["seconds"]) for entry in saved] == [("talk", 8.4)]
    assert "汤文博" not in str(logs)


def test_several_children_and_a_note_at_once(walk: Walk) -> None:
    assert walk.send(pupils=[walk.child, walk.other], note="<b>谈了纪律</b>", back="pupil") == 302
    assert walk.records() == 2
    page = walk.page(f"pupils/{walk.child}/care-records")
    assert "&lt;b&gt;谈了纪律&lt;/b&gt;" in page


def test_a_double_tap_makes_one_record(walk: Walk) -> None:
    form = walk.form()
    for _ in range(2):
        answer = walk.client.post(f"{walk.school.path}care-records", data=form, follow_redirects=True)
    assert "This was recorded already" in answer.text
    assert walk.records() == 1


def test_a_day_to_come_is_refused_at_the_field_and_the_rest_stays(walk: Walk) -> None:
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    form = walk.form(occurred_on=tomorrow, note="说好再来", kind=int(CareKind.HOME_VISIT))
    answer = walk.client.post(f"{walk.school.path}care-records", data=form)
    assert answer.status_code == 422
    error = answer.text.split('id="occurred_on-error"')[1][:400]
    assert "This day has not come yet." in error
    assert "说好再来" in answer.text
    assert f'value="{walk.child}" checked' in answer.text
    assert str(form["client_key"]) in answer.text
    assert f'value="{tomorrow}"' in answer.text
    assert walk.records() == 0


def test_what_is_missing_is_said_at_its_field(walk: Walk) -> None:
    empty = {"client_key": "no key", "class_id": str(walk.class_id)}
    answer = walk.client.post(f"{walk.school.path}care-records", data=empty)
    assert answer.status_code == 422
    for field in ("pupils", "kind", "occurred_on"):
        assert f'id="{field}-error"' in answer.text
    assert "汤文博" in answer.text
    answer = walk.client.post(f"{walk.school.path}care-records", data=walk.form(occurred_on="昨天", kind=77))
    assert answer.status_code == 422
    assert walk.records() == 0


def test_who_came_later_is_named_at_the_children(walk: Walk) -> None:
    fresh = walk.factory.pupil(walk.school, walk.class_id, name="新同学", enrolled_on=TODAY)
    form = walk.form(pupils=[walk.child, fresh], occurred_on=(TODAY - timedelta(days=1)).isoformat())
    answer = walk.client.post(f"{walk.school.path}care-records", data=form)
    error = answer.text.split('id="pupils-error"')[1][:400]
    assert "Not a pupil of the school on this day: 新同学." in error


def test_a_search_finds_by_name_and_pinyin_without_an_address(walk: Walk) -> None:
    for wanted, found in (("雨桐", "陈雨桐"), ("tangw", "汤文博"), ("twb", "汤文博")):
        page = walk.client.post(f"{walk.school.path}care", data={"q": wanted}).text
        assert found in page.split("<main")[1]
    assert "No child found" in walk.client.post(f"{walk.school.path}care", data={"q": "%"}).text


def test_the_class_list_sorts_pages_and_exports_texts(walk: Walk) -> None:
    formula = walk.factory.pupil(walk.school, walk.class_id, name="=HYPERLINK(1)")
    for _ in range(31):
        walk.factory.care(walk.school, walk.child, walk.teacher, CareKind.TALK, TODAY)
    walk.factory.care(walk.school, formula, walk.teacher, CareKind.GIFT, TODAY)
    first = walk.page(f"care-records?class={walk.class_id}&sort=kind")
    assert "Page 1 of 2" in first
    assert "Gift or supplies" in walk.page(f"care-records?class={walk.class_id}&sort=kind&page=2")
    answer = walk.client.get(f"{walk.school.path}care-records.xlsx?class={walk.class_id}&sort=-kind")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=HYPERLINK(1)"]
    assert [cell.data_type for cell in cells] == ["s"]
    with walk.factory.session(walk.school.scope) as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "export_care_records")).one()


def test_notes_are_read_by_their_author_and_who_may_see_secrets(walk: Walk, app: Flask) -> None:
    walk.send(note="家里最近缺钱")
    walk.send(kind=int(CareKind.COUNSELLING), note="只给辅导老师看")
    principal = walk.factory.staff(walk.school, "principal", language="en").sign_in(app.test_client())
    page = principal.get(f"{walk.school.path}pupils/{walk.child}/care-records").text
    assert "家里最近缺钱" in page
    assert "只给辅导老师看" not in page
    assert "only its author reads" in page
    assert "只给辅导老师看" in walk.page(f"pupils/{walk.child}/care-records")
    with walk.factory.session(walk.school.scope) as session:
        sights = session.scalars(select(AuditEntry).where(AuditEntry.action == "view_care_notes")).all()
        assert {entry.subject_id for entry in sights} == {walk.child}
        assert len(sights) == 2


def test_the_list_of_a_child_comes_as_a_fragment_for_its_own_page(walk: Walk) -> None:
    path = f"{walk.school.path}pupils/{walk.child}/care-records"
    fragment = walk.client.get(path, headers={"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert "Nothing recorded yet" in fragment


def others(walk: Walk, app: Flask) -> Iterator[tuple[str, FlaskClient, int]]:
    """(who, signed in where, status owed) of people out of whose reach the child is."""
    factory, school = walk.factory, walk.school
    colleague = factory.staff(school)
    factory.school_class(school, colleague, grade=4)
    yield "another class's teacher", colleague.sign_in(app.test_client()), 404
    yield "a teacher without a class", factory.staff(school, "teacher").sign_in(app.test_client()), 404
    neighbour = factory.staff(factory.school())
    yield "the next school's teacher", neighbour.sign_in(app.test_client()), 302
    officer = factory.officer(factory.district())
    yield "an officer", officer.sign_in(app.test_client()), 302
    yield "nobody", app.test_client(), 302


def test_a_child_out_of_reach_does_not_exist(walk: Walk, app: Flask) -> None:
    for who, client, status in others(walk, app):
        for path in (
            f"care-records/new?pupil={walk.child}",
            f"pupils/{walk.child}/care-records",
            f"care-records?class={walk.class_id}",
            f"care-records.xlsx?class={walk.class_id}",
            f"care?class={walk.class_id}",
        ):
            answer = client.get(walk.school.path + path)
            assert answer.status_code == status, (who, path)
            assert "汤文博" not in answer.text, (who, path)
        answer = client.post(f"{walk.school.path}care-records", data=walk.form())
        assert answer.status_code == status, who
    assert walk.records() == 0


def test_in_one_s_own_school_the_next_school_s_child_does_not_exist(walk: Walk, app: Flask) -> None:
    school = walk.factory.school()
    principal = walk.factory.staff(school, "principal")
    client = principal.sign_in(app.test_client())
    for path in (f"care-records/new?pupil={walk.child}", f"pupils/{walk.child}/care-records"):
        assert client.get(school.path + path).status_code == 404
    assert client.post(f"{school.path}care-records", data=walk.form()).status_code == 404


def test_the_principal_chooses_among_all_classes(walk: Walk, app: Flask) -> None:
    walk.factory.school_class(walk.school, grade=1)
    client = walk.factory.staff(walk.school, "principal", language="en").sign_in(app.test_client())
    page = client.get(f"{walk.school.path}care").text
    assert f'<option value="{walk.class_id}"' in page
    assert "汤文博" in client.get(f"{walk.school.path}care?class={walk.class_id}").text


def test_the_archivist_reads_and_does_not_record(walk: Walk, app: Flask) -> None:
    client = walk.factory.staff(walk.school, "archivist", language="en").sign_in(app.test_client())
    for path in (f"pupils/{walk.child}/care-records", f"care-records?class={walk.class_id}"):
        page = client.get(walk.school.path + path)
        assert page.status_code == 200
        assert "Record care" not in page.text
    for path in ("care", f"care-records/new?pupil={walk.child}"):
        assert client.get(walk.school.path + path).status_code == 403
    assert client.post(f"{walk.school.path}care-records", data=walk.form()).status_code == 403
    assert walk.records() == 0


def test_who_has_no_class_is_told_so(walk: Walk, app: Flask) -> None:
    client = walk.factory.staff(walk.school, "teacher", language="en").sign_in(app.test_client())
    for path in ("care", "care-records/new", "care-records"):
        assert "No class is assigned to you" in client.get(walk.school.path + path).text


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def test_the_number_of_queries_does_not_grow_with_pupils_or_records(walk: Walk) -> None:
    paths = ("care", f"care-records?class={walk.class_id}", f"pupils/{walk.child}/care-records",
             f"care-records/new?pupil={walk.child}")  # fmt: skip
    walk.send(note="第一次")

    def statements() -> list[int]:
        counts = []
        for path in paths:
            with counted_statements() as seen:
                walk.page(path)
            counts.append(len(seen))
        return counts

    before = statements()
    for _ in range(8):
        more = walk.factory.pupil(walk.school, walk.class_id)
        walk.factory.left_behind(walk.school, more)
        walk.send(pupils=[walk.child, more], note="又一次")
    assert statements() == before


@pytest.mark.parametrize(
    ("form", "send", "values"),
    [
        ("care-records/new", "care-records", {"kind": 1, "occurred_on": TODAY.isoformat()}),
        ("family-phone/new", "family-phone",
         {"on_day": TODAY.isoformat(), "at": "16:30", "minutes": 10, "weeks": 1, "party": 1}),
        ("care-records/{record}/edit", "care-records/{record}/edit",
         {"kind": 2, "occurred_on": TODAY.isoformat(), "version": 1}),
    ],
)  # fmt: skip
def test_a_saved_form_tells_the_phone_to_drop_its_draft(
    desk: Desk, form: str, send: str, values: dict[str, object]
) -> None:
    record = desk.record()
    page = desk.get(form.format(record=record)).text
    (draft,) = re.findall(r'data-draft="([^"]+)"', page)
    hidden = dict(re.findall(r'name="(class_id|draft)"[^>]*value="([^"]*)"', page))
    path = desk.school.path + send.format(record=record)
    answer = desk.client.post(path, data={**hidden, "pupils": [desk.child], **values}, follow_redirects=True)
    assert f'data-draft-saved="{draft}"' in answer.text


def test_with_several_classes_the_forms_offer_the_others(desk: Desk) -> None:
    principal = desk.sign_in("principal")
    empty = desk.factory.school_class(desk.school, grade=1)
    for path in ("care-records/new?kind=gift", "family-phone/new?"):
        page = desk.get(f"{path}&class={desk.class_id}", principal).text
        assert f'<option value="{empty}"' in page
        assert "汤文博" in page
        assert f'<option value="{empty}"' not in desk.get(path).text
