"""Telephone numbers in one form, so that the same number is found again however it was written.

Mobile numbers have eleven digits and begin with 13 to 19; fixed lines begin with the area code, 0 and two or
three digits, then seven or eight digits. Short local numbers are refused: nobody in another province, where
parents work, can dial them.
"""

import re
import unicodedata

MOBILE = re.compile(r"1[3-9]\d{9}")
FIXED = re.compile(r"0\d{2,3}[2-9]\d{6,7}")
IDENTITY = re.compile(r"\d{17}[\dX]")
_SIGNS = re.compile(r"[\s().\-–—_/]")


def normal_phone(text: str | None) -> str | None:
    """A number as it is kept and hashed: digits only, without the country's code; None for none at all."""
    number = _SIGNS.sub("", unicodedata.normalize("NFKC", text or ""))
    if re.fullmatch(r"(?:\+|00)86\d+", number):
        number = re.sub(r"^(?:\+|00)86", "", number)
        # Abroad the area code loses its 0.
        number = number if MOBILE.fullmatch(number) else f"0{number}"
    return number or None


def is_phone(number: str) -> bool:
    """Whether a number in its normal form can be dialled: a mobile, or a fixed line with area code."""
    return bool(MOBILE.fullmatch(number) or FIXED.fullmatch(number))


def number_in(words: str) -> str | None:
    """The identity number or telephone that somebody looks for; None where the words are no number."""
    text = "".join(unicodedata.normalize("NFKC", words).split()).upper()
    if IDENTITY.fullmatch(text):
        return text
    number = normal_phone(text)
    return number if number and re.fullmatch(r"\d{7,12}", number) else None
