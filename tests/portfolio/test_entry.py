"""Marks entered by page: typed, pasted, imported; wrong ones at their cell; two teachers at once."""

import io
from collections.abc import Iterator, Sequence
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lxsaas.core.audit import AuditEntry
from lxsaas.core.changes import ChangeLog
from lxsaas.portfolio import hooks
from lxsaas.portfolio.models import ExamResult
from lxsaas.portfolio.scores import ABSENT, Score
from lxsaas.registers.models import RowVersion
from tests.portfolio.conftest import TODAY, Room, before


@pytest.fixture
def falls() -> Iterator[list[tuple[list[int], int, int]]]:
    """(children, exam, by) of each time somebody is told that marks fell."""
    told: list[tuple[list[int], int, int]] = []

    def listen(_session: Session, _school_id: int, pupil_ids: Sequence[int], exam_id: int, by: int) -> None:
        told.append((list(pupil_ids), exam_id, by))

    hooks.falling_marks.append(listen)
    yield told
    hooks.falling_marks.remove(listen)


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def save(room: Room, exam_id: int, form: dict[str, str]) -> tuple[int, str]:
    answer = room.client.post(f"{room.school.path}exams/{exam_id}/entry", data=form)
    return answer.status_code, answer.text


def sheet(room: Room, exam_id: int, **data: object) -> tuple[int, str]:
    answer = room.client.post(f"{room.school.path}exams/{exam_id}/sheet", data=data)
    return answer.status_code, answer.text


def test_an_exam_is_entered_for_several_classes_at_once(room: Room) -> None:
    second = room.factory.school_class(room.school, room.teacher)
    form = {
        "classes": [str(room.class_id), str(second)], "name": "期中考试", "taken_on": TODAY.isoformat(),
        "subjects": "语文 100\n数学\t120\n", "client_key": "4dbd4f4c-7d19-4f6b-9d5c-0a2a5a4f6a01",
    }  # fmt: skip
    for _ in range(2):
        answer = room.client.post(f"{room.school.path}exams", data=form)
        assert answer.status_code == 302
    for class_id in (room.class_id, second):
        page = room.page(f"exams?class={class_id}")
        assert page.count("期中考试") == 1
    # The next exam's form knows the subjects already.
    assert "数学 120" in room.page(f"exams/new?class={second}")


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"name": ""}, "name", "This is required"),
        ({"name": "长" * 61}, "name", "No more than 60"),
        ({"name": "a\0b"}, "name", "cannot be kept"),
        ({"taken_on": (TODAY + timedelta(days=1)).isoformat()}, "taken_on", "has not come yet"),
        ({"taken_on": "1999-01-01"}, "taken_on", "check the date"),
        ({"taken_on": "昨天"}, "taken_on", "valid date"),
        ({"subjects": ""}, "subjects", "at least one subject"),
        ({"subjects": "语文 100\n数学"}, "subjects", "Line 2"),
        ({"subjects": "语文 0"}, "subjects", "Line 1"),
        ({"subjects": "语文 100\n语文 90"}, "subjects", "stands twice"),
        ({"subjects": "\n".join(f"科{number} 100" for number in range(13))}, "subjects", "No more than 12"),
        ({"subjects": "a\0b 100"}, "subjects", "Line 1"),
    ],
)
def test_what_is_wrong_with_an_exam_stands_at_its_field(
    room: Room, values: dict[str, str], field: str, says: str
) -> None:
    form = {
        "classes": str(room.class_id), "name": "期中考试", "taken_on": TODAY.isoformat(),
        "subjects": "语文 100",
    }  # fmt: skip
    answer = room.client.post(f"{room.school.path}exams", data=form | values)
    assert answer.status_code == 422
    assert says in answer.text.split(f'id="{field}-error"')[1][:600]
    assert "No exam yet" in room.page("exams")


def test_marks_are_typed_into_the_grid_and_the_page_shows_places(room: Room) -> None:
    first, second, ill = (room.child(name) for name in ("汤文博", "陈雨桐", "李小雨"))
    exam = room.exam()
    form = room.grid(exam, {first: ["90", "85.5"], second: ["９０", "85。5"], ill: ["100", "缺"]})
    assert save(room, exam, form)[0] == 302
    assert room.held(exam)[ill, room.subjects(exam)[1]] == ABSENT
    page = room.page(f"exams/{exam}")
    assert page.count("1 of 2") == 2
    assert "175.5" in page
    with room.factory.session(room.school.scope) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "record_scores")).one()
        assert entry.detail == {"children": 3, "scores": 6}
        assert session.scalar(select(func.count()).select_from(ChangeLog)) == 1
        totals = session.scalars(select(ExamResult.total_tenths).order_by(ExamResult.total_tenths)).all()
        assert totals == [1755, 1755, None]


