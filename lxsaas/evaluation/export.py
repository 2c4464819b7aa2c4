"""The scores of a year for a spreadsheet: of each part what was due, what was done and the points."""

from collections.abc import Sequence

from flask_babel import gettext

from lxsaas.core.export import Cell, Format, Table
from lxsaas.evaluation.definitions import PARTS
from lxsaas.evaluation.queries import Score, Weights


def table(scores: Sequence[Score], weights: Weights, year: str, ranks: Sequence[int | None]) -> Table:
    """One row for each homeroom teacher, in the order of the ranking; the formula stands above."""
    counted = [part for code, part in PARTS.items() if weights[code]]
    headings = [gettext("Rank"), gettext("Homeroom teacher"), gettext("Class"), gettext("Points")]
    formats: list[Format] = ["count", "text", "text", "mark"]
    for part in counted:
        name = gettext(part.indicator.name)
        headings += [
            gettext("%(part)s: due", part=name), gettext("%(part)s: done", part=name),
            gettext("%(part)s: points", part=name),
        ]  # fmt: skip
        formats += ["count", "count", "mark"]
    rows: list[list[Cell]] = []
    for one, rank in zip(scores, ranks, strict=True):
        row: list[Cell] = [rank, one.name, one.classes, _rounded(one.points)]
        for held in one.parts:
            if weights[held.part.code]:
                row += [held.due, held.done, _rounded(held.points)]
        rows.append(row)
    notes = [
        year,
        gettext("Points of a part = weight / weight of all parts that count × done / due × 100."),
        gettext("Weights")
        + gettext(": ")
        + gettext(", ").join(f"{gettext(part.indicator.name)} {weights[part.code]}" for part in counted),
    ]
    return Table(gettext("Evaluation of homeroom teachers"), notes, headings, formats, rows)


def _rounded(points: float | None) -> float | None:
    return None if points is None else round(points, 1)
