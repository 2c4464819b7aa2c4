"""Slows down guessing at the letterbox's codes, and floods of letters, without a child noticing.

Counted by network address (a school's computer room shares one) and by code; never for the school as a whole,
or a stranger could close the letterbox to all its children.
"""

import hashlib
import hmac

from flask import current_app
from flask_limiter.util import get_remote_address
from limits import RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute

from lxsaas.accounts.access import realm
from lxsaas.accounts.throttle import count, seconds_until_free

WRONG_CODES = RateLimitItemPerMinute(60, 15)
"""Wrong codes from one address in a quarter of an hour; a class that writes together mistypes some."""
LETTERS_BY_ADDRESS = RateLimitItemPerHour(60)
"""A class that writes in the computer room fits."""
LETTERS_BY_CODE = RateLimitItemPerDay(300)
"""New letters with one poster's code: a code that leaked to the net fills no counsellor's week."""
TEXTS_BY_CODE = RateLimitItemPerHour(20)
"""Further texts with one child's code."""


def guessing() -> int:
    """Seconds until this address may try another code; 0: now."""
    return seconds_until_free(WRONG_CODES, *_address("wrong"))


def note_wrong_code() -> None:
    count(WRONG_CODES, *_address("wrong"))


def writing(code: str, *, is_new: bool) -> int:
    """Seconds until another text may be sent from here, and with this code (by its id); 0: now."""
    by_code = LETTERS_BY_CODE if is_new else TEXTS_BY_CODE
    return max(
        seconds_until_free(LETTERS_BY_ADDRESS, *_address("sent")), seconds_until_free(by_code, *_code(code))
    )


def note_text(code: str, *, is_new: bool) -> None:
    count(LETTERS_BY_ADDRESS, *_address("sent"))
    count(LETTERS_BY_CODE if is_new else TEXTS_BY_CODE, *_code(code))


def _address(what: str) -> tuple[str, ...]:
    # Keyed: the broker's file on disk would keep who wrote when.
    key = f"letterbox:{current_app.config['SECRET_KEY']}".encode()
    address = hmac.new(key, get_remote_address().encode(), hashlib.sha256).hexdigest()
    return ("letterbox", what, str(realm().id), address)


def _code(code: str) -> tuple[str, ...]:
    return ("letterbox", "code", str(realm().id), code)
