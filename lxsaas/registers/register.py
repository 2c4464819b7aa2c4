"""A register, declared once: its rows, form, list and texts; pages, export and history come with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from lxsaas.core.permissions import Permission
from lxsaas.core.versioned import Entered
from lxsaas.pupils.models import Pupil
from lxsaas.registers.forms import RegisterForm
from lxsaas.registers.rosters import Roster


class Check(Protocol):
    """What must be true of entered values beyond their shape; raises RuleError with the field."""

    def __call__(
        self, session: Session, *, pupil: Pupil | None, values: Mapping[str, Any], today: date
    ) -> None: ...


class Follow(Protocol):
    """What follows from a row that was entered, changed or withdrawn, in the same transaction."""

    def __call__(self, session: Session, row: Any, *, by: int) -> None: ...


@dataclass(frozen=True)
class Filter:
    """A part of the list that is looked for often."""

    code: str
    label: str
    """Message id."""
    condition: Callable[[date], ColumnElement[bool]]
    """From the day at the school to a condition on the model."""


@dataclass(frozen=True)
class Lead:
    """A page to which a list leads."""

    endpoint: str
    label: str
    """Message id."""
    icon: str
    permission: Permission


@dataclass(frozen=True)
class Aside:
    """A template that a row's page shows below its fields, with what it needs."""

    template: str
    context: Callable[[Any], dict[str, Any]]
    """From the row."""


@dataclass(frozen=True)
class Register:
    """Rows of one kind that a school enters."""

    name: str
    """Plural, as in the address: 'help-plans'."""
    model: type[Entered]
    form: type[RegisterForm]
    title: str
    """Message id of the list's title."""
    one: str
    """Message id of what a single row is called."""
    add: str
    """Message id of the button that opens the form."""
    icon: str
    columns: tuple[str, ...]
    """Fields in the list and its export; a sealed field is never among them."""
    view: Permission = Permission.VIEW_PUPILS
    record: Permission = Permission.RECORD_CARE
    area: str = "child"
    """Where the page 'All work' shows it; '' for nowhere."""
    of_child: bool = True
    """Whether each row is about one child: `pupil_id`, limited to the children within reach."""
    of_file: bool = False
    """Whether its rows are part of the whole file: not for those to whom a child is only assigned (P8)."""
    by_keeper: bool = False
    """Whether only who keeps a child's file enters, changes and withdraws rows: they let others see the
    child, and who is let in could prolong the own sight."""
    ordered_by: str = "recorded_at"
    """The field by which the list is sorted at first, the newest first."""
    filters: tuple[Filter, ...] = ()
    shown: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    """Fields that nobody enters but everybody sees: message id, and for codes what they are called."""
    check: Check | None = None
    complete: Callable[[Session, Pupil | None, Mapping[str, Any], date], dict[str, Any]] | None = None
    """What the system adds to entered values, such as the day until which something is due."""
    follow: Follow | None = None
    parent: "Register | None" = None
    """The register to whose rows these belong, on whose pages they are shown: a column `<parent>_id`."""
    defaults: Callable[[Session, Pupil | None, date], dict[str, Any]] | None = None
    """What a new form holds already."""
    with_files: bool = True
    limit: Callable[[], ColumnElement[bool]] | None = None
    """Which rows the signed-in person may see, where they are not about a child; None: every one."""
    searched: tuple[str, ...] = ()
    """Text fields in which the list looks for words, where its rows are not about a child."""
    counted_on: str | None = None
    """The field with the day from which figures are counted anew when a row comes, changes or goes."""
    is_fixed: Callable[[Any], bool] | None = None
    """Rows that nobody changes any more, such as what was published; they can still be withdrawn."""
    withdraws_fixed: Permission | None = None
    """Who alone withdraws fixed rows; None: whoever records."""
    leads_to: tuple["Lead", ...] = ()
    """Pages beside the list."""
    aside: "Aside | None" = None
    """What else stands on a row's page."""
    rosters: tuple[Roster, ...] = ()
    """Who was there, who is invited: children tapped on a page of each row."""
    row_leads_to: tuple["Lead", ...] = ()
    """Other pages of a row; their endpoints take its id."""
    aside_fields: tuple[str, ...] = ()
    """Fields that the aside shows in its own way, so that the row's page does not."""
    help: str | None = None
    """Message id of what stands above the form: the rule, in one sentence."""

    @property
    def key(self) -> str:
        """'help_plan': the table, and in addresses the argument 'help_plan_id'."""
        return self.model.__tablename__

    @property
    def sortable(self) -> tuple[str, ...]:
        """The list's columns by which it can be sorted: not lists of people."""
        return tuple(name for name in self.columns if hasattr(self.model, name))

    def endpoint(self, verb: str) -> str:
        """The endpoint's own name: 'help_plan_list'."""
        return f"{self.key}_{verb}"


REGISTERS: dict[str, tuple[Register, str]] = {}
"""Every register by its table, with the blueprint that serves it."""

SUBJECTS: dict[str, Callable[[int], str]] = {}
"""Tables whose rows have files: from a row's id to its page's address; 404 for who may not read it."""
