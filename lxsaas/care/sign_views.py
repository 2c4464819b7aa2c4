"""Small signs (P18): coming birthdays, one tap from the greeting; what was given in the school year."""

from flask import render_template, request
from flask_babel import lazy_gettext

from lxsaas.accounts.access import requires
from lxsaas.care.birthdays import coming, gifts_given
from lxsaas.care.messages import GIVERS, ITEMS
from lxsaas.care.models import CareKind
from lxsaas.care.pages import blueprint
from lxsaas.care.reach import pupils_in_reach
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils.queries import left_behind
from lxsaas.pupils.reach import care_definition, today
from lxsaas.schools.years import first_day, year_of

add_tile("care", "care.birthdays", lazy_gettext("Birthdays and gifts"), "gift", Permission.RECORD_CARE)


@blueprint.get("/birthdays")
@requires(Permission.RECORD_CARE)
def birthdays() -> str:
    """Birthdays of the next month among the care targets within reach, or among all children."""
    everybody = request.args.get("who") == "all"
    pupils = pupils_in_reach()
    if not everybody:
        pupils = pupils.where(left_behind(care_definition(), today()))
    first = first_day(year_of(today()))
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
