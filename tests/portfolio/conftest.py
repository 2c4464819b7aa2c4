"""A class with exams, and ways to type marks into them."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.core.clock import today
from lxsaas.portfolio.actions import Subject, add_exams
from lxsaas.portfolio.models import Exam, ExamSubject
from lxsaas.portfolio.score_actions import Entered, held_scores, record_scores
from lxsaas.portfolio.scores import Score, show_score
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")


@dataclass
class Room:
    """A teacher signed in at a school, and a class of a few children."""

    client: FlaskClient
    factory: Factory
    school: Place
    teacher: Person
    class_id: int
    children: list[int] = field(default_factory=list)

    def child(self, name: str | None = None, **values: object) -> int:
        given = {"name": name} | values if name else values
        self.children.append(self.factory.pupil(self.school, self.class_id, **given))
        return self.children[-1]

    def exam(
        self, taken_on: date = TODAY, subjects: tuple[str, ...] = ("语文", "数学"), name: str = "期中"
    ) -> int:
        with self.factory.session(self.school.scope) as session:
            made = add_exams(
                session, school_id=self.school.id, class_ids=[self.class_id], name=name, taken_on=taken_on,
                subjects=[Subject(one, 100) for one in subjects], today=TODAY, by=self.teacher.id,
            )  # fmt: skip
            return made[0]

    def subjects(self, exam_id: int) -> list[int]:
        query = select(ExamSubject.id).where(ExamSubject.exam_id == exam_id).order_by(ExamSubject.position)
        with self.factory.session(self.school.scope) as session:
            return list(session.scalars(query))

    def marks(self, exam_id: int, by_child: dict[int, list[Score]]) -> None:
        """Enters whole rows at once, as if nobody else had."""
        subjects = self.subjects(exam_id)
        with self.factory.session(self.school.scope) as session:
            exam = session.get_one(Exam, (self.school.id, exam_id))
            held = held_scores(session, exam_id)
            entered = {
                (child, subject): Entered(held.get((child, subject)), score)
                for child, scores in by_child.items()
                for subject, score in zip(subjects, scores, strict=True)
            }
            record_scores(session, exam, entered=entered, today=TODAY, by=self.teacher.id)

    def held(self, exam_id: int) -> dict[tuple[int, int], Score]:
        with self.factory.session(self.school.scope) as session:
            return held_scores(session, exam_id)

    def grid(self, exam_id: int, texts: dict[int, list[str]], **more: str) -> dict[str, str]:
        """What a browser sends that was opened on what is kept now."""
        subjects, held = self.subjects(exam_id), self.held(exam_id)
        with self.factory.session(self.school.scope) as session:
            version = session.get_one(Exam, (self.school.id, exam_id)).version
        form = {"version": str(version), "subject": ""}
        for child in self.children:
            was = [show_score(held.get((child, one))) for one in subjects]
            form[f"w{child}"] = "|".join(was)
            for subject, text in zip(subjects, texts.get(child, was), strict=True):
                form[f"m{child}-{subject}"] = text
        return form | more

    def page(self, path: str) -> str:
        answer = self.client.get(self.school.path + path)
        assert answer.status_code == 200, answer.status_code
        return answer.text


@pytest.fixture
def room(client: FlaskClient, factory: Factory) -> Room:
    school = factory.school()
    teacher = factory.staff(school, language="en")
    class_id = factory.school_class(school, teacher)
    return Room(teacher.sign_in(client), factory, school, teacher, class_id)


def before(days: int) -> date:
    return TODAY - timedelta(days=days)