def test_a_wrong_cell_keeps_everything_as_typed_and_saves_nothing(room: Room) -> None:
    first, second = room.child("汤文博"), room.child("陈雨桐")
    exam = room.exam()
    form = room.grid(exam, {first: ["90", "101"], second: ["80", "<script>alert(1)</script>"]})
    status, page = save(room, exam, form)
    assert status == 422
    subject = room.subjects(exam)[1]
    assert "More than the full marks of 100" in page.split(f'id="m{first}-{subject}-error"')[1][:400]
    assert "Not a mark" in page.split(f'id="m{second}-{subject}-error"')[1][:400]
    assert "<script>alert" not in page
    assert 'value="80"' in page
    assert room.held(exam) == {}


@pytest.mark.parametrize("hostile", ["\0", "=SUM(A1)", "x" * 1_000_000, "-1", "1e3", "' or 1=1 --"])
def test_hostile_marks_are_refused_at_their_cell(room: Room, hostile: str) -> None:
    child = room.child()
    exam = room.exam()
    status, page = save(room, exam, room.grid(exam, {child: [hostile, "80"]}))
    assert status in (413, 422)
    assert len(page) < 60_000
    assert room.held(exam) == {}


def test_two_who_enter_different_subjects_at_once_lose_nothing(room: Room) -> None:
    first, second = room.child(), room.child()
    exam = room.exam()
    mine = room.grid(exam, {first: ["90", ""], second: ["80", ""]})
    theirs = room.grid(exam, {first: ["", "70"], second: ["", "60"]})
    assert save(room, exam, mine)[0] == 302
    assert save(room, exam, theirs)[0] == 302
    chinese, maths = room.subjects(exam)
    assert room.held(exam) == {
        (first, chinese): 900, (second, chinese): 800, (first, maths): 700, (second, maths): 600,
    }  # fmt: skip


def test_who_enters_the_same_cell_second_is_told_and_may_insist(room: Room) -> None:
    child, other = room.child(), room.child()
    exam = room.exam(subjects=("语文",))
    subject = room.subjects(exam)[0]
    mine, theirs = room.grid(exam, {child: ["90"]}), room.grid(exam, {child: ["70"], other: ["60"]})
    assert save(room, exam, mine)[0] == 302
    status, page = save(room, exam, theirs)
    assert status == 422
    assert "Somebody else has entered marks" in page
    assert "entered 90 here" in page.split(f'id="m{child}-{subject}-error"')[1][:400]
    assert room.held(exam) == {(child, subject): 900}
    # The form that was shown again knows what stands there now.
    assert f'name="w{child}" value="90"' in page
    assert save(room, exam, theirs | {f"w{child}": "90"})[0] == 302
    assert room.held(exam) == {(child, subject): 700, (other, subject): 600}


def test_what_stood_in_a_cell_is_kept_and_may_be_taken_away(room: Room) -> None:
    child = room.child()
    exam = room.exam()
    room.marks(exam, {child: [900, 800]})
    assert save(room, exam, room.grid(exam, {child: ["95", "80"]}))[0] == 302
    assert save(room, exam, room.grid(exam, {child: ["", ""]}))[0] == 302
    assert room.held(exam) == {}
    with room.factory.session(room.school.scope) as session:
        assert session.scalars(select(ExamResult.is_empty)).all() == [True]
        kept = session.scalars(select(RowVersion).order_by(RowVersion.version)).all()
        assert [(one.subject, one.version) for one in kept] == [("exam_result", 1), ("exam_result", 2)]
    page = room.page(f"exams/{exam}/history")
    assert "<del>90</del> → 95" in page
    assert "<del>95</del> → –, 数学 <del>80</del> → –" in page


def test_an_exam_changed_meanwhile_is_not_filled_with_the_wrong_subjects(room: Room) -> None:
    child = room.child()
    exam = room.exam()
    stale = room.grid(exam, {child: ["90", "80"]})
    change = {"name": "期中", "taken_on": TODAY.isoformat(), "subjects": "数学 100\n语文 100", "version": "1"}
    answer = room.client.post(f"{room.school.path}exams/{exam}/edit", data=change)
    assert answer.status_code == 302
    status, page = save(room, exam, stale)
    assert status == 422
    assert "Somebody has changed this in the meantime" in page
    assert room.held(exam) == {}
    answer = room.client.post(f"{room.school.path}exams/{exam}/edit", data=change)
    assert answer.status_code == 422


