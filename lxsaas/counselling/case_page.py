"""What a case's page shows, opened: for its counsellor, and for who may read it by name."""

from dataclasses import dataclass
from typing import Any

from flask import request

from lxsaas.accounts.access import realm
from lxsaas.core.pages import Page
from lxsaas.counselling import queries
from lxsaas.counselling.letter_queries import letters_of_case
from lxsaas.counselling.models import CounsellingCase, CounsellingSession
from lxsaas.counselling.pages import child_of, today
from lxsaas.counselling.sealing import counselling_cipher
from lxsaas.extensions import db
from lxsaas.registers.history import changes_of
from lxsaas.registers.rows import values_of

SESSIONS_SHOWN = 10


@dataclass(frozen=True)
class Talk:
    """A session with its opened text and who held it."""

    row: CounsellingSession
    by: str
    account: str


def shown_case(case: CounsellingCase) -> dict[str, Any]:
    """The opened case: always the same few queries; who calls logs the sight and commits after showing."""
    cipher = counselling_cipher(db.session(), realm().id)
    held = db.session.execute(queries.sessions_of(case.id)).all()
    page = Page.of(held, request.args.get("page", 1, type=int), SESSIONS_SHOWN)
    talks = [Talk(row, by, values_of(row, cipher)["account"]) for row, by in page.items]
    return {
        "case": case,
        "child": child_of(case.pupil_id),
        "values": values_of(case, cipher),
        "page": page,
        "talks": talks,
        "levels": db.session.scalars(queries.levels_of(case.id)).all(),
        "readers": db.session.execute(queries.readers_of(case.id, today())).all(),
        "letters": db.session.scalars(letters_of_case(case.id)).all(),
        "changes": changes_of(db.session(), case),
    }
