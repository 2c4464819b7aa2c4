"""Reads a returned mail (RFC 3464): which message it was, whether its address takes none at all, or not now.

What comes in is anybody's: it is read up to a size, believed only as far as a key that nobody can guess, and
never answered.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

LARGEST = 1024 * 1024
"""Bytes that are read: the report and the returned headers stand in front."""
_PARTS = 50
_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})")
_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
"""Where mail servers write to whom the returned mail itself went."""
_NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
"""RFC 3463, 7505: no such mailbox, no such domain, moved away, takes no mail."""


@dataclass(frozen=True)
class Returned:
    """What a returned mail says."""

    keys: tuple[str, ...]
    """What may name the message: from the address it came back to, then from the headers that came back."""
    status: str
    """As 5.1.1 (RFC 3463)."""
    is_final: bool
    """Not tried any more; else it is late."""

    @property
    def is_hard(self) -> bool:
        """Whether the next mail would come back too."""
        return self.is_final and self.status.startswith("5")

    @property
    def is_unknown_address(self) -> bool:
        return self.is_hard and self.status in _NO_SUCH_ADDRESS


def read_bounce(raw: bytes, bounce_address: str | None) -> Returned | None:
    """What a mail says of one that we sent; None where it is no report of delivery, or of none of ours."""
    try:
        message = BytesParser(policy=compat32).parsebytes(raw[:LARGEST])
        parts = [part for part, _ in zip(message.walk(), range(_PARTS), strict=False)]
        keys = tuple(dict.fromkeys([*_envelope_keys(message, bounce_address), *_returned_keys(parts)]))
        verdict = _verdict(parts)
    # Nested a thousand times, or broken in a way that the parser does not know.
    except (MessageError, RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return Returned(keys, *verdict) if keys and verdict else None


def _verdict(parts: list[Message]) -> tuple[str, bool] | None:
    """Status, and whether it is final: of the first recipient of whom it tells a fault; we send to one."""
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        for group in _inside(part):
            action = str(group.get("Action", "")).strip().lower()
            status = _STATUS.match(str(group.get("Status", "")))
            if action in ("failed", "delayed") and status is not None and status[1] != "2":
                return ".".join(status.groups()), action == "failed"
    return None


def _inside(part: Message) -> list[Message]:
    inner = part.get_payload()
    return [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []


def _envelope_keys(message: Message, bounce_address: str | None) -> Iterator[str]:
    if not bounce_address:
        return
    local, _, host = bounce_address.lower().rpartition("@")
    pattern = re.compile(rf"{re.escape(local)}\+({_KEY.pattern})@{re.escape(host)}")
    for name in _ENVELOPE:
        for value in message.get_all(name, []):
            yield from pattern.findall(str(value).lower()[:2000])


def _returned_keys(parts: list[Message]) -> Iterator[str]:
    """From the Message-ID of the mail that came back, whole or its headers only."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822":
            found = next((inner.get("Message-ID", "") for inner in _inside(part)), "")
        elif kind == "text/rfc822-headers":
            text = bytes(part.get_payload(decode=True) or b"")
            found = BytesParser(policy=compat32).parsebytes(text, headersonly=True).get("Message-ID", "")
        else:
            continue
        yield from _KEY.findall(str(found).lower()[:500])
