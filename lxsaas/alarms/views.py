"""A district's alarms: the list, one with its history, acknowledging it, asking the school."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import format_date, format_datetime, gettext
from flask_login import current_user
from sqlalchemy import Select, select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.accounts.forms import show_error
from lxsaas.accounts.models import DistrictStaff
from lxsaas.alarms import actions, labels, queries
from lxsaas.alarms import messages as messages
from lxsaas.alarms.definitions import KINDS
from lxsaas.alarms.forms import RemarkForm, RequestForm
from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.core.errors import RuleError
from lxsaas.core.export import Cell
from lxsaas.core.messages import N_
from lxsaas.core.pages import page_of_rows
from lxsaas.core.permissions import Permission
from lxsaas.correspondence import pages as letters
from lxsaas.correspondence.actions import write_to_schools
from lxsaas.correspondence.queries import schools_of, threads_about_alarm
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.exports.streaming import sheet_of
from lxsaas.exports.townships import within_townships
from lxsaas.extensions import db

blueprint = Blueprint("alarms", __name__, url_prefix="/d/<district_slug>/alarms")
PAGE_SIZE = 50
ANSWER_WITHIN = timedelta(days=7)


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"labels": labels, "kind_names": {code: kind.name for code, kind in KINDS.items()}}


def reach() -> queries.Reach:
    """What the signed-in person sees of the district's alarms."""
    return queries.Reach(current_user.township_ids, Permission.VIEW_HARM_STATES in current_user.permissions)


@blueprint.get("")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def alarm_list() -> str:
    """Open alarms first; by kind, township, state and the unit's name."""
    return render_template(
        "alarms/alarm_list.html",
        page=page_of_rows(db.session(), chosen(), request.args.get("page", 1, type=int), PAGE_SIZE),
        townships=letters.townships(),
        sort=request.args.get("sort", "-opened"),
        open_counts=db.session.execute(queries.open_counts(realm().id, reach())).one(),
    )


def chosen() -> Select[Alarm, AlarmRule, str]:
    """The alarms that the address asks for, in its order."""
    asked = request.args
    return queries.chosen_alarms(
        realm().id, reach(), state=asked.get("state", "open"), kind=asked.get("kind", ""),
        township_id=asked.get("township", type=int), words=asked.get("q", "").strip()[:100],
        sort=asked.get("sort", "-opened"),
    )  # fmt: skip


@blueprint.route("/alarms.<any(xlsx, csv):form>", methods=["GET", "POST"])
@requires(Permission.VIEW_DISTRICT_FIGURES)
def alarm_export(form: str) -> BaseResponse:
    """The same alarms for a spreadsheet, with the remarks; many are asked for by POST."""
    return list_or_job(ALARMS, form)


def export_content() -> Content:
    headings = [
        gettext("Unit"), gettext("What raised it"), gettext("Value"), gettext("About"), gettext("Raised on"),
        gettext("No longer so since"), gettext("Acknowledged"), gettext("Remark"),
    ]  # fmt: skip
    notes = [gettext("As of %(day)s", day=format_date(letters.today()))]
    title = gettext("Alarms")
    return Sheets([sheet_of(db.session(), chosen(), _lines, title=title, headings=headings, notes=notes)])


def _lines(rows: Sequence[tuple[Alarm, AlarmRule, str]]) -> Iterator[list[Cell]]:
    for alarm, rule, name in rows:
        instants = (alarm.opened_at, alarm.closed_at, alarm.acknowledged_at)
        yield [
            name, labels.alarm_title(alarm, rule), labels.alarm_value(alarm, rule), labels.about(alarm, rule),
            *(format_datetime(at, "short") if at else None for at in instants), alarm.remark,
        ]  # fmt: skip


ALARMS = declare(
    Kind(
        "district.alarms", N_("Alarms"), Permission.VIEW_DISTRICT_FIGURES, export_content, "alarms",
        place="district", names_children=False, reach=within_townships(Permission.VIEW_HARM_STATES),
    )
)  # fmt: skip


