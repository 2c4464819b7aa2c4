"""What a term is called on pages and papers."""

import re

from flask_babel import gettext

_COMMON = re.compile(r"(\d{4})-(\d{4})-([12])")


def term_label(name: str) -> str:
    """'2026-2027-1' in words; a name that a district chose otherwise as it is."""
    found = _COMMON.fullmatch(name)
    if found is None:
        return name
    year = f"{found[1]}–{found[2]}"
    if found[3] == "1":
        return str(gettext("%(year)s, first term", year=year))
    return str(gettext("%(year)s, second term", year=year))
