"""One cell of an exam: marks in tenths, absent, or nothing; from what people type and back."""

import unicodedata
from typing import Literal

from lxsaas.core.errors import RuleError

Absent = Literal["absent"]
Score = int | Absent | None
"""Tenths of a mark; 'absent'; None: nothing entered."""
ABSENT: Absent = "absent"
ABSENT_SIGN = "缺"
"""As it stands in sheets and is typed."""
_ABSENT = frozenset({"缺", "缺考", "缺席", "未考", "请假", "absent", "abs", "a", "-", "–", "—", "/"})
_LONGEST = 12


def parse_score(text: str, full_marks: int) -> Score:
    """The score that somebody typed or pasted: '89.5', '８９。５', '缺', ''.

    Raises RuleError for what is no number, has more than one decimal, or lies outside 0 … full_marks.
    """
    plain = unicodedata.normalize("NFKC", text).replace("。", ".").strip().lower()
    if not plain:
        return None
    if plain in _ABSENT:
        return ABSENT
    whole, _, decimals = plain.partition(".")
    decimals = decimals.rstrip("0")
    is_number = whole.isascii() and whole.isdigit() and (not decimals or decimals.isascii())
    if len(plain) > _LONGEST or not is_number or (decimals and not decimals.isdigit()):
        raise RuleError("score_form")
    if len(decimals) > 1:
        raise RuleError("score_decimals")
    tenths = int(whole) * 10 + int(decimals or 0)
    if tenths > full_marks * 10:
        raise RuleError("score_over", full=full_marks)
    return tenths


def show_score(score: Score) -> str:
    """As it is typed: '89.5', '90', '缺', ''."""
    if score is None:
        return ""
    return ABSENT_SIGN if score == ABSENT else show_tenths(score)


def show_tenths(tenths: int) -> str:
    """895 as '89.5', 900 as '90'."""
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)
