"""The entries of the portfolio (P7): what is more than a mark, as a register."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.core.errors import RuleError
from lxsaas.core.messages import N_
from lxsaas.portfolio.forms import EntryForm
from lxsaas.portfolio.messages import ENTRY_KINDS
from lxsaas.portfolio.models import PortfolioEntry
from lxsaas.pupils.models import Pupil
from lxsaas.registers.register import Filter, Register

_NEEDS_WORDS = ("conduct", "mood", "evaluation")
"""A work or a photo may speak for itself."""


def check_entry(session: Session, *, pupil: Pupil | None, values: Mapping[str, Any], today: date) -> None:
    """Raises RuleError for a day to come or before birth, and for an entry that says nothing."""
    day = values["occurred_on"]
    if day > today:
        raise RuleError("entry_in_future", field="occurred_on")
    if pupil is not None and day < pupil.born_on:
        raise RuleError("entry_before_birth", field="occurred_on")
    if values["kind"] in _NEEDS_WORDS and not values["text"]:
        raise RuleError("entry_empty", field="text")


def _kind(code: str) -> Filter:
    return Filter(code, ENTRY_KINDS[code], lambda _today: PortfolioEntry.kind == code)


def new_entry(_session: Session, _pupil: Pupil | None, today: date) -> dict[str, Any]:
    """A new entry is most often of today."""
    return {"occurred_on": today}


ENTRIES = Register(
    name="portfolio-entries",
    model=PortfolioEntry,
    form=EntryForm,
    title=N_("Growth portfolio"),
    one=N_("Portfolio entry"),
    add=N_("New entry"),
    icon="report",
    columns=("kind", "occurred_on"),
    ordered_by="occurred_on",
    filters=tuple(_kind(code) for code in ENTRY_KINDS),
    check=check_entry,
    defaults=new_entry,
    help=N_("Conduct, mood, evaluations, works and photos: what shows how a child grows."),
)
