"""How a feature's view answers who wants a file: short lists at once, long ones by a worker."""

from typing import Any

from flask import Response, make_response, render_template, request
from flask_babel import get_locale, gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm
from lxsaas.core.celery import send_hint
from lxsaas.core.clock import now, today
from lxsaas.core.downloads import download, download_book
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.exports import actions, messages, tasks
from lxsaas.exports.asked import Asked
from lxsaas.exports.content import Content, Sheets
from lxsaas.exports.kinds import Kind
from lxsaas.exports.tables import Job
from lxsaas.extensions import db

SMALL = 500
"""Rows up to which a list is answered at once: some hundred milliseconds; no child's class is larger."""


def list_or_job(kind: Kind, form: str = "xlsx", **view: Any) -> BaseResponse:
    """A list as a file: at once where it is short, else as a job."""
    content = kind.content(**view)
    if isinstance(content, Sheets) and content.total <= SMALL:
        return small(kind, content, form, **view)
    return job_or_question(kind, content, form, **view)


def job_or_question(kind: Kind, content: Content, form: str, **view: Any) -> BaseResponse:
    """A job where it was asked for by POST; by GET the question whether it shall be one, with a button."""
    if request.method == "POST":
        return ask(kind, form, **view)
    action = request.full_path.rstrip("?")
    return make_response(
        render_template("exports/long_list.html", kind=kind, rows=content.total, action=action)
    )


def small(kind: Kind, content: Sheets, form: str, **view: Any) -> Response:
    """The file itself; that it was taken out is logged as the kind says."""
    first, *more = content.sheets
    name = f"{kind.name}-{today(realm().timezone)}"
    answer = download_book(content.named, name) if more else download(first.table, form, name)
    if kind.note is not None:
        kind.note(content.total, **view)
    db.session.commit()
    return answer


def ask(kind: Kind, form: str = "xlsx", **view: Any) -> BaseResponse:
    """Makes a job of this request and answers with its page, which alone tells the password."""
    asked = Asked.of(list(request.args.items(multi=True)), list(request.form.items(multi=True)), view)
    return ask_for(kind, form, asked)


def ask_for(kind: Kind, form: str, asked: Asked) -> BaseResponse:
    """The same of a wish that is known already."""
    language = "en" if str(get_locale()) == "en" else "zh_Hans_CN"
    try:
        job, password = actions.request_export(
            db.session(), realm(), kind, asked, form=form, language=language, by=current_user.id
        )
        db.session.commit()
    except RuleError as error:
        db.session.rollback()
        return refused(sentence(error, gettext))
    send_hint(tasks.make, realm().kind, realm().id, job.id)
    return shown(job, kind, password=password)


def shown(job: Job, kind: Kind, *, password: str | None = None, status: int = 200) -> BaseResponse:
    """The page of a job; never kept by a browser, for it may tell a password."""
    page = render_template(
        "exports/export_detail.html", job=job, kind=kind, password=password, words=messages,
        state=state_of(job),
    )  # fmt: skip
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def state_of(job: Job) -> str:
    """How a job stands; a clock that is late to delete a file makes it no younger."""
    is_over = job.state == "done" and job.expires_at <= now()
    return "expired" if is_over else str(job.state)


def refused(reason: str) -> BaseResponse:
    return make_response(render_template("exports/refused.html", reason=reason), 422)
