"""Single cells made clean: full-width signs, spaces, dates in every usual form, identity numbers."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from stdnum.iso7064 import mod_11_2

Cell = str | int | float | bool | date | datetime | time | timedelta | None
_DATE = re.compile(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})[日号]?(?:0?0:00(?::00)?)?$")
"""Also where a date cell became a text with the time of midnight."""
_MONTH = re.compile(r"^(\d{4})[-./年](\d{1,2})月?$")
_HAN = "\u3007\u3400-\u9fff\ue000-\uf8ff\U00020000-\U000323af·"
"""Chinese characters; rare ones of names stand in the later planes, or in the private area of older fonts."""
_CJK_SPACE = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_EXACT = 10**15
"""Whole numbers up to here survive a number cell; longer ones have lost digits."""
_LOST = re.compile(r"\d(?:\.\d+)?E\+?\d{2}")
_INVISIBLE = {"Cc", "Cf", "Cs", "Cn"}


def text_of(cell: Cell) -> str:
    """A cell as clean text: NFKC (full-width digits become plain), outer spaces gone, 51.0 as 51.

    A number that has lost digits reads as it shows in the sheet, 9.90717E+17: written out, it would pass
    for a number that was never there.
    """
    if cell is None:
        return ""
    if isinstance(cell, int | float) and lost_digits(cell):
        return f"{cell:.5E}"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.date()
    text = unicodedata.normalize("NFKC", str(cell))
    if text.isprintable():
        return text.strip()
    kept = (sign for sign in text if sign.isspace() or unicodedata.category(sign) not in _INVISIBLE)
    return "".join(kept).strip()


def number_of(cell: Cell) -> str:
    """The number of a document: no spaces, capital letters."""
    return "".join(text_of(cell).split()).upper()


def name_of(cell: Cell) -> str:
    """A person's name: no spaces between Chinese characters, single ones between Latin words."""
    text = text_of(cell).replace("•", "·").replace("‧", "·").replace("・", "·")
    return _CJK_SPACE.sub("", " ".join(text.split()))


def date_of(cell: Cell) -> date | None:
    """A day from a date cell, 20140305, 2014-3-5, 2014.03.05, 2014/3/5 or 2014年3月5日; else None."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_of(cell).replace(" ", "")
    match = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text) or _DATE.match(text)
    return _day(match[1], match[2], match[3]) if match else None


def month_of(cell: Cell) -> date | None:
    """The first day of a month written as 202409, 2024-9, 2024.09, 2024年9月, or as a whole date."""
    text = text_of(cell).replace(" ", "")
    match = re.fullmatch(r"(\d{4})(\d{2})", text) or _MONTH.match(text)
    if match:
        return _day(match[1], match[2], "1")
    day = date_of(cell)
    return day.replace(day=1) if day else None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def lost_digits(cell: Cell) -> bool:
    """Whether a cell is a number too long for a number cell, or the text of one: 9.90717E+17."""
    if isinstance(cell, str):
        return _LOST.fullmatch(cell.strip().upper()) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT


def identity_fault(number: str, born_on: date | None) -> str | None:
    """What is wrong with a resident identity number (GB 11643), as a code of REASONS; None if nothing is.

    The province is not checked: invented people are from 99. The sex digit is not either: registers hold
    numbers whose holder changed the entry.
    """
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return "identity_form"
    if not mod_11_2.is_valid(number):
        return "check_digit"
    if born_on is not None and number[6:14] != born_on.strftime("%Y%m%d"):
        return "birth_date_mismatch"
    return None
