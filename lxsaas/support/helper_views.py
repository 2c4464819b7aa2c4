"""Who carries whom: helpers with their load, a leaver's children handed over, children without a helper."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.accounts.forms import show_error
from lxsaas.accounts.models import Staff
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.duty_rules.queries import amounts_of
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import left_behind
from lxsaas.registers.forms import StaffField, choice
from lxsaas.registers.offers import staff_offered
from lxsaas.schools.models import District, SchoolClass
from lxsaas.support import actions, labels, queries
from lxsaas.support.views import blueprint

PAGE_SIZE = 60
add_tile("care", "support.helpers", lazy_gettext("Helpers"), "user", Permission.VIEW_WHOLE_SCHOOL)
add_tile(
    "care", "support.unpaired", lazy_gettext("Children without a helper"), "users", Permission.RECORD_CARE
)


class HandoverForm(FlaskForm):
    to_staff = StaffField(lazy_gettext("To whom"))
    reason = choice(lazy_gettext("Why"), labels.END_REASONS)


@blueprint.get("/helpers")
@requires(Permission.VIEW_WHOLE_SCHOOL)
def helpers() -> str:
    """Colleagues who help, how many children each carries, and who carries too many or has left."""
    staff = db.session.scalars(select(Staff).where(Staff.school_id == realm().id).order_by(Staff.name)).all()
    carried = dict(db.session.execute(queries.carried_by([one.id for one in staff], reach.today())).all())
    rows = [(one, carried.get(one.id, 0)) for one in staff if one.is_active or carried.get(one.id)]
    return render_template("support/helpers.html", rows=rows, limit=_limit())


@blueprint.route("/helpers/<int:staff_id>/handover", methods=["GET", "POST"])
@requires(Permission.MANAGE_YEAR)
def handover(staff_id: int) -> BaseResponse | str | tuple[str, int]:
    """Gives all of somebody's children to somebody else in one step."""
    helper = db.session.get(Staff, (realm().id, staff_id)) or abort(404)
    form = HandoverForm()
    form.to_staff.offer([one for one in staff_offered(db.session(), realm().id) if one[0] != helper.id])
    if form.validate_on_submit():
        try:
            count = actions.hand_over(
                db.session(), school_id=realm().id, from_staff=helper.id, to_staff=form.to_staff.data,
                reason=form.reason.data, today=reach.today(), by=current_user.id,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            show_error(form, error)
        else:
            db.session.commit()
            flash(ngettext("%(num)s child handed over.", "%(num)s children handed over.", count), "success")
            return redirect(url_for("support.helpers"))
    found = queries.pairings_of_helper(realm().id, staff_id, reach.today()).subquery()
    children = db.session.scalars(select(Pupil).where(Pupil.id.in_(select(found.c.pupil_id)))).all()
    shown = render_template("support/handover.html", helper=helper, form=form, children=children)
    return (shown, 422) if request.method == "POST" else shown


@blueprint.get("/unpaired")
@requires(Permission.RECORD_CARE)
def unpaired() -> str:
    """Care targets whose file one keeps without a teacher, or without a classmate, who helps."""
    kind = "pupil" if request.args.get("kind") == "pupil" else "teacher"
    return render_template(
        "support/unpaired.html",
        kind=kind,
        children=_unpaired(kind),
        staff=staff_offered(db.session(), realm().id),
    )


@blueprint.post("/unpaired")
@requires(Permission.RECORD_CARE)
def pair_several() -> BaseResponse:
    """Pairs the chosen children with one teacher at once."""
    chosen = request.form.getlist("pupils", type=int)
    pupils = db.session.scalars(reach.kept().where(Pupil.id.in_(chosen))).all()
    if len(pupils) != len(set(chosen)):
        abort(404)
    staff_id = request.form.get("staff_id", type=int)
    if not pupils or staff_id not in dict(staff_offered(db.session(), realm().id)):
        flash(gettext("Choose children and a teacher."), "error")
        return redirect(url_for("support.unpaired"))
    try:
        count = actions.teachers_pair(
            db.session(), school_id=realm().id, pupil_ids=[one.id for one in pupils],
            staff_id=int(staff_id or 0), today=reach.today(), by=current_user.id,
        )  # fmt: skip
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        flash(ngettext("%(num)s child paired.", "%(num)s children paired.", count), "success")
    return redirect(url_for("support.unpaired"))


def _unpaired(kind: str) -> Sequence[Any]:
    definition = db.session.scalar(select(District.care_definition).where(District.id == realm().district_id))
    today = reach.today()
    same = (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
    query = reach.kept().where(left_behind(str(definition), today), ~queries.has_pairing(kind, today))
    query_with_class = query.join(SchoolClass, same).add_columns(SchoolClass.code)
    ordered = query_with_class.order_by(SchoolClass.code, Pupil.pinyin, Pupil.id)
    return db.session.execute(ordered).all()


def _limit() -> int:
    known = amounts_of(db.session(), school_id=realm().id, district_id=realm().district_id)
    return known.of("helper_limit")
