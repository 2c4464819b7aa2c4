"""The page that leads to all registers of the school, and the files that belong to their rows."""

from flask import Blueprint, Response, abort, flash, redirect, render_template
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas import navigation
from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.registers import messages as messages
from lxsaas.registers.attachments import content_of, withdraw_file
from lxsaas.registers.models import Attachment
from lxsaas.registers.page_base import PageBase
from lxsaas.registers.register import SUBJECTS

blueprint = Blueprint("registers", __name__, url_prefix="/s/<school_slug>")


@blueprint.get("/work")
@requires(Permission.VIEW_PUPILS)
def work() -> str:
    """Every register and list that the signed-in person may open, by area."""
    return render_template("registers/work.html", areas=navigation.tiles())


@blueprint.get("/attachments/<int:attachment_id>")
@requires(Permission.VIEW_PUPILS)
def attachment(attachment_id: int) -> Response:
    """A file for who may read the row that it belongs to; the sight is logged."""
    held, _ = _readable(attachment_id)
    audit(
        db.session(), "view_file", held.subject, held.subject_id,
        school_id=realm().id, by=current_user.id, attachment_id=held.id,
    )  # fmt: skip
    answer = _file(held, "whole")
    db.session.commit()
    return answer


@blueprint.get("/attachments/<int:attachment_id>/small")
@requires(Permission.VIEW_PUPILS)
def attachment_small(attachment_id: int) -> Response:
    """A photo's small copy, shown beside its row."""
    held, _ = _readable(attachment_id)
    return _file(held, "small")


@blueprint.post("/attachments/<int:attachment_id>/withdrawal")
@requires(Permission.VIEW_PUPILS)
def attachment_withdrawal(attachment_id: int) -> BaseResponse:
    """Takes a file away from its row for good, for who may enter such rows."""
    held, address = _readable(attachment_id)
    pages = PageBase.mounted.get(held.subject)
    needed = pages.register.record if pages else Permission.RECORD_CARE
    if needed not in current_user.permissions:
        abort(403)
    if pages and not pages.may_change(pages.load(held.subject_id)[0]):
        abort(404)
    withdraw_file(db.session(), held, by=current_user.id)
    db.session.commit()
    flash(gettext("The file is gone."), "success")
    return redirect(address)


def _readable(attachment_id: int) -> tuple[Attachment, str]:
    """A file with the address of its row, or 404."""
    held = db.session.get(Attachment, (realm().id, attachment_id))
    if held is None or held.withdrawn_at is not None or held.subject not in SUBJECTS:
        abort(404)
    return held, SUBJECTS[held.subject](held.subject_id)


def _file(held: Attachment, variant: str) -> Response:
    content = content_of(db.session(), held, variant)
    kind = "attachment" if held.media_type == "application/pdf" else "inline"
    ending = held.media_type.rpartition("/")[2]
    headers = {
        "Content-Disposition": f'{kind}; filename="{held.id}.{ending}"',
        # What somebody uploaded is shown as what it is and does nothing.
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(content, content_type=held.media_type, headers=headers)
