"""The whole file of a child taken out, and the timeline: what is in it, and what never is."""

import io
import uuid
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta

import openpyxl
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from lxsaas.archive.erasure import erase_pupil_secrets
from lxsaas.core.audit import AuditEntry
from lxsaas.core.crypto import school_cipher
from lxsaas.portfolio.models import PortfolioEntry
from lxsaas.pupils import timeline
from lxsaas.pupils.models import Guardian, ParentAbsence, Pupil
from lxsaas.pupils.timeline import Moment
from lxsaas.registers.actions import edit_row
from lxsaas.registers.history import changes_of
from lxsaas.registers.models import AttachmentContent
from tests.portfolio.conftest import TODAY, Room, before

HOSTILE = '=HYPERLINK("http://x")<script>alert(1)</script>'


def photo() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(buffer, "JPEG")
    return buffer.getvalue()


def enter(room: Room, child: int, **values: object) -> int:
    form = {
        "pupil": str(child), "kind": "work", "occurred_on": TODAY.isoformat(), "text": "画了一幅画",
        "client_key": str(uuid.uuid4()),
    } | values  # fmt: skip
    return room.client.post(f"{room.school.path}portfolio-entries/entries", data=form).status_code


def family(room: Room, child: int) -> None:
    with room.factory.session(room.school.scope) as session:
        cipher = school_cipher(session, room.school.id)
        pupil = session.get_one(Pupil, (room.school.id, child))
        pupil.phone_sealed = cipher.seal("13900000001", table="pupil", column="phone_sealed", row_id=child)
        session.add(
            Guardian(
                school_id=room.school.id, pupil_id=child, position=1, name=HOSTILE, relation="52",
                is_guardian=True, workplace="东莞电子厂",
            )
        )  # fmt: skip
        session.add(
            ParentAbsence(
                school_id=room.school.id, pupil_id=child, parent="mother", starts_on=date(2023, 1, 1),
                start_is_estimated=True, source="register", place="广东",
            )
        )  # fmt: skip


def taken_out(room: Room, child: int) -> zipfile.ZipFile:
    answer = room.client.post(f"{room.school.path}pupils/{child}/whole-file.zip")
    assert answer.status_code == 200
    assert answer.content_type == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.data))


