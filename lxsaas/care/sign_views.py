"""Small signs (P18): coming birthdays, one tap from the greeting; what was given in the school year."""

from datetime import date

from flask import render_template, request
from flask_babel import lazy_gettext

from lxsaas.accounts.access import realm, requires
from lxsaas.care.birthdays import coming, gifts_given
from lxsaas.care.messages import GIVERS, ITEMS
from lxsaas.care.models import CareKind
from lxsaas.care.pages import blueprint
from lxsaas.care.queries import district_of
from lxsaas.care.reach import pupils_in_reach, today
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils.queries import left_behind

add_tile("care", "care.birthdays", lazy_gettext("Birthdays and gifts"), "gift", Permission.RECORD_CARE)


@blueprint.get("/birthdays")
@requires(Permission.RECORD_CARE)
def birthdays() -> str:
    """Birthdays of the next month among the care targets within reach, or among all children."""
    everybody = request.args.get("who") == "all"
    pupils = pupils_in_reach()
    if not everybody:
        definition = db.session.scalars(district_of(realm().id)).one().care_definition
        pupils = pupils.where(left_behind(definition, today()))
    first = school_year_start(today())
    return render_template(
        "care/birthdays.html",
        everybody=everybody,
        rows=coming(db.session(), pupils, today()),
        gifts=db.session.execute(gifts_given(pupils_in_reach(), first, today())).all(),
        since=first,
        items=ITEMS,
        givers=GIVERS,
        gift=int(CareKind.GIFT),
    )


def school_year_start(day: date) -> date:
    """The first of September on or before a day."""
    return date(day.year if day.month >= 9 else day.year - 1, 9, 1)
