"""The grid of an exam's marks: as it is kept, as somebody typed it, or as a sheet would fill it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lxsaas.core.errors import RuleError
from lxsaas.portfolio.models import ExamSubject
from lxsaas.portfolio.score_actions import Cell, Entered
from lxsaas.portfolio.scores import Score, parse_score, show_score
from lxsaas.pupils.models import Pupil

_SHOWN = 20
"""Characters of a wrong value that are shown again."""
_BETWEEN = "|"


@dataclass(frozen=True)
class GridCell:
    """One field of the grid."""

    subject_id: int
    text: str
    error: RuleError | None = None
    is_new: bool = False
    """Whether a sheet would fill or change it."""


@dataclass(frozen=True)
class GridRow:
    """One child: what stood there when the grid was opened, and the fields."""

    pupil: Pupil
    was: tuple[Score, ...]
    cells: tuple[GridCell, ...]

    @property
    def seen(self) -> str:
        """What stood there, as the form carries it."""
        return _BETWEEN.join(show_score(one) for one in self.was)


@dataclass(frozen=True)
class Grid:
    """The children of an exam and the subjects that are shown."""

    subjects: Sequence[ExamSubject]
    rows: Sequence[GridRow] = field(repr=False)

    @property
    def errors(self) -> int:
        return sum(cell.error is not None for row in self.rows for cell in row.cells)

    @property
    def new(self) -> int:
        return sum(cell.is_new for row in self.rows for cell in row.cells)

    def entered(self) -> dict[Cell, Entered]:
        """Every field with what stood there before; to be asked for where there are no errors."""
        found = {}
        for row in self.rows:
            for subject, was, cell in zip(self.subjects, row.was, row.cells, strict=True):
                score = parse_score(cell.text, subject.full_marks)
                found[row.pupil.id, subject.id] = Entered(was, score)
        return found


def grid_of(roster: Sequence[Pupil], subjects: Sequence[ExamSubject], held: Mapping[Cell, Score]) -> Grid:
    """The grid as it is kept."""
    rows = []
    for pupil in roster:
        was = tuple(held.get((pupil.id, one.id)) for one in subjects)
        cells = tuple(GridCell(one.id, show_score(kept)) for one, kept in zip(subjects, was, strict=True))
        rows.append(GridRow(pupil, was, cells))
    return Grid(subjects, rows)


def typed(grid: Grid, form: Mapping[str, str]) -> Grid:
    """The grid as a form sends it: `m<child>-<subject>` for each field, `w<child>` for what stood there.

    Children and subjects that the form does not name stay as they are kept.
    """
    rows = []
    for row in grid.rows:
        seen = _seen(form.get(f"w{row.pupil.id}"), grid.subjects)
        texts = [form.get(f"m{row.pupil.id}-{one.id}") for one in grid.subjects]
        if seen is None or None in texts:
            rows.append(row)
            continue
        cells = (_cell(one, text or "") for one, text in zip(grid.subjects, texts, strict=True))
        rows.append(replace(row, was=seen, cells=tuple(cells)))
    return replace(grid, rows=rows)


def filled(grid: Grid, texts: Mapping[Cell, str]) -> Grid:
    """The grid as a sheet would fill it; empty fields of the sheet take nothing away."""
    rows = []
    for row in grid.rows:
        cells = []
        for subject, cell in zip(grid.subjects, row.cells, strict=True):
            text = texts.get((row.pupil.id, subject.id))
            if text is None:
                cells.append(cell)
                continue
            fresh = _cell(subject, text)
            if fresh.error is None:
                fresh = replace(fresh, text=show_score(parse_score(text, subject.full_marks)))
            cells.append(replace(fresh, is_new=fresh.text != cell.text))
        rows.append(replace(row, cells=tuple(cells)))
    return replace(grid, rows=rows)


def marked_stale(grid: Grid, now: Mapping[Cell, Score]) -> Grid:
    """The typed grid with what stands there now beside the fields concerned: sent again it replaces that."""
    rows = []
    for row in grid.rows:
        was, cells = list(row.was), list(row.cells)
        for at, subject in enumerate(grid.subjects):
            if (row.pupil.id, subject.id) in now:
                was[at] = now[row.pupil.id, subject.id]
                cells[at] = replace(cells[at], error=RuleError("score_stale", now=show_score(was[at]) or "–"))
        rows.append(replace(row, was=tuple(was), cells=tuple(cells)))
    return replace(grid, rows=rows)


def only(subjects: Sequence[ExamSubject], wanted: int | None) -> Sequence[ExamSubject]:
    """One subject, where one was asked for: on a phone one enters subject by subject."""
    return [one for one in subjects if one.id == wanted] or subjects


def subject_ids(grid: Grid) -> Collection[int]:
    return [one.id for one in grid.subjects]


def _cell(subject: ExamSubject, text: str) -> GridCell:
    try:
        parse_score(text, subject.full_marks)
    except RuleError as error:
        shown = "".join(sign for sign in text[:_SHOWN] if sign.isprintable())
        return GridCell(subject.id, shown or "?", error)
    return GridCell(subject.id, text.strip())


def _seen(text: str | None, subjects: Sequence[ExamSubject]) -> tuple[Score, ...] | None:
    """What stood in a row, as the form carried it; None where that is missing or was tampered with."""
    if text is None:
        return None
    parts = text.split(_BETWEEN)
    if len(parts) != len(subjects):
        return None
    try:
        return tuple(parse_score(part, one.full_marks) for part, one in zip(parts, subjects, strict=True))
    except RuleError:
        return None
