"""Standing in the class as the database computes it, against plain Python."""

from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on

from lxsaas.core.scope import aggregating
from lxsaas.portfolio.actions import withdraw_exam
from lxsaas.portfolio.course import course_of
from lxsaas.portfolio.models import Exam, ExamResult
from lxsaas.portfolio.queries import LEAST_PLACES, fallen_in, progress, progress_in
from lxsaas.portfolio.scores import ABSENT, Score
from tests.portfolio.conftest import TODAY, Room, before


def rises(first: date, last: date) -> Select[int, int, bool | None]:
    """(school, child, rose) of each child's last comparable exam of the days, as the database keeps it."""
    return (
        select(ExamResult.school_id, ExamResult.pupil_id, ExamResult.rose)
        .join(Exam, (Exam.school_id == ExamResult.school_id) & (Exam.id == ExamResult.exam_id))
        .where(ExamResult.rose.is_not(None), Exam.taken_on.between(first, last))
        .order_by(ExamResult.pupil_id, Exam.taken_on.desc(), Exam.id.desc())
        .ext(distinct_on(ExamResult.pupil_id))
    )


def agrees(room: Room) -> None:
    """What the database keeps beside each result is what the course of the exams says."""
    with room.factory.session(room.school.scope) as session:
        course = progress().c
        said = session.execute(
            select(course.exam_id, course.pupil_id, course.ahead < course.previous_ahead)
        ).all()
        kept = session.execute(
            select(ExamResult.exam_id, ExamResult.pupil_id, ExamResult.rose).where(
                (ExamResult.school_id == room.school.id) & ExamResult.rose.is_not(None)
            )
        ).all()
    assert {tuple(row) for row in said if row[2] is not None} == {tuple(row) for row in kept}


SIZE = 7
scores = st.one_of(
    st.none(), st.just(ABSENT), st.sampled_from([0, 500, 505, 510, 1000]), st.integers(0, 1000)
)
exam_marks = st.lists(st.tuples(scores, scores), min_size=SIZE, max_size=SIZE)


class Place(NamedTuple):
    place: int
    size: int
    ahead: Fraction


def places(rows: list[tuple[Score, ...]]) -> list[Place | None]:
    """What a teacher would work out on paper."""
    totals = [sum(row) if all(isinstance(one, int) for one in row) else None for row in rows]  # type: ignore[arg-type]
    counted = [one for one in totals if one is not None]
    found: list[Place | None] = []
    for total in totals:
        if total is None:
            found.append(None)
            continue
        better = sum(one > total for one in counted)
        others = len(counted) - 1
        found.append(Place(better + 1, len(counted), Fraction(better, others) if others else Fraction(0)))
    return found


def fell(now: Place | None, then: Place | None, points: int, by_places: int) -> bool:
    if now is None or then is None:
        return False
    down = now.place - then.place
    return down >= LEAST_PLACES and ((now.ahead - then.ahead) * 100 >= points or down >= by_places)


def entered(rows: list[tuple[Score, ...]]) -> list[bool]:
    return [any(one is not None for one in row) for row in rows]


# Shrinking an example writes it to the database hundreds of times.
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(first=exam_marks, second=exam_marks, points=st.integers(1, 100), by_places=st.integers(1, 8))
def test_places_ties_and_falls_are_those_of_plain_python(
    room: Room,
    first: list[tuple[Score, ...]],
    second: list[tuple[Score, ...]],
    points: int,
    by_places: int,
) -> None:
    room.class_id = room.factory.school_class(room.school, room.teacher)
    children = [room.factory.pupil(room.school, room.class_id) for _ in range(SIZE)]
    earlier, later = room.exam(before(30)), room.exam()
    for exam, rows in ((earlier, first), (later, second)):
        room.marks(exam, {child: list(row) for child, row in zip(children, rows, strict=True)})
    then, now = places(first), places(second)
    was_there = entered(first)
    with room.factory.session(room.school.scope) as session:
        found = {row.pupil_id: row for row in session.execute(progress_in(later))}
        fallen = set(session.scalars(fallen_in(later, points=points, places=by_places)))
    for at, child in enumerate(children):
        row, mine = found.get(child), now[at]
        if not entered(second)[at]:
            assert row is None
            continue
        assert row is not None
        assert (row.place, row.class_size) == ((mine.place, mine.size) if mine else (None, None))
        assert row.ahead == (float(mine.ahead) if mine else None)
        previous = then[at] if was_there[at] else None
        assert row.previous_place == (previous.place if previous else None)
    assert fallen == {
        child for at, child in enumerate(children) if fell(now[at], then[at], points, by_places)
    }


