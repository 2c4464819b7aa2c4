"""Slows down guessing at sign-in without letting a stranger lock anybody out.

A browser in which somebody has signed in before bears a signed device cookie and has attempts of its own; all
other browsers share theirs, by account and by network address (OWASP, "device cookies"). Whoever guesses from
elsewhere uses up the strangers' attempts, and the teacher's own telephone still signs in.
"""

import time
from functools import lru_cache

import structlog
from flask import current_app, g, request
from flask_limiter.util import get_remote_address
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from werkzeug.wrappers import Response

from lxsaas.core.errors import RuleError
from lxsaas.extensions import limiter

_WINDOW = 15
ACCOUNT = RateLimitItemPerMinute(10, _WINDOW)
"""Failures for one account in a quarter of an hour: of strangers together, of each known browser alone."""
ADDRESS = RateLimitItemPerMinute(60, _WINDOW)
"""Failures from one network address; a school's teachers often share one."""
COOKIE = "device"
_YEAR = 365 * 24 * 3600
_KEPT = 8
"""Accounts that one browser remembers: a staff-room computer has several."""

log = structlog.get_logger()


def seconds_to_wait(username: str | None) -> int:
    """How long until another attempt for this account from this browser; 0: now.

    None is for codes of invitations: they are too long to guess, and a limit shared by everybody would let a
    stranger keep all newcomers of a school out. Only the network address counts.
    """
    waits = [seconds_until_free(item, *bucket) for item, bucket in _buckets(username)]
    return max(waits, default=0)


def note_failure(username: str | None) -> None:
    """Counts a failed attempt."""
    for item, bucket in _buckets(username):
        count(item, *bucket)


def check_own_attempts(field: str) -> None:
    """Refuses who has tried the own password too often: a session left open is no place to guess it.

    Counted for the signed-in person alone: strangers who guess at sign-in keep nobody from their work. Raises
    RuleError at `field`.
    """
    if wait := seconds_until_free(ACCOUNT, *_own_bucket()):
        raise RuleError("password_attempts", field=field, minutes=-(-wait // 60))


def note_own_failure() -> None:
    """Counts a wrong password of the signed-in person."""
    count(ACCOUNT, *_own_bucket())


def _own_bucket() -> tuple[str, ...]:
    return ("own", g.realm.kind, str(g.realm.id), str(current_user.id))


def count(item: RateLimitItem, *bucket: str) -> None:
    """Counts one against a limit."""
    try:
        _strategy().hit(item, *bucket)
    except Exception as error:
        _fall_back(error).hit(item, *bucket)


def used(item: RateLimitItem, *bucket: str) -> int:
    """How many were counted against a limit in the window that runs."""
    try:
        stats = _strategy().get_window_stats(item, *bucket)
    except Exception as error:
        stats = _fall_back(error).get_window_stats(item, *bucket)
    return item.amount - int(stats.remaining)


def remember_device(response: Response, account_id: int) -> None:
    """Marks this browser as one in which the account has signed in."""
    known = [account_id, *(one for one in _known_accounts() if one != account_id)][:_KEPT]
    response.set_cookie(
        COOKIE,
        _serializer().dumps(known),
        max_age=_YEAR,
        path=g.realm.path,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def knows(account_id: int) -> bool:
    """Whether the account has signed in from this browser before."""
    return account_id in _known_accounts()


def _known_accounts() -> list[int]:
    try:
        known = _serializer().loads(request.cookies.get(COOKIE, ""), max_age=_YEAR)
    except BadSignature:
        return []
    return list(known)


def _buckets(username: str | None) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
    address = (ADDRESS, ("address", get_remote_address()))
    if username is None:
        return [address]
    account_id = g.get("sign_in_account_id")
    account = (g.realm.kind, str(g.realm.id), username)
    if account_id is not None and knows(account_id):
        return [(ACCOUNT, ("device", *account, request.cookies[COOKIE]))]
    return [(ACCOUNT, ("stranger", *account)), address]


def seconds_until_free(item: RateLimitItem, *bucket: str) -> int:
    """How long until a limit lets another one through; 0: now."""
    try:
        strategy = _strategy()
        free, stats = strategy.test(item, *bucket), strategy.get_window_stats(item, *bucket)
    except Exception as error:
        strategy = _fall_back(error)
        free, stats = strategy.test(item, *bucket), strategy.get_window_stats(item, *bucket)
    return 0 if free else max(int(stats.reset_time - time.time()) + 1, 1)


def _strategy() -> RateLimiter:
    return limiter.limiter


def _fall_back(error: Exception) -> RateLimiter:
    """Counts in this process while the broker is away: slower guessing is better than no sign-in."""
    log.warning("throttle_without_broker", error=type(error).__name__)
    return _memory()


@lru_cache(maxsize=1)
def _memory() -> RateLimiter:
    return FixedWindowRateLimiter(MemoryStorage())


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=f"device:{g.realm.path}")
