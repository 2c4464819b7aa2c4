"""Pages of the year's end: moving up with preview and undo, handing files over."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
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
from lxsaas.extensions import db
from lxsaas.movement import handover_actions, promotion, promotion_undo, queries
from lxsaas.movement.models import Handover, HandoverItem, Promotion
from lxsaas.movement.views import blueprint
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.registers.forms import StaffField
from lxsaas.registers.offers import staff_offered
from lxsaas.schools.models import SchoolClass

HANDOVER_DAYS = 120
"""For how long a new homeroom teacher without a signed list stands out."""
add_tile("year", "movement.promotions", lazy_gettext("Moving up"), "arrow-up", Permission.MANAGE_YEAR)
add_tile(
    "year", "movement.handovers", lazy_gettext("Handing files over"), "arrow-right", Permission.EDIT_FILES
)


class HandoverForm(FlaskForm):
    from_staff = StaffField(lazy_gettext("Who gives"))
    to_staff = StaffField(lazy_gettext("Who receives"))


@blueprint.get("/promotions")
@requires(Permission.MANAGE_YEAR)
def promotions() -> str:
    """What moving up today would do, and what was done before."""
    return _promotions_page()


def _promotions_page(problem: str | None = None, others: Sequence[str] = ()) -> str:
    moves = promotion.planned_moves(db.session(), school_id=realm().id, on=reach.today())
    made = db.session.scalars(queries.promotions(realm().id)).all()
    return render_template(
        "movement/promotions.html",
        moves=moves,
        made=made,
        today=reach.today(),
        problem=problem,
        others=others,
    )


@blueprint.post("/promotions")
@requires(Permission.MANAGE_YEAR)
def move_up() -> BaseResponse:
    """Moves the school up today."""
    try:
        done = promotion.move_up(
            db.session(), school_id=realm().id, on=reach.today(),
            stay=set(request.form.getlist("stay", type=int)),
            teachers_move=set(request.form.getlist("teacher", type=int)), by=current_user.id,
        )  # fmt: skip
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
        return redirect(url_for("movement.promotions"))
    db.session.commit()
    flash(gettext("The school was moved up. It can be undone until the new term starts."), "success")
    return redirect(url_for("movement.promotions", _anchor=f"made-{done.id}"))


@blueprint.post("/promotions/<int:promotion_id>/undoing")
@requires(Permission.MANAGE_YEAR)
def undo_move(promotion_id: int) -> BaseResponse | tuple[str, int]:
    """Puts everything back, or tells whose class was changed since."""
    made = db.session.get(Promotion, (realm().id, promotion_id)) or abort(404)
    try:
        promotion_undo.undo(
            db.session(), made, district_id=realm().district_id, today=reach.today(), by=current_user.id
        )
    except RuleError as error:
        db.session.rollback()
        made = db.session.get_one(Promotion, (realm().id, promotion_id))
        touched = error.code == "undo_touched"
        others = db.session.scalars(promotion_undo.touched(made)).all() if touched else []
        return _promotions_page(sentence(error, gettext), others), 422
    db.session.commit()
    flash(gettext("Everything is as it was before."), "success")
    return redirect(url_for("movement.promotions"))


@blueprint.get("/handovers")
@requires(Permission.EDIT_FILES)
def handovers() -> str:
    """Handovers: one's own, or all for who manages the year."""
    rows = [row for row in db.session.execute(queries.handovers(realm().id)) if _concerns(row[0])]
    may_begin = Permission.MANAGE_YEAR in current_user.permissions
    since = reach.today() - timedelta(days=HANDOVER_DAYS)
    due = set(db.session.scalars(queries.classes_to_hand_over(since, reach.today()))) if may_begin else set()
    classes = sorted(_classes() if may_begin else [], key=lambda one: one.id not in due)
    return render_template("movement/handovers.html", rows=rows, classes=classes, due=due)


