"""The rows of a register that somebody may see: searched, filtered, sorted; always the same few queries."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from flask import request
from flask_babel import format_date, format_datetime, gettext
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from lxsaas.accounts.models import Staff
from lxsaas.core.pinyin import escaped_like
from lxsaas.exports.content import Sheet
from lxsaas.exports.streaming import sheet_of
from lxsaas.pupils import queries, reach
from lxsaas.pupils.models import Pupil
from lxsaas.registers.fields import ClassField, PupilTicks, RowField, StaffTicks, TermField
from lxsaas.registers.forms import ChoicesField, ClassmateField, MoneyField, RegisterForm, StaffField
from lxsaas.registers.links import linked_by_row
from lxsaas.registers.register import Register
from lxsaas.schools.labels import term_label
from lxsaas.schools.models import SchoolClass


@dataclass(frozen=True)
class Wish:
    """What is asked of a list."""

    words: str = ""
    """A child's name or its pinyin; of what is about no child, words in it."""
    filter: str = ""
    class_id: int | None = None
    pupil_id: int | None = None
    sort: str = ""
    withdrawn: bool = False


def wish_of_request() -> Wish:
    """What the request asks for; a child's name comes by POST only."""
    return Wish(
        words=request.form.get("q", "").strip(),
        filter=request.values.get("show", ""),
        class_id=request.values.get("class", type=int),
        sort=request.values.get("sort", ""),
        withdrawn=bool(request.values.get("withdrawn")),
    )


def rows_of(register: Register, wish: Wish, *, today: date) -> Select[Any]:
    """The rows within reach; of children only those who may be seen."""
    model: Any = register.model
    query = _of_children(register, wish) if register.of_child else _of_the_school(register, wish)
    if register.limit:
        query = query.where(register.limit())
    if not wish.withdrawn:
        query = query.where(model.withdrawn_at.is_(None))
    for one in register.filters:
        if one.code == wish.filter:
            query = query.where(one.condition(today))
    return query.order_by(*_order(register, wish.sort))


def _of_children(register: Register, wish: Wish) -> Select[Any]:
    model: Any = register.model
    same = (Pupil.school_id == model.school_id) & (Pupil.id == model.pupil_id)
    seen = reach.kept() if register.of_file else reach.pupils()
    query = select(model).join(Pupil, same).where(model.pupil_id.in_(seen.with_only_columns(Pupil.id)))
    if wish.words:
        query = query.where(queries.named(wish.words))
    if wish.class_id:
        query = query.where(Pupil.class_id == wish.class_id)
    if wish.pupil_id:
        query = query.where(model.pupil_id == wish.pupil_id)
    return query


def _of_the_school(register: Register, wish: Wish) -> Select[Any]:
    query = select(register.model)
    if wish.words and register.searched:
        like = f"%{escaped_like(wish.words)}%"
        query = query.where(or_(*(getattr(register.model, name).ilike(like) for name in register.searched)))
    return query


def _order(register: Register, sort: str) -> list[Any]:
    model: Any = register.model
    wanted = sort or f"-{register.ordered_by}"
    name = wanted.removeprefix("-")
    if name == "pupil_id" and register.of_child:
        column: Any = Pupil.pinyin
    elif name in register.sortable or name == register.ordered_by:
        column = getattr(model, name)
    else:
        column, wanted = getattr(model, register.ordered_by), "-"
    return [column.desc().nulls_last() if wanted.startswith("-") else column, model.id.desc()]


