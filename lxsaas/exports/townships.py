"""What somebody at a district reaches, in numbers that can be compared when a file is fetched."""

from flask_login import current_user

from lxsaas.accounts import queries
from lxsaas.core.permissions import Permission
from lxsaas.exports.kinds import Reach
from lxsaas.extensions import db

NO_TOWNSHIP = 0
"""Stands for the schools of no township, which those see who see the whole district."""


def within_townships(*rights: Permission) -> Reach:
    """A kind's reach at a district: one's townships, and which rights one has that let more into the file."""

    def reached() -> list[int] | None:
        held = [-number for number, right in enumerate(rights, 1) if right in current_user.permissions]
        townships = current_user.township_ids
        if townships is not None:
            return [*sorted(townships), *held]
        if len(held) == len(rights):
            return None
        return [NO_TOWNSHIP, *(row[0] for row in db.session.execute(queries.townships())), *held]

    return reached
