"""How long the forms take, for the principal: by form and month, of nobody in particular."""

from collections import defaultdict
from datetime import date
from typing import Any

from flask import render_template, request
from flask_babel import gettext, lazy_gettext

from lxsaas.accounts.access import requires
from lxsaas.care.messages import KINDS
from lxsaas.care.models import CareKind
from lxsaas.care.pages import blueprint, day_of
from lxsaas.care.timing import FEWEST, slowest_first, times_of_months
from lxsaas.core.clock import add_months, month_end, month_start
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils.reach import today
from lxsaas.registers.register import REGISTERS

MONTHS = 6
LINES = 4
"""Forms whose course is drawn: more lines cannot be told apart."""

OTHER_FORMS = {"phone_booking": N_("Booking of the family phone")}
"""Forms that are neither a kind of care nor a register's."""

add_tile(
    "school", "care.form_times", lazy_gettext("Time that forms take"), "clock", Permission.VIEW_SCHOOL_FIGURES
)


@blueprint.get("/form-times")
@requires(Permission.VIEW_SCHOOL_FIGURES)
def form_times() -> str:
    """Median and ninetieth percentile of each form in a month, and the course of those used most."""
    newest = month_start(today())
    months = [add_months(newest, -back) for back in range(MONTHS - 1, -1, -1)]
    wanted = day_of(f"{request.args.get('month', '')}-01")
    month = wanted if wanted in months else newest
    found = db.session.execute(times_of_months(months[0], month_end(newest))).all()
    by_month: dict[date, list[tuple[str, int, float, float]]] = defaultdict(list)
    for form, first, count, median, ninth in found:
        by_month[first].append((form, count, float(median), float(ninth)))
    rows = slowest_first(by_month[month])
    return render_template(
        "care/form_times.html",
        month=month,
        months=months[::-1],
        rows=[(form_name(form), *rest) for form, *rest in rows],
        fewest=FEWEST,
        course=_course([form for form, *_ in rows[:LINES]], months, by_month),
    )


def form_name(code: str) -> str:
    """What a form is called: the kind of care, or the register's entry."""
    if code.upper() in CareKind.__members__:
        return str(gettext(KINDS[CareKind[code.upper()]]))
    return str(gettext(REGISTERS[code][0].one if code in REGISTERS else OTHER_FORMS.get(code, code)))


def _course(
    forms: list[str], months: list[date], by_month: dict[date, list[tuple[str, int, float, float]]]
) -> dict[str, Any]:
    """The medians of some forms over the months, for the chart; None where a form was not used."""
    medians = {(form, month): median for month, rows in by_month.items() for form, _, median, _ in rows}
    series = [
        {
            "name": form_name(form),
            "values": [_rounded(medians.get((form, month))) for month in months],
        }
        for form in forms
    ]
    labels = [f"{month:%Y-%m}" for month in months]
    return {"labels": labels, "series": series, "unit": "count", "target": None}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