class Names:
    """The names of children and colleagues to whom some rows point: one query each."""

    def __init__(
        self, session: Session, register: Register, rows: Sequence[Any],
        past: Sequence[Mapping[str, Any]] = (),
    ) -> None:  # fmt: skip
        """`past`: values of earlier versions, which may name others."""
        form = register.form(formdata=None, meta={"csrf": False})
        self._form, self._shown = form, register.shown
        self._linked = linked_by_row(session, register.model, [row.id for row in rows])
        self._rows, self._past = rows, past
        staff = self._ids_in(StaffField, StaffTicks) | {row.recorded_by for row in rows}
        pupils = self._ids_in(ClassmateField, PupilTicks) | set(_ids(rows, "pupil_id"))
        classes = self._ids_in(ClassField)
        self.classes = (
            dict(
                session.execute(
                    select(SchoolClass.id, SchoolClass.code).where(SchoolClass.id.in_(classes))
                ).all()
            )
            if classes
            else {}
        )
        self._others = {
            one.short_name: self._named(session, one) for one in form if isinstance(one, RowField)
        }
        self.staff = dict(session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(staff))).all())
        self.pupils = {
            row.id: (row.name, row.code)
            for row in session.execute(
                select(Pupil.id, Pupil.name, SchoolClass.code)
                .join(
                    SchoolClass,
                    (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id),
                )
                .where(Pupil.id.in_(pupils))
            )
        }

    def _named(self, session: Session, field: RowField) -> dict[int, str]:
        """What the rows of another table are called that a field names."""
        query = select(field.of.id, getattr(field.of, field.called))
        ids = self._told_in([field.short_name])
        return {row[0]: row[1] for row in session.execute(query.where(field.of.id.in_(ids)))} if ids else {}

    def _ids_in(self, *kinds: type[Any]) -> set[int]:
        """Everybody whom fields of these kinds name, now or in the past."""
        return self._told_in([field.short_name for field in self._form if isinstance(field, kinds)])

    def _told_in(self, names: Sequence[str]) -> set[int]:
        found: set[int] = set()
        for name in names:
            told = [self.value(row, name) for row in self._rows] + [one.get(name) for one in self._past]
            for value in told:
                found.update(_listed(value))
        return found

    def value(self, row: Any, name: str) -> Any:
        """A field of a row, also where it is a list kept beside it."""
        linked = self._linked.get(row.id, {})
        return linked[name] if name in linked else getattr(row, name, None)

    def child(self, pupil_id: int) -> tuple[str, str]:
        """A child's name and class code."""
        return self.pupils.get(pupil_id, ("–", ""))

    def author(self, row: Any) -> str:
        return str(self.staff.get(row.recorded_by, "–"))

    def label(self, name: str) -> str:
        """What a field is called."""
        return str(gettext(self._shown[name][0]) if name in self._shown else self._form[name].label.text)

    def text(self, name: str, value: Any) -> str:
        """A field's value in words; '' for nothing."""
        if value is None or value == "" or value == []:
            return ""
        field = self._form[name] if name in self._form else None
        called = self._called(field)
        if called is not None:
            return str(gettext(", ").join(called(one) for one in _listed(value)))
        if isinstance(value, bool):
            return str(gettext("yes") if value else gettext("no"))
        if isinstance(field, TermField):
            return term_label(value)
        if isinstance(field, MoneyField):
            return f"{value / 100:.2f}"
        if name in self._shown and value in self._shown[name][1]:
            return str(gettext(self._shown[name][1][value]))
        return _in_words(field, value)

    def _called(self, field: Any) -> Callable[[int], str] | None:
        """What the ids are called that a field holds; None for a field that holds none."""
        if isinstance(field, StaffField | StaffTicks):
            return lambda one: str(self.staff.get(one, "–"))
        if isinstance(field, ClassmateField | PupilTicks):
            return lambda one: self.child(one)[0]
        if isinstance(field, RowField):
            return lambda one: self._others[field.short_name].get(one, "–")
        if isinstance(field, ClassField):
            return lambda one: str(gettext("Class %(code)s", code=self.classes.get(one, "–")))
        return None


def _in_words(field: Any, value: Any) -> str:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return str(format_datetime(value) if hasattr(value, "hour") else format_date(value))
    offered = {one.value: str(one.label) for one in getattr(field, "choices", None) or ()}
    if isinstance(field, ChoicesField):
        return str(gettext(", ").join(offered.get(one, one) for one in value))
    return str(offered.get(value, value))


def codes_of(session: Session, class_ids: Iterable[int]) -> dict[int, str]:
    """The codes of some classes by their ids."""
    query = select(SchoolClass.id, SchoolClass.code).where(SchoolClass.id.in_(class_ids))
    return {row.id: row.code for row in session.execute(query)}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _ids(rows: Sequence[Any], name: str) -> list[int]:
    return [value for row in rows if (value := getattr(row, name, None)) is not None]


def as_sheet(session: Session, register: Register, query: Select[Any], today: date) -> Sheet:
    """The rows of a list for a file: child, class, the list's columns, who recorded them."""

    def lines(rows: Sequence[Any]) -> Iterator[list[str]]:
        entries = [row[0] for row in rows]
        names = Names(session, register, entries)
        for row in entries:
            child = names.child(row.pupil_id) if register.of_child else ()
            fields = (names.text(name, names.value(row, name)) for name in register.columns)
            yield [*child, *fields, names.author(row)]

    labels = [Names(session, register, ()).label(name) for name in register.columns]
    child = [gettext("Child"), gettext("Class")] if register.of_child else []
    return sheet_of(
        session, query, lines, title=gettext(register.title),
        headings=[*child, *labels, gettext("Recorded by")],
        notes=[gettext("As of %(day)s", day=format_date(today))],
    )  # fmt: skip


def fields_shown(register: Register) -> list[str]:
    """The fields of a row's page, in the order of its form, and those that the system adds."""
    form: RegisterForm = register.form(formdata=None, meta={"csrf": False})
    return [*(field.short_name for field in form.entered()), *register.shown]
