"""What grades, states and cells of filings are called on pages."""

from flask_babel import gettext

from lxsaas.core.messages import N_
from lxsaas.filings.definitions import PARTS, TOTAL, name_of
from lxsaas.pupils.definitions import DEFINITIONS

LOOKS = {
    "missing": ("quiet", "clock"),
    "late": ("poor", "alert-triangle"),
    "outdated": ("warn", "calendar"),
    "sent": ("info", "mail"),
    "accepted": ("good", "check"),
    "returned": ("warn", "history"),
}
"""Kind and icon of a state's badge."""
GRADES = (
    N_("Pre-school"), N_("Grade 1"), N_("Grade 2"), N_("Grade 3"), N_("Grade 4"), N_("Grade 5"),
    N_("Grade 6"), N_("Grade 7"), N_("Grade 8"), N_("Grade 9"),
)  # fmt: skip


def grade_name(grade: int) -> str:
    """A grade in words."""
    known = max(grade, 0)
    if known < len(GRADES):
        return str(gettext(GRADES[known]))
    return str(gettext("Grade %(number)s", number=grade))


def cell_name(cell: str) -> str:
    """What a remark is about: a column of the total, or a grade."""
    if cell.startswith("grade:"):
        return grade_name(int(cell.removeprefix("grade:")))
    from_division = "" if cell == TOTAL else f"{gettext(PARTS[cell][0].name)}: "
    return f"{from_division}{gettext(name_of(cell))}"


def definition_name(code: str) -> str:
    """Message id of a definition."""
    return DEFINITIONS[code].name if code in DEFINITIONS else code
