"""What is owed this week: child by child for a teacher, class by class for who sees the whole school."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from sqlalchemy import func, select

from lxsaas.accounts.access import realm, requires
from lxsaas.accounts.models import ClassTeacher, Staff
from lxsaas.core.permissions import Permission
from lxsaas.correspondence import pages as letters
from lxsaas.correspondence.queries import waiting_count
from lxsaas.duties import labels
from lxsaas.duties import messages as messages
from lxsaas.duties.queries import OWED, Setting, owed_by_class, owed_children
from lxsaas.duty_rules.queries import amounts_of, last_term, term_on
from lxsaas.extensions import db
from lxsaas.filings.pages import pressing_terms
from lxsaas.navigation import add_tile
from lxsaas.organisation import queries as organisation
from lxsaas.organisation.models import GroupDecision
from lxsaas.organisation.own_work import own_work
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import District, SchoolClass
from lxsaas.support import queries as support
from lxsaas.support.models import DropOut, MustVisit, Pairing

blueprint = Blueprint("duties", __name__, url_prefix="/s/<school_slug>")
add_tile("school", "duties.settings", lazy_gettext("Duty calendar"), "clock", Permission.SET_DUTIES)
ROWS = 60
"""Children shown at once; a class fits."""


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"owed_names": labels.OWED_NAMES, "form_for": labels.form_for, "owed": OWED}


@blueprint.get("/week")
@requires(Permission.RECORD_CARE)
def week() -> str:
    """What is owed to one's children; who sees the whole school begins with its classes."""
    class_id = request.args.get("class", type=int)
    if reach.whole_school() and class_id is None:
        return _school_week()
    pupils = reach.pupils()
    chosen = db.session.get(SchoolClass, (realm().id, class_id)) if class_id else None
    if class_id:
        pupils = pupils.where(Pupil.class_id == class_id)
    rows = owed_children(db.session(), pupils, setting())
    only = request.args.get("owed", "")
    if only and only not in OWED:
        abort(404)
    counts = {one: sum(getattr(row, f"owes_{one}") for row in rows) for one in OWED}
    shown = [row for row in rows if (getattr(row, f"owes_{only}") if only else row.open_count)]
    return render_template(
        "duties/week.html", rows=shown[:ROWS], hidden=max(len(shown) - ROWS, 0), counts=counts, only=only,
        targets=len(rows), done=len(rows) - len(shown), chosen=chosen, today=reach.today(), own=own_work(),
    )  # fmt: skip


def _school_week() -> str:
    today = reach.today()
    rows = {row.class_id: row for row in owed_by_class(db.session(), reach.pupils(), setting())}
    classes = db.session.execute(classes_with_teachers(today)).all()
    return render_template(
        "duties/school_week.html",
        classes=[(one, teacher, rows[one.id]) for one, teacher in classes if one.id in rows],
        totals={one: sum(getattr(row, one) for row in rows.values()) for one in OWED},
        targets=sum(row.targets for row in rows.values()),
        alarms=alarms(today),
        own=own_work(),
        today=today,
    )


def classes_with_teachers(today: date) -> Any:
    """(class, its homeroom teacher today or None), in the order of the classes."""
    teaching = (
        (ClassTeacher.school_id == SchoolClass.school_id)
        & (ClassTeacher.class_id == SchoolClass.id)
        & (ClassTeacher.starts_on <= today)
        & ((ClassTeacher.ends_on.is_(None)) | (ClassTeacher.ends_on > today))
    )
    same = (Staff.school_id == ClassTeacher.school_id) & (Staff.id == ClassTeacher.staff_id)
    query = select(SchoolClass, Staff.name).outerjoin(ClassTeacher, teaching).outerjoin(Staff, same)
    return query.order_by(SchoolClass.grade, SchoolClass.number, SchoolClass.code)


def alarms(today: date) -> list[tuple[str, int, str, dict[str, str]]]:
    """What the principal is told of at once: (text, how many, endpoint, its arguments)."""
    days = amounts().of("absence_days")
    absent_days = support.unexcused_absences(today.replace(day=1), today)
    often = absent_days.having(func.count() >= max(days, 1)).subquery()
    absent = int(db.session.scalar(select(func.count()).select_from(often)) or 0)
    found: list[tuple[str, int, str, dict[str, str]]] = [
        (
            gettext("Must-visits that are late"),
            _count(MustVisit, support.late_visits(today)),
            "support.must_visit_list",
            {"show": "late"},
        ),
        (
            gettext("Pairings without their helper"),
            _count(Pairing, support.orphaned(today)),
            "support.pairing_list",
            {"show": "orphaned"},
        ),
        (
            gettext("Children absent without excuse for %(days)s days or more this month", days=days),
            absent,
            "support.attendance_event_list",
            {},
        ),
        (
            gettext("Drop-outs not back yet"),
            _count(DropOut, support.dropped_out(today)),
            "support.drop_out_list",
            {"show": "open"},
        ),
        (
            gettext("Decisions of the leading group that are late"),
            _count(GroupDecision, organisation.is_late(today)),
            "organisation.group",
            {},
        ),
    ]
    return [*asked_by_district(today), *statistics_owed(), *(one for one in found if one[1])]


def statistics_owed() -> list[tuple[str, int, str, dict[str, str]]]:
    """The term's statistics, where they press, for who may file them."""
    if Permission.FILE_STATISTICS not in current_user.permissions:
        return []
    count = len(pressing_terms())
    text = gettext("The term’s statistics wait to be sent, or to be sent again")
    return [(text, count, "filings.filing_list", {})] if count else []


def asked_by_district(today: date) -> list[tuple[str, int, str, dict[str, str]]]:
    """Notes and requests that wait for the school's answer, for who may read them."""
    if Permission.READ_CORRESPONDENCE not in current_user.permissions:
        return []
    waiting = waiting_count("school", today, realm().district_id, letters.reach())
    count = db.session.execute(waiting).one()[0]
    text = gettext("Notices and requests from the district that wait for you")
    return [(text, count, "correspondence.thread_list", {})] if count else []


def _count(model: type[MustVisit | Pairing | DropOut | GroupDecision], condition: Any) -> int:
    query = select(func.count()).select_from(model)
    return int(db.session.scalar(query.where(model.school_id == realm().id, condition)) or 0)


def amounts() -> Any:
    return amounts_of(db.session(), school_id=realm().id, district_id=realm().district_id)


def setting() -> Setting:
    """Today at this school, with its term and what is owed how often."""
    today = reach.today()
    running = db.session.scalars(term_on(realm().district_id, today)).one_or_none()
    last = running or db.session.scalars(last_term(realm().district_id, today)).one_or_none()
    definition = db.session.scalar(select(District.care_definition).where(District.id == realm().district_id))
    return Setting(
        today=today,
        term_start=last.starts_on if last else today.replace(day=1),
        term=running.name if running else None,
        in_term=running is not None,
        care_definition=str(definition),
        amounts=amounts(),
    )
