"""Everything of a school year in one encrypted .zip: the pupils, the care records, each register's rows."""

import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import abort, render_template, request
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Date, DateTime, Select, and_, func, or_, select
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired

from lxsaas.accounts.access import realm, requires
from lxsaas.care import listing as care
from lxsaas.care.queries import Wish
from lxsaas.core.audit import audit
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.exports.answering import ask
from lxsaas.exports.content import Bundle
from lxsaas.exports.kinds import Kind, declare
from lxsaas.extensions import db
from lxsaas.indicators.views import lists_reached as counselled_reached
from lxsaas.navigation import add_tile
from lxsaas.overview.views import blueprint
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.views import pupil_sheet
from lxsaas.registers.listing import as_sheet
from lxsaas.registers.register import REGISTERS, Register
from lxsaas.schools.models import SchoolClass
from lxsaas.schools.years import first_day, last_day, year_name, year_of

YEARS = 6
"""School years from which one chooses: as long as a child is at a primary school."""
add_tile(
    "year", "overview.whole_year", lazy_gettext("Take out a school year"), "download",
    Permission.VIEW_WHOLE_SCHOOL,
)  # fmt: skip


class YearForm(FlaskForm):
    year = SelectField(lazy_gettext("Which school year"), [InputRequired()], coerce=int)

    def offer(self, newest: int) -> None:
        years = range(newest, newest - YEARS, -1)
        self.year.choices = [SelectChoice(year, year_name(year)) for year in years]


@blueprint.route("/school-year", methods=["GET", "POST"])
@requires(Permission.VIEW_WHOLE_SCHOOL)
def whole_year() -> BaseResponse | str | tuple[str, int]:
    """Choose the year; a worker makes the file."""
    form = YearForm()
    form.offer(year_of(reach.today()))
    if form.validate_on_submit():
        return ask(WHOLE_YEAR, "zip")
    page = render_template("overview/whole_year.html", form=form)
    return (page, 422) if form.errors else page


def content() -> Bundle:
    """A workbook for each list that holds anything of the year."""
    year = request.form.get("year", type=int) or abort(404)
    first, last = first_day(year), last_day(year)
    sheets = [pupil_sheet(_pupils(first, last)), care.sheet(db.session(), Wish(first, last), select(Pupil))]
    sheets += [as_sheet(db.session(), one, _rows(one, first, last), reach.today()) for one in _registers()]
    return Bundle([sheet for sheet in sheets if sheet.count])


def _pupils(first: date, last: date) -> Select[Pupil]:
    """Who was enrolled on any day of the year, those who have left since among them."""
    same = (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
    enrolled = and_(Pupil.enrolled_on <= last, or_(Pupil.left_on.is_(None), Pupil.left_on > first))
    return (
        select(Pupil)
        .join(SchoolClass, same)
        .where(enrolled)
        .order_by(SchoolClass.code, Pupil.pinyin, Pupil.id)
    )


def _registers() -> Iterator[Register]:
    """The registers that the signed-in person may see."""
    return (one for one, _ in REGISTERS.values() if one.view in current_user.permissions)


def _rows(register: Register, first: date, last: date) -> Select[Any]:
    """A register's rows of the year, of children who have left too; those without a day are taken whole."""
    model: Any = register.model
    day = getattr(model, register.ordered_by)
    query = select(model).where(model.withdrawn_at.is_(None))
    if register.limit:
        query = query.where(register.limit())
    if isinstance(day.type, DateTime):
        query = query.where(func.timezone(realm().timezone, day).cast(Date).between(first, last))
    elif isinstance(day.type, Date):
        until = getattr(model, "ends_on", None) if register.ordered_by == "starts_on" else None
        began = day >= first if until is None else or_(until.is_(None), until > first)
        query = query.where(day <= last, began)
    return query.order_by(day, model.id)


def note_export(rows: int) -> None:
    audit(
        db.session(), "export_school_year", "school", realm().id,
        school_id=realm().id, by=current_user.id, rows=rows, year=request.form.get("year", type=int),
    )  # fmt: skip


def lists_reached() -> list[int]:
    """What the person sees, as numbers: registers, and who is counselled. Who sees less loses the file."""
    registers = [zlib.crc32(one.key.encode()) for one in _registers()]
    return sorted([*counselled_reached(), *registers])


WHOLE_YEAR = declare(
    Kind(
        "school_year", N_("A school year, everything"), Permission.VIEW_WHOLE_SCHOOL, content, "school-year",
        reach=lists_reached, note=note_export,
    )
)  # fmt: skip
