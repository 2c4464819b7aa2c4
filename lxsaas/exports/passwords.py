"""Passwords of files: strong, and easy to read out and to type."""

import secrets

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
"""Without I, L, O and U: what is read out is not mistaken. 32 signs, five bits each."""
GROUPS, SIGNS = 4, 4


def new_password() -> str:
    """80 random bits, as 'K7QX-2M9D-…'."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(SIGNS)) for _ in range(GROUPS))
