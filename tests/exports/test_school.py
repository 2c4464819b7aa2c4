"""Lists that name children as files: encrypted, for who asked alone, while they may see them, for a day."""

import io
import secrets
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import NoReturn

import msoffcrypto
import openpyxl
import pytest
import pyzipper
from sqlalchemy import func, select, update

from lxsaas.accounts.models import ClassTeacher, Staff
from lxsaas.care.models import CareKind
from lxsaas.core import clock
from lxsaas.core.audit import AuditEntry
from lxsaas.core.export import Table
from lxsaas.core.permissions import Permission
from lxsaas.exports import answering, making, tasks
from lxsaas.exports.content import Sheet, Sheets
from lxsaas.exports.kinds import KINDS, Kind
from lxsaas.exports.models import ExportJob, ExportPiece
from lxsaas.exports.workspace import FOLDER, sweep, workspace
from lxsaas.registers.register import REGISTERS
from lxsaas.schools.years import year_of
from tests.exports.conftest import CHILD, RECEIVED_ON, School, own_dir
from tests.exports.files import job_on, opened

pytestmark = pytest.mark.usefixtures("long_lists", "no_hints")


def rows_of(content: bytes, password: str) -> list[tuple[object, ...]]:
    """The rows of an encrypted workbook's first sheet."""
    book = openpyxl.load_workbook(io.BytesIO(opened(content, password)))
    return list(book.worksheets[0].iter_rows(values_only=True))


def children_in(school: School, who: str, job_id: int, password: str, column: int = 0) -> int:
    status, content = school.get(who, f"{job_id}/file")
    assert status == 200
    return sum(str(row[column]).startswith(CHILD) for row in rows_of(content, password))


def logged(school: School, job_id: int) -> list[str]:
    with school.factory.session(school.place.scope) as session:
        of_job = AuditEntry.subject == "export_job", AuditEntry.subject_id == job_id
        return list(session.scalars(select(AuditEntry.action).where(*of_job).order_by(AuditEntry.id)))


def change(school: School, job_id: int, **values: object) -> None:
    with school.factory.session(school.place.scope) as session:
        session.execute(update(ExportJob).where(ExportJob.id == job_id).values(values))


def look(school: School) -> None:
    """What the clock does each tick."""
    with school.app.app_context():
        tasks.tick()


