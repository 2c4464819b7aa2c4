"""One's own exports: the list, how a job comes on, the file, and its end."""

from collections.abc import Iterator

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import at_both, realm, requires
from lxsaas.accounts.realms import Realm
from lxsaas.core.clock import today
from lxsaas.core.crypto import school_cipher
from lxsaas.core.downloads import TYPES
from lxsaas.core.permissions import Permission
from lxsaas.documents.filling import WORD
from lxsaas.exports import actions, answering, messages, queries
from lxsaas.exports.answering import state_of
from lxsaas.exports.kinds import KINDS, Kind
from lxsaas.exports.tables import Job
from lxsaas.extensions import db, session_for

__all__ = ["blueprint", "messages"]

blueprint = Blueprint("exports", __name__)
PAGE_SIZE = 20
ENDINGS = {"xlsx": "xlsx", "csv": "zip", "docx": "docx", "zip": "zip"}
CONTENT_TYPES = {"xlsx": TYPES["xlsx"], "docx": WORD, "zip": "application/zip"}


@requires(Permission.OWN_ACCOUNT)
def export_list() -> str:
    """What one asked for, the newest first."""
    page = db.paginate(
        queries.own_jobs(realm(), current_user.id), page=request.args.get("page", 1, type=int),
        per_page=PAGE_SIZE, error_out=False,
    )  # fmt: skip
    return render_template(
        "exports/export_list.html", page=page, kinds=KINDS, words=messages, state_of=state_of
    )


@requires(Permission.OWN_ACCOUNT)
def export_detail(job_id: int) -> BaseResponse | str:
    """How a file comes on; then where it is, and until when."""
    job, kind = load(job_id)
    if request.headers.get("HX-Request"):
        return render_template("exports/_progress.html", job=job, words=messages, state=state_of(job))
    return answering.shown(job, kind)


@requires(Permission.OWN_ACCOUNT)
def export_file(job_id: int) -> BaseResponse:
    """The file, for who asked, while it is there and while they may still see what is in it; logged."""
    job, kind = load(job_id)
    if kind.permission not in current_user.permissions:
        abort(404)
    if state_of(job) != "done":
        return answering.shown(job, kind, status=410)
    if not is_reached(job, kind):
        abort(404)
    ending, size = ENDINGS[job.form], job.byte_count
    day = today(realm().timezone, at=job.made_at)
    headers = {"Content-Disposition": f'attachment; filename="lxsaas-{kind.name}-{day}.{ending}"'}
    actions.note_download(db.session(), realm(), job, by=current_user.id)
    db.session.commit()
    sent = stream_with_context(pieces(realm(), job_id))
    answer = Response(sent, content_type=CONTENT_TYPES[ending], headers=headers)
    answer.content_length = size
    return answer


@requires(Permission.OWN_ACCOUNT)
def export_removal(job_id: int) -> BaseResponse:
    """Deletes a file before its time, or a job that is no longer wanted."""
    job, _ = load(job_id)
    actions.expire_export(db.session(), job, by=current_user.id)
    db.session.commit()
    flash(gettext("The file is gone."), "success")
    return redirect(url_for("exports.export_list"))


@requires(Permission.OWN_ACCOUNT)
def export_repetition(job_id: int) -> BaseResponse:
    """Asks once more for what failed: another job, with another password."""
    job, kind = load(job_id)
    asked = actions.wish_of(db.session(), realm(), job)
    if asked is None or job.state != "failed":
        return redirect(url_for("exports.export_detail", job_id=job_id))
    if kind.permission not in current_user.permissions:
        abort(404)
    return answering.ask_for(kind, job.form, asked)


for _rule, _view, _method in (
    ("/exports", export_list, "GET"),
    ("/exports/<int:job_id>", export_detail, "GET"),
    ("/exports/<int:job_id>/file", export_file, "GET"),
    ("/exports/<int:job_id>/removal", export_removal, "POST"),
    ("/exports/<int:job_id>/repetition", export_repetition, "POST"),
):
    at_both(blueprint, _rule, methods=(_method,))(_view)


def load(job_id: int) -> tuple[Job, Kind]:
    """One's own job with its kind, or 404."""
    job = db.session.scalars(queries.own_job(realm(), current_user.id, job_id)).one_or_none()
    kind = KINDS.get(job.kind) if job is not None else None
    return (job, kind) if kind is not None else abort(404)


def is_reached(job: Job, kind: Kind) -> bool:
    """Whether the person still reaches all that the file was made from."""
    reached = kind.reach()
    return reached is None or (job.reach is not None and set(job.reach) <= set(reached))


def pieces(place: Realm, job_id: int) -> Iterator[bytes]:
    """The file piece by piece, each in a transaction of its own: a slow line holds no connection."""
    number = 0
    while (piece := _piece(place, job_id, number)) is not None:
        yield piece
        number += 1


def _piece(place: Realm, job_id: int, number: int) -> bytes | None:
    with session_for(place.scope) as session:
        held = session.scalars(queries.piece(place, job_id, number)).one_or_none()
        if held is None:
            return None
        if place.kind == "district":
            return bytes(held.content)
        return school_cipher(session, place.id).open_bytes(
            held.content_sealed, table="export_piece", column="content_sealed", row_id=held.id
        )
