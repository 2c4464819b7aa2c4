"""The kinds of files that can be asked for; a feature declares each in a few lines."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lxsaas.accounts.realms import RealmKind
from lxsaas.core.permissions import Permission
from lxsaas.exports.content import Content

Reach = Callable[[], list[int] | None]
"""What the signed-in person reaches: ids of children or townships; None: everything at the address."""


def _everything() -> None:
    return None


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    `content` is called as a page is: with the request that asked, the person who did and their reach of the
    moment, in the scope of the address. So the file holds what the page would show when it is made.
    """

    code: str
    title: str
    """Message id."""
    permission: Permission
    content: Callable[..., Content]
    """Takes the arguments of the address that asked."""
    name: str
    """What the file is called, without its ending; nothing personal."""
    place: RealmKind = "school"
    names_children: bool = True
    """It gets a password and is kept for a day instead of a week."""
    reach: Reach = field(default=_everything)
    """Limits who still gets the file: what the person reached then must be reached when it is handed out."""
    note: Callable[..., object] | None = None
    """Writes into the log that so many rows are taken out, beside the entries of the job; commits nothing.
    Takes the number and the arguments of `content`."""


KINDS: dict[str, Kind] = {}
"""Every kind by its code."""


def declare(kind: Kind) -> Kind:
    """Makes a kind known to workers and pages."""
    KINDS[kind.code] = kind
    return kind
