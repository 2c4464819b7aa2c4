"""Marks in rows of cells, pasted or from a workbook: which child, which subject; what is wrong by line."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lxsaas.core.errors import RuleError
from lxsaas.portfolio.scores import parse_score
from lxsaas.pupils.register.values import Cell, name_of, text_of

MOST_LINES = 500
LONGEST_VALUE = 40
"""Characters of a wrong value that are told."""
_NAMES = frozenset({"姓名", "学生姓名", "学生", "name"})
_SEATS = frozenset({"座号", "班内学号", "学号", "序号", "考号", "编号", "no", "no.", "seat"})


@dataclass(frozen=True)
class Child:
    """A child as lines name it."""

    id: int
    name: str
    seat: str | None


@dataclass(frozen=True)
class Column:
    """A subject as headings name it."""

    id: int
    name: str
    full_marks: int


@dataclass(frozen=True)
class LineProblem:
    """Why a line, or a mark in it, cannot be taken as it is."""

    line: int
    """From 1, as the sheet counts."""
    code: str
    """A key of LINE_PROBLEMS."""
    value: str = field(repr=False)


@dataclass(frozen=True)
class SheetMarks:
    """What a sheet holds: the texts of the cells that were found, and what is wrong."""

    texts: Mapping[tuple[int, int], str]
    """(child, subject) -> as it stands in the sheet; also where that is no mark."""
    problems: Sequence[LineProblem]
    children: int


def lines_of(text: str) -> list[list[Cell]]:
    """Pasted text as rows of cells: by tabs, as spreadsheets copy; else by commas, else by spaces."""
    rows: list[list[Cell]] = []
    for line in text.splitlines():
        if "\t" in line:
            rows.append([*line.split("\t")])
        elif re.search("[,，、;；]", line):
            rows.append([*re.split("[,，、;；]", line)])
        else:
            rows.append([*line.split()])
    return rows


def read_marks(
    rows: Sequence[Sequence[Cell]], roster: Iterable[Child], subjects: Sequence[Column]
) -> SheetMarks:
    """The marks in a sheet, whose headings may be missing: then name or number come first, then the subjects.

    Raises RuleError where nothing is in it, too much, or headings name no subject.
    """
    cells = [[text_of(cell) for cell in row] for row in rows]
    if not any(any(row) for row in cells):
        raise RuleError("sheet_empty", field="file")
    if len(cells) > MOST_LINES:
        raise RuleError("sheet_long", field="file", limit=MOST_LINES)
    reader = _Reader(roster, subjects)
    top = next((at for at, row in enumerate(cells) if reader.is_heading(row)), None)
    if top is not None:
        reader.take_headings(cells[top])
    for line, row in enumerate(cells, 1):
        if any(row) and (top is None or line > top + 1):
            reader.take(line, row)
    return SheetMarks(reader.texts, reader.problems, len(reader.lines))


class _Reader:
    """Goes through the lines of one sheet."""

    def __init__(self, roster: Iterable[Child], subjects: Sequence[Column]) -> None:
        self._subjects = {one.id: one for one in subjects}
        self._by_name: dict[str, list[Child]] = {}
        self._by_seat: dict[str, Child] = {}
        for child in roster:
            self._by_name.setdefault(name_of(child.name), []).append(child)
            if child.seat:
                self._by_seat.setdefault(_seat_of(child.seat), child)
        self._columns: dict[int, int] | None = None
        self._name_at: int | None = None
        self._seat_at: int | None = None
        self.texts: dict[tuple[int, int], str] = {}
        self.problems: list[LineProblem] = []
        self.lines: dict[int, int] = {}

    def is_heading(self, row: Sequence[str]) -> bool:
        headings = {_plain(cell) for cell in row}
        return bool(headings & (_NAMES | _SEATS)) or len(headings & self._names()) > 0

    def take_headings(self, row: Sequence[str]) -> None:
        by_name = {_plain(one.name): one.id for one in self._subjects.values()}
        plain = [_plain(cell) for cell in row]
        self._columns = {at: by_name[cell] for at, cell in enumerate(plain) if cell in by_name}
        if not self._columns:
            raise RuleError("sheet_columns", field="file")
        self._name_at = next((at for at, cell in enumerate(plain) if cell in _NAMES), None)
        self._seat_at = next((at for at, cell in enumerate(plain) if cell in _SEATS), None)
        if self._name_at is None and self._seat_at is None:
            # Headings over the marks alone: the children stand in the first column, whatever it is called.
            self._name_at = next((at for at in range(len(plain)) if at not in self._columns), None)

    def take(self, line: int, row: Sequence[str]) -> None:
        columns, name, seat = self._places(row)
        if columns is None:
            self._note(line, "columns", " ".join(row))
            return
        if self._columns is not None and not name and not seat:
            # Averages and the like below the children.
            return
        child = self._child(line, name, seat)
        if child is None:
            return
        if child.id in self.lines:
            self._note(line, "twice", str(self.lines[child.id]))
            return
        self.lines[child.id] = line
        for at, subject_id in columns.items():
            self._mark(line, child.id, subject_id, row[at] if at < len(row) else "")

    def _places(self, row: Sequence[str]) -> tuple[dict[int, int] | None, str, str]:
        """Where the marks of a line are, its name and its number."""
        if self._columns is not None:
            return self._columns, _at(row, self._name_at), _at(row, self._seat_at)
        subjects = list(self._subjects)
        leading = len(row) - len(subjects)
        if leading not in (1, 2):
            return None, "", ""
        columns = {leading + at: subject_id for at, subject_id in enumerate(subjects)}
        first = row[:leading]
        seat = next((cell for cell in first if cell.isdecimal()), "")
        return columns, next((cell for cell in first if cell and not cell.isdecimal()), ""), seat

    def _child(self, line: int, name: str, seat: str) -> Child | None:
        named = self._by_name.get(name_of(name), []) if name else []
        seated = self._by_seat.get(_seat_of(seat)) if seat else None
        if name and not named:
            self._note(line, "unknown", name)
        elif len(named) > 1:
            if seated in named:
                return seated
            self._note(line, "ambiguous", name)
        elif named:
            # A running number beside the name says nothing where the register knows no numbers.
            if seated is None or seated == named[0]:
                return named[0]
            self._note(line, "seat_other", f"{seat} {name}")
        elif seated is None:
            self._note(line, "seat_unknown", seat)
        return seated if not name else None

    def _mark(self, line: int, pupil_id: int, subject_id: int, text: str) -> None:
        if not text:
            return
        self.texts[pupil_id, subject_id] = text
        try:
            parse_score(text, self._subjects[subject_id].full_marks)
        except RuleError:
            self._note(line, "score", text)

    def _names(self) -> set[str]:
        return {_plain(one.name) for one in self._subjects.values()}

    def _note(self, line: int, code: str, value: str) -> None:
        self.problems.append(LineProblem(line, code, value[:LONGEST_VALUE]))


def _at(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""


def _plain(heading: str) -> str:
    return re.sub(r"\s|\(.*\)$", "", heading).lower()


def _seat_of(text: str) -> str:
    return text.strip().lstrip("0") or "0"
