"""The address by which a mail's reader, or their mail program with one click, ends a subscription (RFC 8058).

It says nothing of the person, cannot be guessed, and asks for no sign-in: whoever has the mail may end it,
and nothing else. The database sees the district in scope; that it is this subscription is in the signature.
"""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, timedelta

from lxsaas.config import Settings

VALID = timedelta(days=400)
"""A mail of last year still ends its subscription; a link that leaked long ago does not."""
_FORM = struct.Struct(">HQQ")
_MAC = 15
LENGTH = 44
PLACEHOLDER = "unsubscribe".center(LENGTH, "0")
"""Stands for the token where a letter is written once for many; as long as every token."""
_EPOCH = date(2020, 1, 1)


@dataclass(frozen=True)
class Ticket:
    """What a token says."""

    district_id: int
    subscription_id: int
    issued_on: date


class Tokens:
    """Makes and reads tokens of 44 letters with one installation's key."""

    def __init__(self, settings: Settings) -> None:
        self._key = bytes.fromhex(settings.derive("unsubscribe"))

    def make(self, ticket: Ticket) -> str:
        days = (ticket.issued_on - _EPOCH).days
        said = _FORM.pack(days, ticket.district_id, ticket.subscription_id)
        return urlsafe_b64encode(said + self._mac(said)).decode()

    def read(self, token: str, today: date) -> Ticket | None:
        """What a token says; None where this installation never issued it, or too long ago."""
        try:
            raw = urlsafe_b64decode(token.encode("ascii"))
        except ValueError:
            return None
        said, mac = raw[: _FORM.size], raw[_FORM.size :]
        if len(token) != LENGTH or not hmac.compare_digest(mac, self._mac(said)):
            return None
        days, district_id, subscription_id = _FORM.unpack(said)
        issued_on = _EPOCH + timedelta(days=days)
        return Ticket(district_id, subscription_id, issued_on) if today - issued_on <= VALID else None

    def _mac(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")[:_MAC]


def address_of(settings: Settings, token: str = PLACEHOLDER) -> str:
    """The address with a token; by default as it stands in a letter that is written for many."""
    return f"{settings.base_url.rstrip('/')}/unsubscribe/{token}"