@blueprint.get("/<int:alarm_id>")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def alarm_detail(alarm_id: int) -> str | tuple[str, int]:
    """One alarm: what raised it, what was done, what was asked, how often it was so before."""
    return alarm_page(alarm_id, RemarkForm(formdata=None))


@blueprint.post("/<int:alarm_id>/acknowledgement")
@requires(Permission.MANAGE_ALARMS)
def acknowledge(alarm_id: int) -> BaseResponse | str | tuple[str, int]:
    """Says that somebody has seen to it, and how."""
    alarm, _, _ = alarm_or_404(alarm_id)
    form = RemarkForm()
    if not form.validate():
        return alarm_page(alarm_id, form)
    try:
        actions.acknowledge_alarm(db.session(), alarm, remark=form.remark.data, by=current_user.id)
    except RuleError as error:
        show_error(form, error)
        return alarm_page(alarm_id, form)
    db.session.commit()
    flash(gettext("Acknowledged."), "success")
    flash(f"alarm-{alarm_id}", "draft")
    return redirect(url_for("alarms.alarm_detail", alarm_id=alarm_id))


@blueprint.route("/<int:alarm_id>/request", methods=["GET", "POST"])
@requires(Permission.WRITE_CORRESPONDENCE)
def ask_school(alarm_id: int) -> BaseResponse | str | tuple[str, int]:
    """Asks the school that an alarm is about, or each school of its township."""
    alarm, rule, unit_name = alarm_or_404(alarm_id)
    if alarm.level == "district":
        abort(404)
    form = RequestForm()
    if not form.is_submitted():
        form.open_new()
        form.title.data = f"{labels.alarm_title(alarm, rule)} ({labels.about(alarm, rule)})"
        form.due_on.data = letters.today() + ANSWER_WITHIN
    elif form.validate():
        try:
            return send_request(form, alarm, is_confidential=rule.kind == "mandatory_report")
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
    shown = render_template("alarms/request_form.html", form=form, alarm=alarm, unit_name=unit_name)
    return (shown, 422) if form.errors else shown


def send_request(form: RequestForm, alarm: Alarm, *, is_confidential: bool) -> BaseResponse:
    """Opens the threads that belong to an alarm. Raises RuleError."""
    of_township = schools_of(realm().id, current_user.township_ids, alarm.unit_id)
    schools = (
        [alarm.unit_id] if alarm.level == "school" else [row[0] for row in db.session.execute(of_township)]
    )
    write_to_schools(
        db.session(), district_id=realm().id, school_ids=schools, kind="request", title=form.title.data,
        text=form.text.data, due_on=form.due_on.data, today=letters.today(), alarm_id=alarm.id,
        is_confidential=is_confidential, client_key=form.key, by=letters.writer(),
    )  # fmt: skip
    db.session.commit()
    flash(gettext("Sent."), "success")
    flash(f"alarm-request-{alarm.id}", "draft")
    return redirect(url_for("alarms.alarm_detail", alarm_id=alarm.id))


def alarm_or_404(alarm_id: int) -> tuple[Alarm, AlarmRule, str]:
    found = db.session.execute(queries.alarm_with(realm().id, alarm_id, reach())).one_or_none() or abort(404)
    return found[0], found[1], found[2]


def alarm_page(alarm_id: int, form: RemarkForm) -> str | tuple[str, int]:
    alarm, rule, unit_name = alarm_or_404(alarm_id)
    by = db.session.scalar(select(DistrictStaff.name).where(DistrictStaff.id == alarm.acknowledged_by))
    shown = render_template(
        "alarms/alarm_detail.html", alarm=alarm, rule=rule, unit_name=unit_name, form=form,
        acknowledged_by=by, today=letters.today(),
        threads=db.session.execute(threads_about_alarm(realm().id, alarm_id, letters.reach())).all(),
        earlier=db.session.scalars(queries.earlier_alarms(alarm)).all(),
    )  # fmt: skip
    return (shown, 422) if form.errors else shown