def test_a_subject_with_marks_stays(room: Room) -> None:
    child = room.child()
    exam = room.exam()
    room.marks(exam, {child: [900, 800]})
    for subjects, says in (("数学 100", "cannot be taken away"), ("语文 50\n数学 100", "higher marks")):
        change = {"name": "期中", "taken_on": TODAY.isoformat(), "subjects": subjects, "version": "1"}
        answer = room.client.post(f"{room.school.path}exams/{exam}/edit", data=change)
        assert answer.status_code == 422
        assert says in answer.text.split('id="subjects-error"')[1][:400]
    change = {"name": "期中", "taken_on": TODAY.isoformat(), "subjects": "语文 100\n数学 100\n英语 100"}
    answer = room.client.post(f"{room.school.path}exams/{exam}/edit", data=change | {"version": "1"})
    assert answer.status_code == 302
    with room.factory.session(room.school.scope) as session:
        assert session.scalars(select(ExamResult.total_tenths)).all() == [None]


def test_pasted_lines_fill_the_grid_and_say_what_was_not_found(room: Room) -> None:
    names = ("汤文博", "陈雨桐", "王 芳", "王芳", "欧阳娜")
    tang, chen, wang, _, ou = (room.child(name, seat_number=f"0{at}") for at, name in enumerate(names, 1))
    exam = room.exam()
    pasted = "\n".join(
        (
            "学号\t姓名\t数学\t语文\t总分",
            "1\t汤文博\t85.5\t90\t175.5",
            "2\t陈 雨 桐\t缺考\t80\t80",
            "3\t王芳\t70\t60\t130",
            "\t王芳\t70\t60\t130",
            "9\t赵不在\t70\t60\t130",
            "1\t欧阳娜\t70\t60\t130",
            "2\t陈雨桐\t70\t60\t130",
            "5\t欧阳娜\t701\t六十\t130",
            "\t\t78\t77\t",
        )
    )
    status, page = sheet(room, exam, text=pasted)
    assert status == 200
    told = page.split("These lines were not taken")[1].split("</ul>")[0]
    for line, says in (
        ("Line 5", "several children are called 王芳"),
        ("Line 6", "no child of this name in the class: 赵不在"),
        ("Line 7", "number and name belong to two children: 1 欧阳娜"),
        ("Line 8", "the same child as in line 3"),
        ("Line 9", "not a mark: 701"),
        ("Line 9", "not a mark: 六十"),
    ):
        assert f"{line}: {says}" in told
    assert "Line 10" not in told
    chinese, maths = room.subjects(exam)
    assert f'id="m{tang}-{maths}" value="85.5"' in page
    assert f'id="m{chen}-{maths}" value="缺"' in page
    assert f'id="m{wang}-{chinese}" value="60"' in page
    assert f'id="m{ou}-{chinese}-error"' in page
    assert room.held(exam) == {}


def test_pasted_lines_without_headings_take_the_order_of_the_subjects(room: Room) -> None:
    tang, chen = room.child("汤文博", seat_number="1"), room.child("陈雨桐", seat_number="2")
    exam = room.exam()
    status, page = sheet(room, exam, text="汤文博 90 80\n2,70,60\n汤 1\n")
    assert status == 200
    chinese, maths = room.subjects(exam)
    assert f'id="m{tang}-{maths}" value="80"' in page
    assert f'id="m{chen}-{chinese}" value="70"' in page
    assert "Line 3: not as many marks as subjects" in page


def test_a_workbook_fills_the_grid_and_a_sheet_s_empty_cell_takes_nothing_away(room: Room) -> None:
    tang, chen = room.child("汤文博"), room.child("陈雨桐")
    exam = room.exam()
    room.marks(exam, {tang: [500, 510]})
    rows: list[list[object]] = [["三年级成绩"], [], ["姓名", "语文", "数学", "备注"]]
    rows += [["汤文博", 88.5, None, "好"], ["陈雨桐", 90, 71.0, ""]]
    status, page = sheet(room, exam, file=(io.BytesIO(workbook(rows)), "成绩.xlsx"))
    assert status == 200
    chinese, maths = room.subjects(exam)
    assert f'id="m{tang}-{chinese}" value="88.5"' in page
    assert f'id="m{tang}-{maths}" value="51"' in page
    assert f'id="m{chen}-{maths}" value="71"' in page
    assert page.count('class="lx-info"') == 3


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no workbook", "not an Excel workbook"),
        (workbook([["姓名", "语文"], ["汤文博", "=1+1"]]), "holds a formula"),
        (workbook([[]]), "nothing to read"),
        (workbook([["姓名", "体育"], ["汤文博", 80]]), "No column of a subject"),
        (workbook([["汤文博", 80, 90]] * 501), "No more than 500"),
    ],
)
def test_a_defective_workbook_is_refused_in_one_sentence(room: Room, content: bytes, says: str) -> None:
    room.child("汤文博")
    exam = room.exam()
    status, page = sheet(room, exam, file=(io.BytesIO(content), "成绩.xlsx"))
    assert status == 422
    assert says in page.split('id="file-error"')[1][:400]


