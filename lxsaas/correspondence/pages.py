"""What the pages of both sides share: the list as it is chosen, a thread's course, exports."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import format_date, format_datetime, gettext
from flask_login import current_user
from sqlalchemy import Select, select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm
from lxsaas.accounts.realms import RealmKind
from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.core.export import Cell
from lxsaas.core.messages import N_, sentence
from lxsaas.core.pages import page_of_rows
from lxsaas.core.permissions import Permission
from lxsaas.correspondence import messages as messages
from lxsaas.correspondence import queries
from lxsaas.correspondence.actions import Writer, write_message
from lxsaas.correspondence.definitions import KINDS, SHOWN, SORTS, Side
from lxsaas.correspondence.forms import MessageForm
from lxsaas.correspondence.models import CorrespondenceThread as Thread
from lxsaas.correspondence.models import DistrictMessage, SchoolMessage
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheets
from lxsaas.exports.kinds import Kind, Reach, declare
from lxsaas.exports.streaming import sheet_of
from lxsaas.exports.townships import within_townships
from lxsaas.extensions import db
from lxsaas.schools.models import Township

PAGE_SIZE = 40


def side() -> Side:
    return "district" if realm().kind == "district" else "school"


def unit_id() -> int | None:
    """The school whose threads are seen; None for the district, which sees those of all."""
    return None if side() == "district" else realm().id


def here() -> str:
    """The blueprint of this side's pages."""
    return "district_correspondence" if side() == "district" else "correspondence"


def writer() -> Writer:
    return Writer(side(), current_user.id, current_user.name)


def today() -> date:
    return clock.today(realm().timezone)


def words() -> dict[str, object]:
    """What the templates of both sides read; at an address that is nobody's, nothing."""
    if "realm" not in g:
        return {}
    return {"here": here(), "side": side(), "kinds": KINDS, "today": today()}


def reach() -> queries.Reach:
    """What the signed-in person sees of the threads: those about suspected harm as of the reports of it."""
    follows = Permission.VIEW_HARM_STATES if side() == "district" else Permission.FOLLOW_HARM
    return queries.Reach(unit_id(), current_user.township_ids, follows in current_user.permissions)


def threads() -> Select[Thread, str]:
    """The threads that the signed-in person may see."""
    return queries.threads_of(realm().district_id, reach())


def townships() -> list[tuple[int, str]]:
    """The district's townships in reach of the signed-in person, by name."""
    query = select(Township.id, Township.name).where(Township.district_id == realm().id)
    if current_user.township_ids is not None:
        query = query.where(Township.id.in_(current_user.township_ids))
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(Township.name))]


def chosen() -> Select[Thread, str]:
    """The threads that the list's form asks for, in its order."""
    asked = request.values
    query = threads()
    query = query.where(queries.shown_as(asked.get("show", ""), today()))
    if asked.get("kind") in KINDS:
        query = query.where(Thread.kind == asked["kind"])
    if asked.get("q", "").strip():
        query = query.where(queries.about(asked["q"].strip()[:100]))
    return query.order_by(*queries.order_of(asked.get("sort", "-last"), side()))


def list_page() -> str:
    """The list; searched by POST, for what people search may be a name."""
    page = page_of_rows(db.session(), chosen(), request.values.get("page", 1, type=int), PAGE_SIZE)
    counts = db.session.execute(queries.waiting_count(side(), today(), realm().district_id, reach())).one()
    return render_template(
        "correspondence/thread_list.html", page=page, asked=request.values, waiting=counts[0], late=counts[1],
        shown=_options(SHOWN), kind_options=[("", gettext("All")), *_options(KINDS)], sorts=_options(SORTS),
    )  # fmt: skip


def _options(offered: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, gettext(text)) for code, text in offered.items()]


def list_export(form: str) -> BaseResponse:
    """The same threads for a spreadsheet: what is asked of whom until when; not what was written."""
    return list_or_job(EXPORTS[side()], form)


