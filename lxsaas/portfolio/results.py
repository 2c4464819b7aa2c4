"""The results of one exam: each child's marks and standing, sorted as asked, and as a workbook."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Response
from flask_babel import format_date, gettext
from flask_login import current_user
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.downloads import download
from lxsaas.core.export import Cell, Format, Table
from lxsaas.portfolio import queries
from lxsaas.portfolio.course import Standing
from lxsaas.portfolio.models import Exam, ExamSubject
from lxsaas.portfolio.score_actions import held_scores
from lxsaas.portfolio.scores import ABSENT, Score, show_score
from lxsaas.pupils.models import Pupil


@dataclass(frozen=True)
class ResultRow:
    """One child in an exam."""

    pupil: Pupil
    scores: tuple[Score, ...]
    total: int | None
    standing: Standing
    has_fallen: bool

    @property
    def is_entered(self) -> bool:
        """Whether there is a mark or an absence in each subject."""
        return all(one is not None for one in self.scores)


_SORTS: dict[str, Callable[[ResultRow], object]] = {
    "name": lambda row: row.pupil.pinyin,
    "place": lambda row: (row.standing.place is None, row.standing.place or 0),
}


def result_rows(
    session: Session, exam: Exam, subjects: Sequence[ExamSubject], *, sort: str = "place"
) -> list[ResultRow]:
    """A row for each child of the exam, by 'place' or 'name' ('-place': descending); always four queries."""
    held = held_scores(session, exam.id)
    results = {row.pupil_id: row for row in session.scalars(queries.results_of(exam.id))}
    standings = {
        row.pupil_id: Standing(row.place, row.class_size, row.ahead, row.previous_place, row.previous_ahead)
        for row in session.execute(queries.progress_in(exam.id))
    }
    rows = [
        ResultRow(
            pupil,
            tuple(held.get((pupil.id, one.id)) for one in subjects),
            results[pupil.id].total_tenths if pupil.id in results else None,
            standings.get(pupil.id, Standing()),
            pupil.id in results and results[pupil.id].fall_told_at is not None,
        )
        for pupil in session.scalars(queries.roster_of(exam))
    ]
    key = _SORTS.get(sort.removeprefix("-"), _SORTS["place"])
    return sorted(rows, key=key, reverse=sort.startswith("-"))  # type: ignore[arg-type]


def averages(rows: Sequence[ResultRow], subjects: Sequence[ExamSubject]) -> list[float | None]:
    """The mean mark of each subject over the children who have one; absent ones are left out."""
    means: list[float | None] = []
    for at, _ in enumerate(subjects):
        marks = [one for row in rows if isinstance(one := row.scores[at], int)]
        means.append(sum(marks) / len(marks) / 10 if marks else None)
    return means


def workbook(
    session: Session, exam: Exam, code: str, subjects: Sequence[ExamSubject], rows: Sequence[ResultRow]
) -> Response:
    """A download of the results; that it was taken is logged."""
    headings = [
        gettext("Name"), *(one.name for one in subjects), gettext("Total marks"), gettext("Place in class"),
        gettext("Place before"),
    ]  # fmt: skip
    marks: list[Format] = ["mark"] * (len(subjects) + 1)
    table = Table(
        f"{exam.name} {code}",
        [format_date(exam.taken_on, "yyyy-MM-dd")],
        headings,
        ["text", *marks, "count", "count"],
        [_line(row) for row in rows],
    )
    audit(
        session, "export_exam", "exam", exam.id,
        school_id=exam.school_id, by=current_user.id, children=len(rows),
    )  # fmt: skip
    session.commit()
    return download(table, "xlsx", f"exam-{exam.id}")


def _line(row: ResultRow) -> list[Cell]:
    marks: list[Cell] = [show_score(one) if one in (ABSENT, None) else one / 10 for one in row.scores]
    total = None if row.total is None else row.total / 10
    return [row.pupil.name, *marks, total, row.standing.place, row.standing.previous_place]
