"""From a sheet's rows to clean pupils, with every problem of every row."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from lxsaas.pupils.register.columns import cell_of, columns_of
from lxsaas.pupils.register.problems import RowProblem
from lxsaas.pupils.register.reader import RowReader
from lxsaas.pupils.register.rows import ParsedRegister, RegisterRow
from lxsaas.pupils.register.values import Cell, date_of, lost_digits, name_of, number_of, text_of
from lxsaas.pupils.register.workbook import Sheet

Progress = Callable[[int, int], object]


def parse_rows(
    sheet: Sheet, *, school_register_code: str, today: date, on_progress: Progress | None = None
) -> ParsedRegister:
    """Every row cleaned and checked. Raises RegisterFileError for missing or doubled columns."""
    columns = columns_of(sheet.headings)
    filled = [row for row in sheet.rows if any(text_of(cell) for cell in row)]
    cells = dict(enumerate(filled, 1))
    accepted: list[RegisterRow] = []
    problems: list[RowProblem] = []
    for number, row in cells.items():
        reader = RowReader(number, row, columns, today)
        pupil = reader.read(school_register_code)
        problems += reader.problems
        if pupil is not None and not reader.problems:
            accepted.append(pupil)
        if on_progress and (number % 100 == 0 or number == len(cells)):
            on_progress(number, len(cells))
    doubled = _doubled(cells, columns)
    problems += doubled
    bad = {problem.row for problem in doubled}
    good = [pupil for pupil in accepted if pupil.row not in bad]
    return ParsedRegister(sheet.headings, cells, good, sorted(problems, key=lambda one: one.row))


def _doubled(cells: Mapping[int, Sequence[Cell]], columns: Mapping[str, int]) -> list[RowProblem]:
    """A number in two rows rejects both: nobody can tell whose it is.

    A row without a number is known by name and day of birth; where these stand in another row too, it may be
    the same child.
    """
    numbers = {row: _number(cells[row], columns, "身份证件号") for row in cells}
    registered = {row: _number(cells[row], columns, "学籍辅号") for row in cells}
    births = {
        row: (name_of(cell_of(cells[row], columns, "姓名")), _born(cells[row], columns)) for row in cells
    }
    found = []
    for heading, values in (("身份证件号", numbers), ("学籍辅号", registered)):
        counts = Counter(value for value in values.values() if value)
        found += [
            RowProblem(row, heading, value, "duplicate_identity")
            for row, value in values.items()
            if value and counts[value] > 1
        ]
    alike = Counter(births.values())
    found += [
        RowProblem(row, "姓名", births[row][0], "duplicate_identity")
        for row in cells
        if not numbers[row] and not registered[row] and all(births[row]) and alike[births[row]] > 1
    ]
    return found


def _number(row: Sequence[Cell], columns: Mapping[str, int], heading: str) -> str:
    """A document's number; one that has lost digits says nothing."""
    cell = cell_of(row, columns, heading)
    return "" if lost_digits(cell) else number_of(cell)


def _born(row: Sequence[Cell], columns: Mapping[str, int]) -> date | None:
    return date_of(cell_of(row, columns, "出生日期"))