def export_content() -> Content:
    headings = [
        gettext("School"), gettext("Kind"), gettext("Matter"), gettext("State"), gettext("Opened on"),
        gettext("Answer by"), gettext("Last word"),
    ]  # fmt: skip
    notes = [gettext("As of %(day)s", day=format_date(today()))]
    title = gettext("Notices and requests")
    return Sheets([sheet_of(db.session(), chosen(), _lines, title=title, headings=headings, notes=notes)])


def _lines(rows: Sequence[Any]) -> Iterator[list[Cell]]:
    for one, name in rows:
        yield [
            name, gettext(KINDS[one.kind]), one.title, state_of(one), format_datetime(one.opened_at, "short"),
            format_date(one.due_on) if one.due_on else None, format_datetime(one.last_at, "short"),
        ]  # fmt: skip


def harm_reached() -> list[int] | None:
    """Nobody in particular for those who see no threads about suspected harm: they lose a file with some."""
    return None if Permission.FOLLOW_HARM in current_user.permissions else []


def _kind(place: RealmKind, code: str, reached: Reach) -> Kind:
    return declare(
        Kind(
            code, N_("Notices and requests"), Permission.READ_CORRESPONDENCE, export_content,
            "correspondence", place=place, names_children=place == "school", reach=reached,
        )
    )  # fmt: skip


EXPORTS: dict[Side, Kind] = {
    "school": _kind("school", "correspondence", harm_reached),
    "district": _kind(
        "district", "district.correspondence", within_townships(Permission.VIEW_HARM_STATES)
    ),
}  # fmt: skip


def state_of(thread: Thread) -> str:
    """A thread's state in words."""
    late = thread.state == "open" and thread.due_on is not None and thread.due_on < today()
    shown = SHOWN["late"] if late else SHOWN[thread.state]
    if thread.kind == "note" and thread.state == "open":
        return str(gettext("Not read yet"))
    return str(gettext(shown))


def thread_or_404(thread_id: int) -> tuple[Thread, str]:
    """A thread of this side with its school's name."""
    query = threads().where(Thread.id == thread_id)
    found = db.session.execute(query).one_or_none() or abort(404)
    return found[0], found[1]


def course_of(thread: Thread) -> list[tuple[Side, Any]]:
    """What both sides wrote, in the order of time."""
    of_sides: Sequence[tuple[Side, Any]] = (("district", DistrictMessage), ("school", SchoolMessage))
    entries = [
        (side, one)
        for side, model in of_sides
        for one in db.session.scalars(queries.messages_of(model, thread))
    ]
    return sorted(entries, key=lambda entry: (entry[1].written_at, entry[1].id))


def thread_page(thread_id: int, form: MessageForm | None = None) -> str | tuple[str, int]:
    thread, school = thread_or_404(thread_id)
    if form is None:
        form = MessageForm(formdata=None)
        form.open_new()
    shown = render_template(
        "correspondence/thread_detail.html", thread=thread, school=school, course=course_of(thread),
        form=form,
    )  # fmt: skip
    return (shown, 422) if form.errors else shown


def answer_page(thread_id: int) -> BaseResponse | str | tuple[str, int]:
    """Writes what was typed, or shows what is wrong with it."""
    thread, _ = thread_or_404(thread_id)
    form = MessageForm()
    if not form.validate():
        return thread_page(thread_id, form)
    try:
        write_message(db.session(), thread, text=form.text.data, client_key=form.key, by=writer())
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return thread_page(thread_id, form)
    db.session.commit()
    flash(gettext("Sent."), "success")
    flash(f"thread-{thread_id}", "draft")
    return redirect(url_for(f"{here()}.thread_detail", thread_id=thread_id))


def changed(thread_id: int, change: Callable[..., object], said: str) -> BaseResponse:
    """Closes, reopens or reads a thread, and returns to it."""
    thread, _ = thread_or_404(thread_id)
    try:
        change(db.session(), thread, by=writer())
        db.session.commit()
        flash(said, "success")
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    return redirect(url_for(f"{here()}.thread_detail", thread_id=thread_id))
