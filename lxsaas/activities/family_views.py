"""The parents' school (P25): its six settled things on one page, the notice to families, certificates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.activities import family_queries as queries
from lxsaas.activities import hooks, labels
from lxsaas.activities.certificate_paper import certificate_of
from lxsaas.activities.family_models import ParentsSession
from lxsaas.activities.views import blueprint
from lxsaas.care.letter_views import LANGUAGE
from lxsaas.care.queries import term_on
from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.documents.answers import document_response
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.pupils.labels import RELATIONS
from lxsaas.pupils.models import Guardian
from lxsaas.registers.actions import edit_row
from lxsaas.schools.years import first_day, last_day, year_of

PAGE_SIZE = 30
TWICE = 2
"""Sessions of the parents' school that are asked for in a term (P25)."""
add_tile(
    "life", "activities.parents_school", lazy_gettext("Parents’ school"), "school", Permission.VIEW_PUPILS
)


@dataclass(frozen=True)
class Thing:
    """One of the six things settled: what it is, whether it is, in which words, and where it is kept."""

    title: str
    is_settled: bool
    words: str
    endpoint: str


@blueprint.get("/parents-school")
@requires(Permission.VIEW_PUPILS)
def parents_school() -> str:
    """The six things settled, this term's sessions, money."""
    today = reach.today()
    term = db.session.scalars(term_on(realm().district_id, today)).one_or_none()
    first, last = (term.starts_on, term.ends_on) if term else (first_day(year_of(today)), today)
    sessions = db.session.scalars(queries.sessions_between(realm().id, first, last)).all()
    money = _money(today)
    return render_template(
        "activities/parents_school.html", things=_six_things(sessions, money, today), sessions=sessions,
        money=money, term=term, today=today, twice=TWICE, least=queries.MINUTES, teachers=labels.TEACHERS,
        counts=_counts, may_record=Permission.RECORD_CARE in current_user.permissions,
    )  # fmt: skip


@blueprint.route("/parents-sessions/<int:parents_session_id>/notice", methods=["GET", "POST"])
@requires(Permission.RECORD_CARE)
def session_notice(parents_session_id: int) -> BaseResponse | str:
    """The notice to print with its slip to give back; sent: families are told as of today."""
    held = db.session.get(ParentsSession, (realm().id, parents_session_id))
    if held is None or held.withdrawn_at is not None:
        abort(404)
    if request.method == "GET":
        return render_template(
            "activities/session_notice.html", session=held, today=reach.today(), least=queries.MINUTES
        )
    try:
        if reach.today() >= held.held_on:
            raise RuleError("notice_after")
        seen = request.form.get("version", 0, type=int)
        edit_row(db.session(), held, values={"notice_on": reach.today()}, version=seen, by=current_user.id)
        note_change(db.session(), school_id=held.school_id, starts_on=held.held_on, ends_on=None)
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        flash(gettext("Families are told as of today."), "success")
    return redirect(url_for("activities.parents_session_detail", parents_session_id=parents_session_id))


@blueprint.get("/parents-school/certificates")
@requires(Permission.RECORD_CARE)
def certificates() -> str:
    """Who of the families within reach came to the parents' school in this school year."""
    first, last = first_day(year_of(reach.today())), reach.today()
    rows = db.session.execute(queries.attended(reach.kept(), first, last)).all()
    page = Page.of(rows, request.args.get("page", 1, type=int), PAGE_SIZE)
    return render_template(
        "activities/certificates.html", page=page, relations=RELATIONS, first=first, last=last
    )


@blueprint.get("/parents-school/certificates/<int:guardian_id>")
@requires(Permission.RECORD_CARE)
def certificate(guardian_id: int) -> Response:
    """A certificate as a Word document, in Chinese, for who came; that it was made is logged."""
    member = db.session.get(Guardian, (realm().id, guardian_id)) or abort(404)
    pupil = reach.kept_or_404(member.pupil_id)
    first, last = first_day(year_of(reach.today())), reach.today()
    held = db.session.scalars(queries.sessions_of_guardian(member, first, last)).all()
    if not held:
        abort(404)
    with force_locale(LANGUAGE):
        made = certificate_of(
            db.session(), member, pupil, held, school=realm().name, first=first, today=reach.today()
        )
    audit(
        db.session(), "print_parents_session", "parents_session", held[-1].id,
        school_id=realm().id, by=current_user.id, pupil_id=pupil.id,
    )  # fmt: skip
    db.session.commit()
    return document_response(made, f"certificate-{guardian_id}")


def _counts(session: ParentsSession) -> bool:
    """Whether a session meets what is asked for: long enough, families told before (P25)."""
    told = session.notice_on is not None and session.notice_on < session.held_on
    return session.minutes >= queries.MINUTES and told


def _money(today: date) -> Mapping[str, int]:
    """Budget, spending and what is left of this school year, in cents; sessions' costs are spending."""
    first, last = first_day(year_of(today)), last_day(year_of(today))
    kept = dict(db.session.execute(queries.money_between(realm().id, first, last)).all())
    sessions = db.session.scalars(queries.sessions_between(realm().id, first, today))
    spent = kept.get("spending", 0) + sum(one.cost_cents or 0 for one in sessions)
    budget = kept.get("budget", 0)
    return {"budget": budget, "spent": spent, "left": budget - spent}


def _six_things(sessions: Any, money: Mapping[str, int], today: date) -> list[Thing]:
    school_id, session = realm().id, db.session()
    sides = dict(session.execute(queries.members_by_side(school_id, today)).all())
    kinds = dict(session.execute(queries.teachers_by_kind(school_id, today)).all())
    titles, copies = session.execute(queries.material_of(school_id)).one()
    # Rules are written in Chinese, whatever language the screen has.
    rules = [title for titles in hooks.rules_about for title in session.scalars(titles("家长学校"))]
    held = [one for one in sessions if one.held_on <= today and _counts(one)]
    comma = gettext(", ")
    return [
        Thing(
            gettext("Organisation"), bool(sides.get("leading") and sides.get("committee")),
            gettext("Leading group: %(leading)s, parents’ committee: %(committee)s",
                    leading=sides.get("leading", 0), committee=sides.get("committee", 0)),
            "activities.parents_school_member_list",
        ),
        Thing(gettext("Rules"), bool(rules), comma.join(rules), "organisation.plan_document_list"),
        Thing(
            gettext("Time"), len(held) >= TWICE,
            gettext("%(held)s of %(asked)s sessions this term", held=len(held), asked=TWICE),
            "activities.parents_session_list",
        ),
        Thing(
            gettext("Teachers"), bool(kinds),
            comma.join(f"{gettext(labels.TEACHERS[kind])} {count}" for kind, count in kinds.items()),
            "activities.parents_school_teacher_list",
        ),
        Thing(
            gettext("Money"), money["budget"] > 0,
            gettext("Budget %(budget)s, spent %(spent)s yuan",
                    budget=f"{money['budget'] / 100:.2f}", spent=f"{money['spent'] / 100:.2f}"),
            "activities.parents_school_money_list",
        ),
        Thing(
            gettext("Material"), titles > 0,
            gettext("%(titles)s titles, %(copies)s copies", titles=titles, copies=int(copies)),
            "activities.parents_school_material_list",
        ),
    ]  # fmt: skip
