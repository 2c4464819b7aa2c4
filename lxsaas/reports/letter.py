"""What a mail consists of, in one language."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a letter."""

    name: str
    content: bytes
    media_type: str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Letter:
    """Subject, the two bodies that say the same, and what is attached."""

    subject: str
    text: str
    html: str
    attachments: Sequence[Attachment] = ()
