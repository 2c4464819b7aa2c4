"""Passwords: argon2id, and what a new one must be like."""

import secrets
import unicodedata
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lxsaas.core.errors import RuleError

SHORTEST = 10
"""Characters; length is worth more than rules about signs (NIST SP 800-63B)."""
_TELLING = 4
"""Signs from which on a user name may not stand within the password."""
_COMMON = {"1234567890", "0123456789", "password123", "qwertyuiop", "1q2w3e4r5t", "woaini1314", "a123456789"}
_hasher = PasswordHasher()


def normalised(text: str) -> str:
    """What is typed on different keyboards made one: NFKC."""
    return unicodedata.normalize("NFKC", text)


def check_password(password: str, *, username: str) -> None:
    """Raises RuleError for a password that is too short, too common, or the user name."""
    plain = normalised(password)
    if len(plain) < SHORTEST:
        raise RuleError("password_short", field="password", shortest=SHORTEST)
    folded = plain.casefold()
    # A name of one or two signs stands by chance in many a good sentence.
    named = folded == username or (len(username) >= _TELLING and username in folded)
    if folded in _COMMON or len(set(plain)) < 4 or named:
        raise RuleError("password_common", field="password")


def hash_password(password: str) -> str:
    return _hasher.hash(normalised(password))


def verifies(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes as long where there is no hash."""
    try:
        return _hasher.verify(password_hash or _of_nobody(), normalised(password)) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def _of_nobody() -> str:
    """A hash that no password has: somebody unknown must take as long as somebody with a wrong password.

    Random bytes in place of a digest: a real one would cost every command and worker its first moments.
    """
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (_hasher.salt_len, _hasher.hash_len)
    )
    costs = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)
