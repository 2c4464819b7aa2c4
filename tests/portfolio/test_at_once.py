"""Two at the same moment: the same exam, the same child's marks."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from lxsaas.core.errors import RuleError
from lxsaas.portfolio.models import Exam, ExamResult
from lxsaas.portfolio.score_actions import Entered, StaleScoresError, record_scores
from lxsaas.portfolio.scores import Score
from tests.portfolio.conftest import TODAY, Room


def enter_at_once(room: Room, exam_id: int, cells: list[tuple[int, int, Score]]) -> list[str]:
    """Each cell entered by a session of its own, all begun before any ends; how each ended."""
    barrier = Barrier(len(cells))

    def enter(cell: tuple[int, int, Score]) -> str:
        child, subject, score = cell
        try:
            with room.factory.session(room.school.scope) as session:
                exam = session.get_one(Exam, (room.school.id, exam_id))
                barrier.wait(20)
                entered = {(child, subject): Entered(None, score)}
                record_scores(session, exam, entered=entered, today=TODAY, by=room.teacher.id)
        except StaleScoresError as error:
            return error.code
        return "saved"

    with ThreadPoolExecutor(len(cells)) as pool:
        return sorted(pool.map(enter, cells))


def test_two_subjects_of_one_child_are_both_kept_in_one_row(room: Room) -> None:
    child = room.child()
    exam = room.exam()
    chinese, maths = room.subjects(exam)
    assert enter_at_once(room, exam, [(child, chinese, 900), (child, maths, 800)]) == ["saved", "saved"]
    assert room.held(exam) == {(child, chinese): 900, (child, maths): 800}
    with room.factory.session(room.school.scope) as session:
        row = session.scalars(select(ExamResult)).one()
        assert (row.total_tenths, row.version) == (1700, 2)


def test_of_two_marks_for_one_cell_the_second_is_told(room: Room) -> None:
    child = room.child()
    exam = room.exam(subjects=("语文",))
    subject = room.subjects(exam)[0]
    ends = enter_at_once(room, exam, [(child, subject, 900), (child, subject, 700)])
    assert ends == ["saved", "scores_stale"]
    assert len(room.held(exam)) == 1


def test_the_same_exam_entered_twice_is_there_once(room: Room) -> None:
    barrier = Barrier(2)

    def enter(_number: int) -> str:
        barrier.wait(20)
        try:
            room.exam()
        except RuleError as error:
            return error.code
        return "entered"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, range(2))) == ["entered", "exam_twice"]
    with room.factory.session(room.school.scope) as session:
        assert session.scalar(select(func.count()).select_from(Exam)) == 1
    form = {"classes": str(room.class_id), "name": "期中", "taken_on": TODAY.isoformat()}
    form["subjects"] = "语文 100"
    answer = room.client.post(f"{room.school.path}exams", data=form)
    assert answer.status_code == 422
    assert "exam of this name on this day already" in answer.text.split('id="name-error"')[1][:400]
