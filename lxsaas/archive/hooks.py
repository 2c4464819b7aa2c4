"""What layers above add to the copy of a file that a guardian may see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lxsaas.pupils.models import Pupil


@dataclass(frozen=True)
class CopyPart:
    """One table of the copy: title, headings, rows, all in the reader's language."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


CopyParts = Callable[[Session, Pupil], Sequence[CopyPart]]
"""Called with the session and the child; what counsellors keep, and reports of harm, do not belong here."""

copy_parts: list[CopyParts] = []
