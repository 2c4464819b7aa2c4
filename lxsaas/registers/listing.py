"""The rows of a register that somebody may see: searched, filtered, sorted; always the same few queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from flask_babel import format_date, format_datetime, gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lxsaas.accounts.models import Staff
from lxsaas.core.export import Table
from lxsaas.pupils import queries, reach
from lxsaas.pupils.models import Pupil
from lxsaas.registers.forms import ChoicesField, ClassmateField, MoneyField, RegisterForm, StaffField
from lxsaas.registers.register import Register
from lxsaas.schools.models import SchoolClass


@dataclass(frozen=True)
class Wish:
    """What is asked of a list."""

    words: str = ""
    """A child's name or its pinyin."""
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
    query = select(model)
    if register.of_child:
        same = (Pupil.school_id == model.school_id) & (Pupil.id == model.pupil_id)
        seen = reach.kept() if register.of_file else reach.pupils()
        query = query.join(Pupil, same).where(model.pupil_id.in_(seen.with_only_columns(Pupil.id)))
        if wish.words:
            query = query.where(queries.named(wish.words))
        if wish.class_id:
            query = query.where(Pupil.class_id == wish.class_id)
        if wish.pupil_id:
            query = query.where(model.pupil_id == wish.pupil_id)
    if not wish.withdrawn:
        query = query.where(model.withdrawn_at.is_(None))
    for one in register.filters:
        if one.code == wish.filter:
            query = query.where(one.condition(today))
    return query.order_by(*_order(register, wish.sort))


def _order(register: Register, sort: str) -> list[Any]:
    model: Any = register.model
    wanted = sort or f"-{register.ordered_by}"
    name = wanted.removeprefix("-")
    if name == "pupil_id" and register.of_child:
        column: Any = Pupil.pinyin
    elif name in register.columns or name == register.ordered_by:
        column = getattr(model, name)
    else:
        column, wanted = getattr(model, register.ordered_by), "-"
    return [column.desc().nulls_last() if wanted.startswith("-") else column, model.id.desc()]


class Names:
    """The names of children and colleagues to whom some rows point: one query each."""

    def __init__(self, session: Session, register: Register, rows: Sequence[Any]) -> None:
        form = register.form(formdata=None, meta={"csrf": False})
        kinds = {field.short_name: field for field in form}
        staff = {one for name in kinds if isinstance(kinds[name], StaffField) for one in _ids(rows, name)}
        pupils = {
            one for name in kinds if isinstance(kinds[name], ClassmateField) for one in _ids(rows, name)
        }
        staff |= {row.recorded_by for row in rows}
        pupils |= set(_ids(rows, "pupil_id"))
        self._form, self._shown = form, register.shown
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
        if isinstance(field, StaffField):
            return str(self.staff.get(value, "–"))
        if isinstance(field, ClassmateField):
            return self.child(value)[0]
        if isinstance(value, bool):
            return str(gettext("yes") if value else gettext("no"))
        if isinstance(field, MoneyField):
            return f"{value / 100:.2f}"
        if name in self._shown and value in self._shown[name][1]:
            return str(gettext(self._shown[name][1][value]))
        return _in_words(field, value)


def _in_words(field: Any, value: Any) -> str:
    if isinstance(value, date):
        return str(format_datetime(value) if hasattr(value, "hour") else format_date(value))
    offered = {one.value: str(one.label) for one in getattr(field, "choices", None) or ()}
    if isinstance(field, ChoicesField):
        return str(gettext(", ").join(offered.get(one, one) for one in value))
    return str(offered.get(value, value))


def _ids(rows: Sequence[Any], name: str) -> list[int]:
    return [value for row in rows if (value := getattr(row, name, None)) is not None]


def as_table(register: Register, rows: Sequence[Any], names: Names, today: date) -> Table:
    """The rows as a sheet: child, class, the list's columns, who recorded them."""
    headings = [names.label(name) for name in register.columns]
    cells = [[names.text(name, getattr(row, name)) for name in register.columns] for row in rows]
    if register.of_child:
        headings = [gettext("Child"), gettext("Class"), *headings]
        cells = [[*names.child(row.pupil_id), *line] for row, line in zip(rows, cells, strict=True)]
    headings.append(gettext("Recorded by"))
    cells = [[*line, names.author(row)] for row, line in zip(rows, cells, strict=True)]
    notes = [gettext("As of %(day)s", day=format_date(today))]
    return Table(gettext(register.title), notes, headings, ["text"] * len(headings), cells)


def fields_shown(register: Register) -> list[str]:
    """The fields of a row's page, in the order of its form, and those that the system adds."""
    form: RegisterForm = register.form(formdata=None, meta={"csrf": False})
    return [*(field.short_name for field in form.entered()), *register.shown]


def staff_offered(session: Session, school_id: int) -> list[tuple[int, str]]:
    """The colleagues who can be chosen: active ones, by name."""
    query = select(Staff.id, Staff.name).where(Staff.school_id == school_id, Staff.is_active)
    return [(row.id, row.name) for row in session.execute(query.order_by(Staff.name, Staff.id))]


def classmates_offered(session: Session, pupil: Pupil | None) -> list[tuple[int, str]]:
    """The other children of a child's class, by name."""
    if pupil is None:
        return []
    query = reach_classmates(pupil).order_by(Pupil.pinyin, Pupil.id)
    return [(row.id, row.name) for row in session.execute(query)]


def reach_classmates(pupil: Pupil) -> Select[int, str]:
    """(id, name) of the enrolled children of a child's class, the child itself left out."""
    return select(Pupil.id, Pupil.name).where(
        Pupil.school_id == pupil.school_id,
        Pupil.class_id == pupil.class_id,
        Pupil.id != pupil.id,
        queries.enrolled(reach.today()),
    )
