"""What can be wrong with a register's workbook: with the file, or with a row of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxsaas.core.errors import RuleError
from lxsaas.core.messages import N_, register

REASONS: Mapping[str, str] = {
    "missing": N_("is missing"),
    "unknown_code": N_("is not one of the register's values"),
    "digits_lost": N_("is a number cell and has lost its last digits: format the column as text"),
    "identity_form": N_("is not an identity number of 18 characters"),
    "check_digit": N_("has a wrong check digit"),
    "birth_date_mismatch": N_("does not hold the date of birth of the row"),
    "duplicate_identity": N_("stands in more than one row"),
    "impossible_date": N_("is not a date"),
    "future_date": N_("lies in the future"),
    "class_form": N_("is not a class number like 0302"),
    "other_school": N_("is another school's 学校标识码"),
    "too_long": N_("is too long"),
}
"""Why a row is rejected, said after the column's name."""

register(
    {
        "file_empty": N_("The file is empty."),
        "file_too_large": N_("The file is larger than %(limit)s MB."),
        "file_not_workbook": N_("This is not an Excel workbook (.xls or .xlsx)."),
        "file_encrypted": N_("The workbook is protected by a password; save it without one."),
        "file_macros": N_("The workbook contains macros; save it as .xlsx."),
        "file_bomb": N_("The workbook unpacks to far more than its size; it was not opened."),
        "file_damaged": N_("The workbook is damaged and cannot be read."),
        "file_formula": N_("Cell %(cell)s holds a formula; replace formulas by their values."),
        "heading_missing": N_(
            "No row of headings was found: one with 姓名 and the register's other headings."
        ),
        "columns_missing": N_("These columns are missing: %(columns)s."),
        "columns_twice": N_("These columns stand twice: %(columns)s."),
        "too_many_rows": N_("The sheet has more than %(limit)s rows."),
        "too_many_columns": N_("The sheet has more than %(limit)s columns."),
        "several_sheets": N_("Several sheets hold pupils; keep one."),
    }
)


class RegisterFileError(RuleError):
    """The file as a whole cannot be used."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, field="file", **params)


@dataclass(frozen=True)
class RowProblem:
    """Why a row is rejected."""

    row: int
    """Counted from the first pupil, from 1."""
    column: str
    """Heading of the column concerned."""
    value: str = field(repr=False)
    """As it stands in the sheet; personal, shown to the school only."""
    code: str
    """A key of REASONS."""
