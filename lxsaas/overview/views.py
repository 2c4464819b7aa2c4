"""The principal's first page."""

from flask import Blueprint, render_template
from flask_login import current_user

from lxsaas.accounts.access import requires
from lxsaas.core.permissions import Permission
from lxsaas.duties import labels as duty_labels
from lxsaas.duties.views import alarms
from lxsaas.extensions import db
from lxsaas.indicators.views import CONFIDENTIAL
from lxsaas.networks import labels as harm_labels
from lxsaas.networks.views import age_of
from lxsaas.overview import page
from lxsaas.pupils import reach

blueprint = Blueprint("overview", __name__, url_prefix="/s/<school_slug>")


@blueprint.get("/overview")
@requires(Permission.VIEW_OVERVIEW)
def start() -> str:
    """What is due, what went silent, the term on one page."""
    session = db.session()
    day, figures = page.the_term(session)
    return render_template(
        "overview/start.html",
        today=reach.today(),
        # What the district asks stands here thread by thread.
        alarms=[one for one in alarms(reach.today()) if one[2] != "correspondence.thread_list"],
        coming=page.meetings_to_come(session),
        unread=page.not_read(session),
        day=day,
        figures=figures,
        hidden_lists=() if Permission.VIEW_RISK in current_user.permissions else CONFIDENTIAL,
        owed_names=duty_labels.OWED_NAMES,
        harm_labels=harm_labels,
        age_of=age_of,
        **page.what_is_due(session),
        **page.waiting(session),
    )
