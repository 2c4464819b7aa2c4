"""All published figures of a district, a row for each school and month: too many for one request."""

from collections.abc import Iterator, Sequence
from datetime import date

from flask import abort, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField, SelectChoice, SelectField, ValidationError
from wtforms.validators import InputRequired

from lxsaas.accounts.access import realm, requires
from lxsaas.core.clock import add_months, month_end
from lxsaas.core.export import Cell, Table
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.district import exports
from lxsaas.district.board import TREND_MONTHS
from lxsaas.district.views import blueprint
from lxsaas.exports.answering import ask
from lxsaas.exports.content import Content, Sheet, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.exports.townships import within_townships
from lxsaas.extensions import db
from lxsaas.indicators import published
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import NO_TARGETS, figure_of, months_before
from lxsaas.indicators.standings import courses_of

AT_ONCE = 20
"""Schools whose figures are read by one statement: what is held in memory, whatever the district's size."""
School = tuple[int, str, str | None]
"""Id, name, name of the township."""


class RangeForm(FlaskForm):
    """Which months, and as what."""

    first = SelectField(lazy_gettext("From month"), [InputRequired()])
    last = SelectField(lazy_gettext("To month"), [InputRequired()])
    form = RadioField(
        lazy_gettext("Format"),
        [InputRequired()],
        choices=[
            SelectChoice("xlsx", lazy_gettext("Excel")),
            SelectChoice("csv", lazy_gettext("CSV in a .zip")),
        ],
        default="xlsx",
    )  # fmt: skip

    def offer(self, as_of: date) -> None:
        """The last two years, of which one takes all or a part."""
        months = months_before(as_of, TREND_MONTHS)
        self.first.choices = self.last.choices = [
            SelectChoice(f"{month:%Y-%m}", f"{month:%Y-%m}") for month in months
        ]
        self.first.data = self.first.data or f"{months[0]:%Y-%m}"
        self.last.data = self.last.data or f"{months[-1]:%Y-%m}"

    def validate_last(self, field: SelectField) -> None:
        if field.data < self.first.data:
            raise ValidationError(gettext("The last month lies before the first."))


@blueprint.route("/figures", methods=["GET", "POST"])
@requires(Permission.VIEW_DISTRICT_FIGURES)
def all_figures() -> BaseResponse | str | tuple[str, int]:
    """All figures of all schools in reach, month by month, as a file that a worker makes."""
    as_of, form = newest_day(), RangeForm()
    if as_of is not None:
        form.offer(as_of)
        if form.validate_on_submit():
            return ask(ALL_FIGURES, form.form.data)
    page = render_template("district/all_figures.html", form=form, as_of=as_of, indicators=INDICATORS)
    return (page, 422) if form.errors else page


def newest_day() -> date | None:
    """The newest published day; None before the first night."""
    run = db.session.scalars(published.finished_runs().limit(1)).one_or_none()
    return None if run is None else run.as_of


def content() -> Content:
    """The rows, read some schools at a time while they are written."""
    as_of = newest_day() or abort(404)
    first, last = _month("first"), _month("last")
    months = [
        add_months(first, number) for number in range(TREND_MONTHS) if add_months(first, number) <= last
    ]
    schools = schools_in_reach(db.session(), current_user.township_ids)
    headings, formats = exports.month_headings(INDICATORS.values())
    title = f"{realm().name} – {gettext('All figures by month')}"
    rows = rows_of(db.session(), schools, months, as_of)
    table = Table(title, exports.notes(as_of, INDICATORS.values()), headings, formats, rows)
    return Sheets([Sheet(gettext("All figures by month"), table, len(schools) * len(months))])


def _month(name: str) -> date:
    try:
        return date.fromisoformat(f"{request.form.get(name, '')}-01")
    except ValueError:
        abort(404)


def schools_in_reach(session: Session, township_ids: frozenset[int] | None) -> list[School]:
    """Those of one's townships, township by township."""
    found = [
        (id_, name, township)
        for id_, name, township_id, township in session.execute(published.schools_with_township())
        if township_ids is None or township_id in township_ids
    ]
    return sorted(found, key=lambda school: (school[2] or "", school[1]))


def rows_of(
    session: Session, schools: Sequence[School], months: Sequence[date], as_of: date
) -> Iterator[list[Cell]]:
    """One row a school and month: of each indicator value and both parts, what is hidden under its sign."""
    until = min(month_end(months[-1]), as_of) if months else as_of
    for start in range(0, len(schools) if months else 0, AT_ONCE):
        some = schools[start : start + AT_ONCE]
        found = courses_of(session, "school", [school[0] for school in some], months[0], until)
        known = {(row.unit_id, row.indicator, row.starts_on.replace(day=1)): row for row in found}
        for school_id, name, township in some:
            for month in months:
                shown = [known.get((school_id, code, month)) for code in INDICATORS]
                figures = [None if row is None else figure_of(row, NO_TARGETS) for row in shown]
                cells = [cell for figure in figures for cell in exports.cells_of(figure)]
                yield [name, township, f"{month:%Y-%m}", *cells]


ALL_FIGURES = declare(
    Kind(
        "district.figures",
        N_("All figures by month"),
        Permission.VIEW_DISTRICT_FIGURES,
        content,
        "figures",
        place="district",
        names_children=False,
        reach=within_townships(),
    )
)