def test_the_term_s_progress_takes_each_child_s_last_exam_with_one_before(room: Room) -> None:
    up, down, new, same = (room.child() for _ in range(4))
    marks = {
        before(100): {up: 100, down: 900, same: 500},
        before(40): {up: 300, down: 800, same: 500, new: 10},
        before(10): {up: 900, down: 100, same: 500},
    }
    for number, (day, totals) in enumerate(marks.items()):
        exam = room.exam(day, ("语文",), name=f"第{number}次")
        room.marks(exam, {child: [total] for child, total in totals.items()})
    with room.factory.session(room.school.scope) as session:
        rows = session.execute(rises(before(60), TODAY)).all()
    assert {row.pupil_id: row.rose for row in rows} == {up: True, down: False, same: False}
    assert {row.school_id for row in rows} == {room.school.id}
    agrees(room)


def test_the_nightly_login_may_compute_progress_and_read_no_name(room: Room) -> None:
    first, second = room.child(), room.child()
    for day, total in ((before(20), 100), (TODAY, 900)):
        exam = room.exam(day, ("语文",))
        room.marks(exam, {first: [total], second: [500]})
    scope = aggregating(room.school.district_id, [room.school.id])
    with room.factory.session(scope) as session:
        rows = session.execute(rises(before(60), TODAY)).all()
    assert {row.pupil_id: row.rose for row in rows} == {first: True, second: False}


def test_who_missed_an_exam_is_not_compared_with_an_older_one(room: Room) -> None:
    ill, well = room.child(), room.child()
    for days, mark in ((30, 1000), (20, ABSENT), (10, 0)):
        exam = room.exam(before(days), ("语文",), name=f"{days}")
        room.marks(exam, {ill: [mark], well: [500]})
    with room.factory.session(room.school.scope) as session:
        last = course_of(session, ill)[-1]
    assert last.standing.place == 2
    assert last.standing.previous_place is None
    assert last.standing.moved is None


def test_an_exam_of_two_years_ago_is_not_the_one_before(room: Room) -> None:
    child, other = room.child(), room.child()
    for days, mark in ((700, 1000), (10, 0)):
        exam = room.exam(before(days), ("语文",), name=f"{days}")
        room.marks(exam, {child: [mark], other: [500]})
    with room.factory.session(room.school.scope) as session:
        assert course_of(session, child)[-1].standing.moved is None
        assert session.execute(rises(before(60), TODAY)).all() == []


def test_a_withdrawn_exam_counts_nowhere(room: Room) -> None:
    child, other = room.child(), room.child()
    exams = [room.exam(before(days), ("语文",), name=f"{days}") for days in (30, 20, 10)]
    for exam, mark in zip(exams, (100, 900, 200), strict=True):
        room.marks(exam, {child: [mark], other: [500]})
    with room.factory.session(room.school.scope) as session:
        wrong = session.get_one(Exam, (room.school.id, exams[1]))
        withdraw_exam(session, wrong, version=1, by=room.teacher.id, reason="重复")
        course = course_of(session, child)
        assert [one.exam.id for one in course] == [exams[0], exams[2]]
        session.commit()
    assert course[-1].standing.previous_place == 2
    agrees(room)


def test_two_exams_on_one_day_follow_each_other_as_they_were_entered(room: Room) -> None:
    child, other = room.child(), room.child()
    for name, mark in (("上午", 100), ("下午", 900)):
        exam = room.exam(TODAY - timedelta(days=1), ("语文",), name=name)
        room.marks(exam, {child: [mark], other: [500]})
    with room.factory.session(room.school.scope) as session:
        course = course_of(session, child)
        assert [one.exam.name for one in course] == ["上午", "下午"]
    assert course[-1].standing.moved == "up"
