"""The survey of a term: a guided list for each class, with progress."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from sqlalchemy import Select, select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.movement import messages as messages
from lxsaas.movement import queries, survey_actions
from lxsaas.movement.absences import ABSENCES
from lxsaas.movement.models import Survey, SurveyAnswer
from lxsaas.navigation import add_tile
from lxsaas.pupils import labels, reach
from lxsaas.pupils.models import Guardian, ParentAbsence, Pupil
from lxsaas.registers.pages import mount
from lxsaas.schools.models import SchoolClass, Term

blueprint = Blueprint("movement", __name__, url_prefix="/s/<school_slug>")
mount(blueprint, ABSENCES)
add_tile("year", "movement.survey_list", lazy_gettext("Survey of the term"), "check", Permission.EDIT_FILES)
PARENTS = ("father", "mother")


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"labels": labels, "parents": PARENTS}


@blueprint.get("/surveys")
@requires(Permission.EDIT_FILES)
def survey_list() -> str:
    """The surveys with their progress in one's classes."""
    surveys = db.session.scalars(queries.surveys(realm().id)).all()
    newest = surveys[0] if surveys else None
    rows = db.session.execute(queries.progress_by_class(reach.kept(), newest.id)).all() if newest else []
    term = db.session.scalars(_running_term()).first()
    return render_template(
        "movement/survey_list.html", surveys=surveys, newest=newest, rows=rows,
        can_open=term if term and term.name not in {one.term for one in surveys} else None,
    )  # fmt: skip


@blueprint.post("/surveys")
@requires(Permission.MANAGE_YEAR)
def survey_open() -> BaseResponse:
    """Opens the survey of the running or coming term."""
    term = db.session.scalars(_running_term()).first()
    try:
        if term is None:
            raise RuleError("survey_no_term")
        survey_actions.open_survey(db.session(), school_id=realm().id, term=term.name, by=current_user.id)
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        flash(gettext("The survey is open."), "success")
    return redirect(url_for("movement.survey_list"))


@blueprint.get("/surveys/<int:survey_id>/classes/<int:class_id>")
@requires(Permission.EDIT_FILES)
def survey_class(survey_id: int, class_id: int) -> str:
    """A class, child by child: what is known, and what to do about it in one tap."""
    return _class_page(_survey(survey_id), class_id)


@blueprint.post("/surveys/<int:survey_id>/pupils/<int:pupil_id>")
@requires(Permission.EDIT_FILES)
def survey_answer(survey_id: int, pupil_id: int) -> BaseResponse | tuple[str, int]:
    """One child is confirmed, or a parent is back, or has left."""
    survey, pupil = _survey(survey_id), reach.kept_or_404(pupil_id)
    class_id = pupil.class_id
    try:
        _act(survey, pupil)
    except RuleError as error:
        db.session.rollback()
        problem = {"pupil_id": pupil_id, "field": error.field, "text": sentence(error, gettext)}
        return _class_page(_survey(survey_id), class_id, problem), 422
    db.session.commit()
    back = url_for(
        "movement.survey_class", survey_id=survey_id, class_id=class_id, _anchor=f"child-{pupil_id}"
    )
    return redirect(back)


def _act(survey: Survey, pupil: Pupil) -> None:
    action, seen = request.form.get("action", ""), request.form.get("seen", 0, type=int)
    session, by, today = db.session(), current_user.id, reach.today()
    if action == "confirm":
        survey_actions.confirm_child(session, survey, pupil, seen=seen, by=by)
        return
    parent = request.form.get("parent", "")
    if action not in ("back", "left") or parent not in (*PARENTS, "unknown"):
        abort(400)
    day = _day()
    if action == "back":
        survey_actions.close_absence(
            session, survey, pupil, parent=parent, back_on=day, today=today, seen=seen, by=by
        )
        return
    place = request.form.get("place", "").strip()
    if len(place) > 100 or "\0" in place:
        raise RuleError("place_wrong", field="place")
    survey_actions.open_absence(
        session, survey, pupil, parent=parent, left_on=day, place=place or None, today=today, seen=seen, by=by
    )


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        raise RuleError("day_wrong", field="day") from None


def _class_page(survey: Survey, class_id: int, problem: dict[str, Any] | None = None) -> str:
    """Always the same few queries, however many children."""
    pupils = db.session.scalars(
        reach.kept().where(Pupil.class_id == class_id).order_by(Pupil.pinyin, Pupil.id)
    ).all()
    chosen = db.session.get(SchoolClass, (realm().id, class_id))
    if chosen is None or not pupils:
        abort(404)
    ids = [one.id for one in pupils]
    away: dict[int, list[ParentAbsence]] = {}
    for absence in db.session.scalars(queries.open_absences(ids)):
        away.setdefault(absence.pupil_id, []).append(absence)
    home: dict[int, list[Guardian]] = {}
    for guardian in db.session.scalars(queries.people_at_home(ids)):
        home.setdefault(guardian.pupil_id, []).append(guardian)
    answered: dict[int, tuple[SurveyAnswer, str]] = {
        answer.pupil_id: (answer, name)
        for answer, name in db.session.execute(queries.answers(survey.id, ids))
    }
    return render_template(
        "movement/survey_class.html", survey=survey, chosen=chosen, pupils=pupils, away=away, home=home,
        answered=answered, problem=problem or {}, typed=request.form, today=reach.today(),
    )  # fmt: skip


def _survey(survey_id: int) -> Survey:
    return db.session.get(Survey, (realm().id, survey_id)) or abort(404)


def _running_term() -> Select[Term]:
    """The term of today or the one to come."""
    today = reach.today()
    return (
        select(Term)
        .where(Term.district_id == realm().district_id, Term.ends_on >= today)
        .order_by(Term.starts_on)
        .limit(1)
    )
