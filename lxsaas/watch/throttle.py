"""Slows down guessing at the operator's token, and counts it for all web processes together."""

import structlog
from flask_limiter.util import get_remote_address
from limits import RateLimitItemPerMinute

from lxsaas.accounts.throttle import count, seconds_until_free, used

BY_ADDRESS = RateLimitItemPerMinute(20, 15)
"""Wrong tokens from one network address in a quarter of an hour."""
ALTOGETHER = RateLimitItemPerMinute(1_000_000, 15)
"""Only counted: a limit that all addresses share would let a stranger shut the operator out."""

log = structlog.get_logger()


def guessing() -> int:
    """Seconds until this address may try another token; 0: now."""
    return seconds_until_free(BY_ADDRESS, "operator", get_remote_address())


def note_wrong_token() -> None:
    """Counts and logs a refusal; the token that was said is nobody's business."""
    count(BY_ADDRESS, "operator", get_remote_address())
    count(ALTOGETHER, "operator")
    log.warning("operator_token_refused")


def wrong_tokens() -> int:
    """Refusals of all addresses in the quarter of an hour that runs."""
    return used(ALTOGETHER, "operator")
