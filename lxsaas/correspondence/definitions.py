"""What threads are called, and which side waits for which."""

from collections.abc import Mapping
from typing import Literal

from lxsaas.core.messages import N_

Side = Literal["district", "school"]
TITLE_LENGTH = 100
TEXT_LENGTH = 3000
KINDS: Mapping[str, str] = {"request": N_("Request"), "note": N_("Notice"), "difficulty": N_("Difficulty")}
ASKED: Mapping[str, str] = {"request": N_("Request with a due day"), "note": N_("Notice without a due day")}
"""The kinds that a district opens."""
SHOWN: Mapping[str, str] = {
    "": N_("Still open"),
    "open": N_("Waits for an answer"),
    "late": N_("Overdue"),
    "answered": N_("Has an answer"),
    "closed": N_("Settled"),
    "all": N_("All"),
}
SORTS: Mapping[str, str] = {
    "-last": N_("Newest first"),
    "due": N_("Due first"),
    "school": N_("By school"),
    "kind": N_("By kind"),
}


def asks(kind: str) -> Side:
    """The side that began a thread of a kind and waits for the other."""
    return "school" if kind == "difficulty" else "district"
