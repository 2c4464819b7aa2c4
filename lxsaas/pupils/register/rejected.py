"""The rejected rows as a workbook, each with its reasons, ready to be corrected and imported again."""

import io
from collections.abc import Callable, Sequence

import xlsxwriter

from lxsaas.pupils.register.problems import RowProblem
from lxsaas.pupils.register.values import Cell, text_of

REASON_HEADING = "原因"
"""Unknown to the register, and so ignored when the sheet is imported again."""


def rejected_workbook(
    headings: Sequence[str],
    rows: Sequence[tuple[int, Sequence[Cell]]],
    problems: Sequence[RowProblem],
    reason: Callable[[RowProblem], str],
) -> bytes:
    """An .xlsx of these rows (number, cells) as they stand, every cell a text, the faulty ones marked."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = workbook.add_worksheet()
    bold, plain = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "@"})
    marked = workbook.add_format({"num_format": "@", "bg_color": "#FFE08A"})
    # The reasons of the round before stand no more.
    kept = [at for at, heading in enumerate(headings) if heading != REASON_HEADING]
    for column, heading in enumerate((REASON_HEADING, *(headings[at] for at in kept))):
        sheet.write_string(0, column, heading, bold)
    for line, (number, cells) in enumerate(rows, 1):
        mine = [problem for problem in problems if problem.row == number]
        faulty = {problem.column for problem in mine}
        sheet.write_string(line, 0, "；".join(reason(problem) for problem in mine), plain)
        for column, at in enumerate(kept, 1):
            cell = cells[at] if at < len(cells) else None
            sheet.write_string(line, column, text_of(cell), marked if headings[at] in faulty else plain)
    sheet.set_column(0, 0, 40)
    sheet.freeze_panes(1, 1)
    workbook.close()
    return buffer.getvalue()