def test_a_short_list_comes_at_once(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lxsaas.exports.answering.SMALL", 500)
    answer = school.clients["principal"].post(f"{school.place.path}pupils.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].max_row > 6


def test_a_long_list_is_encrypted_and_opens_with_its_password_alone(school: School) -> None:
    job_id, password = school.ask("principal", q=CHILD)
    assert school.get("principal", f"{job_id}/file")[0] == 410, "it is not made yet"
    assert school.make(job_id)
    content = school.get("principal", f"{job_id}/file")[1]
    assert len(content) == school.job(job_id).byte_count
    with pytest.raises(zipfile.BadZipFile):
        openpyxl.load_workbook(io.BytesIO(content))
    with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
        rows_of(content, "AAAA-AAAA-AAAA-AAAA")
    assert sum(str(row[0]).startswith(CHILD) for row in rows_of(content, password)) == 6
    assert logged(school, job_id) == ["request_export", "create_export", "download_export"]
    assert password not in school.get("principal", str(job_id))[1].decode()
    assert "My exports" in school.get("principal", "")[1].decode()


def test_what_was_asked_and_the_file_lie_sealed_and_the_password_goes_with_the_making(school: School) -> None:
    job_id, password = school.ask("principal", q=CHILD, sort="name")
    asked = school.job(job_id)
    for sealed in (asked.wish_sealed, asked.password_sealed, asked.same_as):
        assert sealed
        assert CHILD.encode() not in sealed
        assert password.encode() not in sealed
    school.make(job_id)
    assert school.job(job_id).password_sealed is None
    content = school.get("principal", f"{job_id}/file")[1]
    with school.factory.session(school.place.scope) as session:
        held = b"".join(
            session.scalars(select(ExportPiece.content_sealed).where(ExportPiece.job_id == job_id))
        )
    assert len(held) > len(content) > 1000
    assert content[:32] not in held
    assert list((own_dir(school.app) / FOLDER).glob("*")) == [], "nothing is left on the disk"


def test_a_file_holds_what_the_page_shows(school: School) -> None:
    """A teacher's the own class; of care records those that were chosen; of a register its list."""
    job_id, password = school.ask("teacher")
    school.make(job_id)
    assert children_in(school, "teacher", job_id, password) == 3
    today = clock.today("Asia/Shanghai")
    for pupil_id in school.pupils:
        for kind in (CareKind.TALK, CareKind.HOME_VISIT):
            school.factory.care(school.place, pupil_id, school.teacher, kind, today)
    address = f"care-records.xlsx?class=all&kind={int(CareKind.TALK)}&from={today}"
    question = school.clients["principal"].get(f"{school.place.path}{address}")
    assert "A long list: 6 rows" in question.text
    job_id, password = school.ask("principal", address)
    school.make(job_id)
    assert children_in(school, "principal", job_id, password, column=1) == 6
    job_id, password = school.ask("teacher", "aid.xlsx")
    school.make(job_id)
    rows = rows_of(school.get("teacher", f"{job_id}/file")[1], password)
    given = [row[2:5] for row in rows if str(row[0]).startswith(CHILD)]
    assert len(given) == 3
    assert {(kind, amount) for kind, _, amount in given} == {("Living allowance", "625.00")}


def test_each_register_has_its_kind_without_a_line_of_its_own() -> None:
    for key, (register, _) in REGISTERS.items():
        kind = KINDS[f"register.{key}"]
        assert (kind.permission, kind.names_children) == (register.view, True)


def test_a_school_year_is_a_zip_that_opens_with_its_password_alone(school: School) -> None:
    year = year_of(RECEIVED_ON)
    job_id, password = school.ask("principal", "school-year", year=year)
    assert school.make(job_id)
    content = io.BytesIO(school.get("principal", f"{job_id}/file")[1])
    with zipfile.ZipFile(content) as plain:
        names = plain.namelist()
        with pytest.raises((RuntimeError, NotImplementedError)):
            plain.read(names[0])
    assert names == ["01 Pupils.xlsx", "02 Aid received.xlsx"], "of other lists nothing is of that year"
    with pyzipper.AESZipFile(content) as sealed:
        with pytest.raises(RuntimeError):
            sealed.read(names[0], pwd=b"AAAA-AAAA-AAAA-AAAA")
        workbook = openpyxl.load_workbook(io.BytesIO(sealed.read(names[1], pwd=password.encode())))
    rows = workbook.worksheets[0].iter_rows(values_only=True)
    assert sum(str(row[0]).startswith(CHILD) for row in rows) == 6


@pytest.mark.parametrize("address", ["school-year", "care-records.xlsx?class=all&month=2026-01"])
def test_who_no_longer_sees_who_is_counselled_loses_care_records(school: School, address: str) -> None:
    """They tell that a child was counselled."""
    person = school.factory.staff(school.place, "principal")
    for kind in (CareKind.TALK, CareKind.COUNSELLING):
        for pupil_id in school.pupils:
            school.factory.care(school.place, pupil_id, school.teacher, kind, date(2026, 1, 5))
    school.clients["leaving"] = person.sign_in(school.app.test_client())
    job_id, _ = school.ask("leaving", address, year=2025)
    assert school.make(job_id)
    assert school.get("leaving", f"{job_id}/file")[0] == 200
    with school.factory.session(school.place.scope) as session:
        session.get_one(Staff, (school.place.id, person.id)).roles = ["archivist"]
    assert school.get("leaving", f"{job_id}/file")[0] == 404
    job_id, _ = school.ask("leaving", address, year=2025)
    assert school.make(job_id)
    assert school.get("leaving", f"{job_id}/file")[0] == 200


def test_nobody_else_gets_it_or_sees_that_it_is_there(school: School) -> None:
    job_id, _ = school.ask("teacher", sort="born")
    school.make(job_id)
    for who in ("colleague", "principal"):
        for address in (str(job_id), f"{job_id}/file"):
            assert school.get(who, address)[0] == 404, who
        answer = school.clients[who].post(f"{school.place.path}exports/{job_id}/removal")
        assert answer.status_code == 404
    for who in ("next school's", "officer"):
        assert school.get(who, f"{job_id}/file")[0] == 302, who
    place = school.clients["officer"].get(f"{school.far.path}exports/{job_id}/file")
    assert place.status_code == 302
    assert school.clients["next school's"].get(f"{school.far.path}exports/{job_id}").status_code == 404
    assert school.job(job_id).downloads == 0
    assert school.clients["colleague"].get(f"{school.place.path}school-year").status_code == 403


def test_who_no_longer_sees_the_children_no_longer_gets_the_file(school: School) -> None:
    job_id, _ = school.ask("teacher", sort="-born")
    school.make(job_id)
    assert school.get("teacher", f"{job_id}/file")[0] == 200
    with school.factory.session(school.place.scope) as session:
        taught = ClassTeacher.staff_id == school.teacher.id
        ended = clock.today("Asia/Shanghai")
        session.execute(update(ClassTeacher).where(taught).values(ends_on=ended))
    assert school.get("teacher", f"{job_id}/file")[0] == 404
    with school.factory.session(school.place.scope) as session:
        session.execute(update(ClassTeacher).where(taught).values(ends_on=None))


def test_who_has_left_gets_nothing_made(school: School) -> None:
    job_id, _ = school.ask("colleague")
    with school.factory.session(school.place.scope) as session:
        asked_by = select(ExportJob.staff_id).where(ExportJob.id == job_id).scalar_subquery()
        session.execute(update(Staff).where(Staff.id == asked_by).values(is_active=False))
    assert not school.make(job_id)
    job = school.job(job_id)
    assert (job.state, job.error, job.password_sealed) == ("failed", "not_allowed", None)


def test_after_its_time_it_is_gone_and_forgotten(school: School) -> None:
    job_id, _ = school.ask("teacher", sort="class")
    school.make(job_id)
    hours = school.job(job_id).expires_at - school.job(job_id).made_at
    assert hours == timedelta(hours=24)
    change(school, job_id, expires_at=func.now(), look_at=func.now())
    status, page = school.get("teacher", f"{job_id}/file")
    assert status == 410
    assert b"The file is deleted" in page
    look(school)
    assert school.get("teacher", f"{job_id}/file")[0] == 410
    job = school.job(job_id)
    assert (job.state, job.wish_sealed, job.look_at) == ("expired", None, None)
    with school.factory.session(school.place.scope) as session:
        left = select(func.count()).select_from(ExportPiece).where(ExportPiece.job_id == job_id)
        assert session.scalar(left) == 0
    assert logged(school, job_id)[-1] == "expire_export"
    assert school.get("teacher", str(job_id))[0] == 200


def test_the_same_wish_is_one_job_and_nobody_waits_for_many(school: School) -> None:
    first = school.ask("principal", sort="same")
    assert school.ask("principal", sort="same", csrf_token="another") == first
    others = [school.ask("principal", sort=f"other {number}")[0] for number in range(2)]
    answer = school.clients["principal"].post(f"{school.place.path}pupils.xlsx", data={"sort": "one more"})
    assert answer.status_code == 422
    assert "You wait for 3 files already" in answer.text
    for job_id in (first[0], *others):
        school.clients["principal"].post(f"{school.place.path}exports/{job_id}/removal")
        assert school.job(job_id).state == "expired"
        assert not school.make(job_id), "nobody makes what is no longer wanted"


def test_what_fails_is_tried_again_and_then_told(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> NoReturn:
        raise ValueError("a row with a child's name")

    job_id, _ = school.ask("principal", sort="breaks")
    fails = Kind("pupils", "Pupils", Permission.VIEW_PUPILS, broken, "pupils")
    with monkeypatch.context() as patch:
        patch.setitem(KINDS, "pupils", fails)
        for _ in range(3):
            assert school.job(job_id).state == "queued"
            assert not school.make(job_id)
    job = school.job(job_id)
    assert (job.state, job.error) == ("failed", "ValueError")
    page = school.get("principal", str(job_id))[1].decode()
    assert "tried several times" in page
    again = school.clients["principal"].post(f"{school.place.path}exports/{job_id}/repetition")
    assert again.status_code == 200
    assert "Password of the file" in again.text


def test_what_breaks_off_in_the_middle_is_given_back_at_once(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though a piece of it stands in the database already: nobody waits for what that holds."""

    def rows() -> Iterator[list[str]]:
        yield from ([secrets.token_hex(500)] for _ in range(3000))
        raise ValueError("a row with a child's name")

    def long_and_broken() -> Sheets:
        return Sheets([Sheet("one", Table("one", [], ["a"], ["text"], rows()), 3000)])

    job_id, _ = school.ask("principal", sort="breaks off")
    change(school, job_id, form="csv")
    with monkeypatch.context() as patch:
        patch.setitem(KINDS, "pupils", replace(KINDS["pupils"], content=long_and_broken))
        assert not school.make(job_id)
    assert (school.job(job_id).state, school.job(job_id).error) == ("queued", "ValueError")
    assert school.make(job_id)


def test_one_process_makes_files_of_several_people_one_after_the_other(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a command does, within one context of the application."""
    monkeypatch.setattr(answering, "SMALL", -1)
    ours, _ = school.ask("principal", sort="one of two")
    page = school.clients["next school's"].post(f"{school.far.path}pupils.xlsx").text
    theirs = job_on(page)
    with school.app.app_context():
        assert making.make("school", school.place.id, ours, own_dir(school.app))
        assert making.make("school", school.far.id, theirs, own_dir(school.app))


def test_a_directory_is_swept_once_nobody_works_in_it(tmp_path: Path) -> None:
    with workspace(tmp_path) as folder:
        (folder / "book.xlsx").write_bytes(b"children")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert sweep(tmp_path) == 0
    assert not folder.exists()
    # As a killed process leaves it.
    folder.mkdir()
    (folder / "book.xlsx").write_bytes(b"children")
    assert sweep(tmp_path) == 1
    assert not folder.exists()