def test_the_file_opens_and_holds_everything_and_nothing_that_runs(room: Room) -> None:
    child, other = room.child(HOSTILE), room.child("别的孩子")
    family(room, child)
    room.factory.left_behind(room.school, child)
    for days, mark in ((30, 500), (1, 905)):
        room.marks(room.exam(before(days)), {child: [mark, 800], other: [600, 700]})
    assert enter(room, child, text=HOSTILE, files=(io.BytesIO(photo()), "画.jpg")) == 302
    assert enter(room, child, kind="mood", text="这周很开心") == 302
    archive = taken_out(room, child)
    assert archive.testzip() is None
    names = archive.namelist()
    assert names[:2] == ["index.html", "data.xlsx"]
    assert len(names) == 3
    assert names[2].startswith("documents/portfolio-entry-")
    assert Image.open(io.BytesIO(archive.read(names[2]))).size == (30, 20)
    page = archive.read("index.html").decode()
    for text in ("13900000001", "东莞电子厂", "90.5", "1 of 2", "这周很开心", "both parents away", names[2]):
        assert text in page, text
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://x", "")
    assert "别的孩子" not in page
    book = openpyxl.load_workbook(io.BytesIO(archive.read("data.xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert HOSTILE in {cell.value for cell in cells}
    with room.factory.session(room.school.scope) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "export_whole_file")).one()
        assert (entry.subject, entry.subject_id, entry.staff_id) == ("pupil", child, room.teacher.id)
        assert entry.detail["documents"] == 1


def test_a_child_of_whom_little_is_known_has_a_file_too(room: Room) -> None:
    archive = taken_out(room, room.child("新同学"))
    assert "新同学" in archive.read("index.html").decode()
    assert archive.namelist() == ["index.html", "data.xlsx"]


def test_who_may_not_see_secrets_takes_no_file_out(room: Room, app: Flask) -> None:
    child = room.child()
    for role in ("teacher", "counsellor"):
        client = room.factory.staff(room.school, role).sign_in(app.test_client())
        assert client.post(f"{room.school.path}pupils/{child}/whole-file.zip").status_code == 403
    with room.factory.session(room.school.scope) as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "export_whole_file")).all() == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "mood", "text": ""}, "text"),
        ({"kind": "secret"}, "kind"),
        ({"occurred_on": (TODAY + timedelta(days=1)).isoformat()}, "occurred_on"),
        ({"occurred_on": "2001-01-01"}, "occurred_on"),
        ({"text": "长" * 2001}, "text"),
        ({"text": "a\0b"}, "text"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_at_its_field(
    room: Room, values: dict[str, str], field: str
) -> None:
    child = room.child()
    form = {"pupil": str(child), "kind": "work", "occurred_on": TODAY.isoformat(), "text": "画"} | values
    answer = room.client.post(f"{room.school.path}portfolio-entries/entries", data=form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    with room.factory.session(room.school.scope) as session:
        assert session.scalars(select(PortfolioEntry)).all() == []


def test_what_a_family_has_erased_is_gone_from_the_portfolio_s_works(room: Room) -> None:
    child, other = room.child(), room.child()
    for pupil, values in (
        (child, {"files": (io.BytesIO(photo()), "a.jpg")}), (child, {"kind": "conduct", "text": "守纪律"}),
        (other, {}),
    ):  # fmt: skip
        assert enter(room, pupil, **values) == 302
    with room.factory.session(room.school.scope) as session:
        work = session.scalars(select(PortfolioEntry).where(PortfolioEntry.pupil_id == child)).first()
        assert work is not None
        edit_row(session, work, values={"text": "画了院子"}, version=1, by=room.teacher.id)
        erase_pupil_secrets(
            session, session.get_one(Pupil, (room.school.id, child)), today=TODAY, by=room.teacher.id
        )
    with room.factory.session(room.school.scope) as session:
        rows = session.scalars(select(PortfolioEntry).order_by(PortfolioEntry.id)).all()
        assert [one.text_sealed is None for one in rows] == [True, False, False]
        assert [one.withdrawn_at is None for one in rows] == [False, True, True]
        assert session.scalars(select(AttachmentContent)).all() == []
        assert [change.before for change in changes_of(session, rows[0])] == [{}]


@pytest.fixture
def visits() -> Iterator[None]:
    """Another feature's lane."""

    def source(_session: object, _pupil: Pupil, _today: date) -> list[Moment]:
        return [Moment("Visits", "count", before(3), count=2), Moment("Visits", "count", before(3), count=3)]

    timeline.add_source(source)
    yield
    timeline.remove_source(source)


@pytest.mark.usefixtures("visits")
def test_the_timeline_shows_a_child_s_course_in_lanes_with_the_same_as_a_table(room: Room) -> None:
    child, other = room.child("汤文博"), room.child()
    family(room, child)
    room.factory.left_behind(room.school, child, starts_on=before(200))
    for days, mark in ((40, 500), (10, 905)):
        room.marks(room.exam(before(days)), {child: [mark, 800], other: [600, 700]})
    enter(room, child, kind="mood", text="谁也不该在这里看到")
    page = room.page(f"pupils/{child}/timeline")
    picture = page.split("data-chart='")[1].split("'")[0]
    for lane in ("Left behind", "Away: mother", "Place in exams", "Growth portfolio", "Visits"):
        assert lane in picture, lane
    table = page.split("<table")[1].split("</table>")[0]
    assert "1 of 2" in table
    assert ">5<" in table
    assert "both parents away" in table
    assert "谁也不该在这里看到" not in page
    assert "广东" not in page
    assert f"{before(10):%Y-%m-%d}" in page.split("Day by day</h2>")[1]


def test_the_timeline_of_a_child_without_a_course_says_so(room: Room) -> None:
    page = room.page(f"pupils/{room.child()}/timeline?months=77")
    assert "Nothing is known of this time yet" in page


def test_the_child_s_page_leads_to_exams_timeline_and_file(room: Room) -> None:
    child = room.child()
    page = room.page(f"pupils/{child}")
    for path in ("exams", "timeline", "whole-file", "portfolio-entries"):
        assert f"pupils/{child}/{path}" in page