def test_an_empty_paste_is_told(room: Room) -> None:
    exam = room.exam()
    for text in ("", " \n\t\n"):
        status, page = sheet(room, exam, text=text)
        assert status == 422
        assert "nothing to read" in page.split('id="text-error"')[1][:400]
    status, _ = sheet(room, exam, text="长" * 100_001)
    assert status == 422


def test_whoever_has_no_marks_at_the_end_was_absent(room: Room) -> None:
    first, second = room.child(), room.child()
    exam = room.exam()
    chinese, maths = room.subjects(exam)
    form = room.grid(exam, {first: ["90", "80"], second: ["", "70"]}, finish="y")
    assert save(room, exam, form)[0] == 302
    assert room.held(exam)[second, chinese] == ABSENT
    assert room.held(exam)[second, maths] == 700


def test_one_subject_at_a_time_leaves_the_others_alone(room: Room) -> None:
    child = room.child()
    exam = room.exam()
    room.marks(exam, {child: [900, 800]})
    chinese, maths = room.subjects(exam)
    page = room.page(f"exams/{exam}/entry?subject={maths}")
    assert f'name="m{child}-{maths}"' in page
    assert f'name="m{child}-{chinese}"' not in page
    form = {"version": "1", "subject": str(maths), f"w{child}": "80", f"m{child}-{maths}": "85"}
    assert save(room, exam, form)[0] == 302
    assert room.held(exam) == {(child, chinese): 900, (child, maths): 850}


def test_falling_marks_are_told_once_when_the_exam_is_complete(
    room: Room, falls: list[tuple[list[int], int, int]]
) -> None:
    children = [room.child() for _ in range(8)]
    old, new = room.exam(before(30), ("语文",)), room.exam(subjects=("语文",))
    room.marks(old, {child: [1000 - at * 10] for at, child in enumerate(children)})
    assert falls == []
    # The first becomes the last; the others rise by one.
    marks: dict[int, list[Score]] = {child: [990 - at * 10] for at, child in enumerate(children)}
    marks[children[0]] = [10]
    late = children[-1]
    room.marks(new, {child: score for child, score in marks.items() if child != late})
    assert falls == []
    room.marks(new, {late: marks[late]})
    assert falls == [([children[0]], new, room.teacher.id)]
    assert "The standing of 1 child fell" in room.page(f"exams/{new}")
    room.marks(new, {children[0]: [20]})
    assert len(falls) == 1


def test_an_exam_of_long_ago_tells_nobody(room: Room, falls: list[tuple[list[int], int, int]]) -> None:
    children = [room.child() for _ in range(8)]
    for days, sign in ((200, 1), (100, -1)):
        exam = room.exam(before(days), ("语文",), name=str(days))
        room.marks(exam, {child: [500 + sign * at * 10] for at, child in enumerate(children)})
    assert falls == []


def test_the_school_sets_from_what_fall_on_it_is_told(
    room: Room, falls: list[tuple[list[int], int, int]]
) -> None:
    principal = room.factory.staff(room.school, "principal", language="en").sign_in(
        room.client.application.test_client()
    )
    path = f"{room.school.path}exam-rule"
    assert 'value="20"' in principal.get(path).text
    for wrong in ("0", "101", "viel", ""):
        answer = principal.post(path, data={"fall_points": wrong, "fall_places": "10", "version": "0"})
        assert answer.status_code == 422
        assert 'id="fall_points-error"' in answer.text
    form = {"fall_points": "90", "fall_places": "50", "version": "0"}
    assert principal.post(path, data=form).status_code == 302
    assert principal.post(path, data=form).status_code == 422
    assert principal.post(path, data=form | {"version": "1"}).status_code == 302
    assert room.client.get(path).status_code == 403
    children = [room.child() for _ in range(8)]
    for days, marks in ((30, range(8)), (1, (3, 4, 5, 6, 7, 0, 1, 2))):
        exam = room.exam(before(days), ("语文",), name=str(days))
        room.marks(exam, {child: [mark * 10] for child, mark in zip(children, marks, strict=True)})
    assert falls == []