@blueprint.route("/classes/<int:class_id>/handovers/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_YEAR)
def handover_new(class_id: int) -> BaseResponse | str | tuple[str, int]:
    """Begins the handover of a class, or names others in the one that is open."""
    chosen = db.session.get(SchoolClass, (realm().id, class_id)) or abort(404)
    form = _handover_form(class_id)
    if form.validate_on_submit():
        try:
            made = handover_actions.begin_handover(
                db.session(), school_id=realm().id, class_id=class_id, from_staff=form.from_staff.data,
                to_staff=form.to_staff.data, by=current_user.id,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            show_error(form, error)
        else:
            db.session.commit()
            return redirect(url_for("movement.handover", handover_id=made.id))
    shown = render_template("movement/handover_form.html", form=form, chosen=chosen)
    return (shown, 422) if request.method == "POST" else shown


@blueprint.get("/handovers/<int:handover_id>")
@requires(Permission.EDIT_FILES)
def handover(handover_id: int) -> str:
    """The list of files, to be signed by both; for print too."""
    held = _handover(handover_id)
    people = {
        one.id: one.name
        for one in db.session.scalars(select(Staff).where(Staff.id.in_((held.from_staff, held.to_staff))))
    }
    return render_template(
        "movement/handover.html", handover=held, people=people, items=_items(held),
        chosen=db.session.get(SchoolClass, (realm().id, held.class_id)),
    )  # fmt: skip


@blueprint.post("/handovers/<int:handover_id>/signature")
@requires(Permission.EDIT_FILES)
def handover_sign(handover_id: int) -> BaseResponse:
    """The giver signs, then the receiver."""
    held = _handover(handover_id)
    try:
        if held.given_at is None:
            handover_actions.give_files(db.session(), held, today=reach.today(), by=current_user.id)
        else:
            handover_actions.receive_files(db.session(), held, by=current_user.id)
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        flash(gettext("Signed."), "success")
    return redirect(url_for("movement.handover", handover_id=handover_id))


def _handover_form(class_id: int) -> HandoverForm:
    """Filled with who stands in the open handover, else with who is likely; who has given stays."""
    held = db.session.scalars(queries.open_handover(realm().id, class_id)).one_or_none()
    known = {"from_staff": held.from_staff, "to_staff": held.to_staff} if held else _likely(class_id)
    form, people = HandoverForm(data=known), staff_offered(db.session(), realm().id)
    form.to_staff.offer(people)
    if held and held.given_at:
        giver = db.session.get_one(Staff, (realm().id, held.from_staff))
        people = [(giver.id, giver.name)]
    form.from_staff.offer(people)
    return form


def _likely(class_id: int) -> dict[str, int]:
    """Who had the class before and who has it: where somebody new has come these two, else who gives."""
    last = db.session.scalars(queries.teachers_of(class_id, reach.today()).limit(2)).all()
    if not last or len(last) == 1 or last[0].staff_id == last[1].staff_id:
        return {"from_staff": last[0].staff_id} if last else {}
    return {"from_staff": last[1].staff_id, "to_staff": last[0].staff_id}


def _handover(handover_id: int) -> Handover:
    held = db.session.get(Handover, (realm().id, handover_id))
    if held is None or not _concerns(held):
        abort(404)
    return held


def _concerns(held: Handover) -> bool:
    mine = current_user.id in (held.from_staff, held.to_staff)
    return mine or Permission.MANAGE_YEAR in current_user.permissions


def _items(held: Handover) -> Sequence[tuple[str, dict[str, Any]]]:
    """(child, what the file held) as signed; before that as it stands."""
    if held.given_at is None:
        rows = {row.pupil_id: handover_actions.counts(row)
                for row in handover_actions.held(db.session(), held, reach.today())}  # fmt: skip
    else:
        items = db.session.scalars(select(HandoverItem).where(HandoverItem.handover_id == held.id))
        rows = {item.pupil_id: item.held for item in items}
    names = db.session.execute(
        select(Pupil.id, Pupil.name).where(Pupil.id.in_(rows)).order_by(Pupil.pinyin, Pupil.id)
    )
    return [(row.name, rows[row.id]) for row in names]


def _classes() -> Sequence[SchoolClass]:
    return db.session.scalars(
        select(SchoolClass).where(SchoolClass.school_id == realm().id).order_by(SchoolClass.code)
    ).all()
