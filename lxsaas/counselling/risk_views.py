"""What a principal sees of counselling: who is at high risk, and the cases opened to them by name."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.counselling import actions, queries
from lxsaas.counselling.case_page import shown_case
from lxsaas.counselling.pages import PAGE_SIZE, log_sight, today
from lxsaas.counselling.views import blueprint
from lxsaas.extensions import db


@blueprint.get("/counselling/risk")
@requires(Permission.VIEW_RISK)
def risk_list() -> str:
    """The children at high risk: since when, next review, last contact, by whom; not what was said."""
    sort = request.args.get("sort", "review")
    rows = db.session.execute(queries.high_risk(current_user.id, sort=sort, on=today())).all()
    orphaned = db.session.execute(queries.orphaned()).all()
    shown = render_template(
        "counselling/risk_list.html",
        page=Page.of(rows, request.args.get("page", 1, type=int), PAGE_SIZE),
        sort=sort,
        opened=db.session.execute(queries.opened_cases(current_user.id, today())).all(),
        followed_from=today() - queries.FOLLOWED,
        orphaned=orphaned,
        counsellors=db.session.scalars(queries.active_staff_with(queries.COUNSELLOR_ROLES)).all()
        if orphaned
        else [],
    )
    audit(
        db.session(), "view_risk_list", "counselling_case", None,
        school_id=realm().id, by=current_user.id, pupil_ids=[row[0].pupil_id for row in rows],
    )  # fmt: skip
    db.session.commit()
    return shown


@blueprint.post("/counselling/risk/handover")
@requires(Permission.VIEW_RISK)
def hand_over_all() -> Response:
    """Gives the cases of somebody who counsels no more to another counsellor, unread."""
    from_id, staff_id = request.form.get("from_id", 0, type=int), request.form.get("staff_id", 0, type=int)
    try:
        count = actions.hand_over_all(
            db.session(), school_id=realm().id, from_id=from_id, staff_id=staff_id, by=current_user.id
        )
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        flash(gettext("Handed over: %(count)s cases.", count=count), "success")
    return redirect(url_for("counselling.risk_list"))


@blueprint.get("/counselling/opened-cases/<int:counselling_case_id>")
@requires(Permission.VIEW_RISK)
def opened_case(counselling_case_id: int) -> str:
    """A case that its counsellor opened to the signed-in principal by name; the sight is logged."""
    query = queries.readable_case(counselling_case_id, current_user.id, today())
    case = db.session.scalars(query).one_or_none() or abort(404)
    log_sight("view_opened_case", case)
    shown = render_template("counselling/case_detail.html", may_write=False, **shown_case(case))
    db.session.commit()
    return shown
