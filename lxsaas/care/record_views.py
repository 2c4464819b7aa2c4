"""One care record: what it says, its history, its photos; changed and withdrawn by whom it belongs to."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.accounts.models import Staff
from lxsaas.care.beside import details_of, files_of_records, remove_file
from lxsaas.care.changes import edit_care, history_of, withdraw_care
from lxsaas.care.details import Detail
from lxsaas.care.forms import ChangeForm, with_names
from lxsaas.care.listing import readable_notes
from lxsaas.care.messages import FIELDS
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.care.pages import (
    blueprint,
    is_in_charge,
    may_edit,
    may_read,
    may_withdraw,
    record_in_reach,
)
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils.models import Pupil
from lxsaas.registers.attachments import content_of
from lxsaas.registers.history import Change
from lxsaas.registers.models import Attachment

COUNSELLING = int(CareKind.COUNSELLING)


@blueprint.get("/care-records/<int:record_id>")
@requires(Permission.VIEW_PUPILS)
def record_detail(record_id: int) -> str:
    """One record with its photos, and for who may read it note and history."""
    record, pupil = _found(record_id)
    changes = history_of(db.session(), record) if may_read(record) else []
    page = render_template(
        "care/record_detail.html",
        record=record,
        pupil=pupil,
        author=db.session.get_one(Staff, (realm().id, record.recorded_by)).name,
        note=readable_notes(db.session(), pupil.id, [record]).get(record.id),
        is_readable=may_read(record),
        detail=details_of(db.session(), [record.id]).get(record.id),
        files=files_of_records(db.session(), [record.id]).get(record.id, []) if may_read(record) else [],
        changes=changes if _may_see_history(record, changes) else [],
        fields=FIELDS,
        may_edit=may_edit(record),
        may_withdraw=may_withdraw(record),
    )
    db.session.commit()
    return page


@blueprint.route("/care-records/<int:record_id>/edit", methods=["GET", "POST"])
@requires(Permission.RECORD_CARE)
def record_edit(record_id: int) -> BaseResponse | str | tuple[str, int]:
    """Changes a record of one's own, or as principal any."""
    record, pupil = _found(record_id)
    # Sent for a record withdrawn in the meantime, the form is told so.
    if not (may_edit(record) or (request.method == "POST" and is_in_charge(record) and may_read(record))):
        abort(404)
    if request.method == "GET":
        return _opened_page(record, pupil)
    form = ChangeForm()
    form.offer_kinds()
    if form.validate():
        try:
            _change(record, form)
        except RuleError as error:
            db.session.rollback()
            form.refuse(with_names(error, [pupil]))
        else:
            db.session.commit()
            flash(gettext("Saved."), "success")
            flash(draft_of(record_id, form.seen_version), "draft")
            return redirect(url_for("care.record_detail", record_id=record_id))
    record, pupil = _found(record_id)
    return _edit_page(form, record, pupil), 422


@blueprint.post("/care-records/<int:record_id>/withdrawal")
@requires(Permission.RECORD_CARE)
def record_withdraw(record_id: int) -> BaseResponse:
    """Takes a record out of what counts, with the reason."""
    record, _pupil = _found(record_id)
    if not is_in_charge(record):
        abort(404)
    version = request.form.get("version", 0, type=int)
    try:
        withdraw_care(
            db.session(), record, version=version, reason=request.form.get("reason", ""), by=current_user.id
        )
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        flash(gettext("Withdrawn. It counts nowhere any more; its history stays."), "success")
    return redirect(url_for("care.record_detail", record_id=record_id))


@blueprint.get("/care-records/<int:record_id>/files/<int:attachment_id>")
@requires(Permission.VIEW_PUPILS)
def record_file(record_id: int, attachment_id: int) -> Response:
    """A photo or document; that it was seen is logged. `?small` gives the small copy for lists."""
    record, pupil = _found(record_id)
    held = _file(record, attachment_id)
    small = "small" in request.args
    content = content_of(db.session(), held, "small" if small else "whole")
    if not small:
        audit(
            db.session(), "view_file", "care_record", record.id,
            school_id=realm().id, by=current_user.id, pupil_id=pupil.id, attachment_id=held.id,
        )  # fmt: skip
    media_type = held.media_type
    db.session.commit()
    place = "attachment" if media_type == "application/pdf" else "inline"
    name = f"{attachment_id}.{media_type.rpartition('/')[2]}"
    headers = {"Content-Disposition": f'{place}; filename="{name}"'}
    return Response(content, content_type=media_type, headers=headers)


@blueprint.post("/care-records/<int:record_id>/files/<int:attachment_id>/removal")
@requires(Permission.RECORD_CARE)
def record_file_removal(record_id: int, attachment_id: int) -> BaseResponse:
    """Takes a photo from a record for good."""
    record, _pupil = _found(record_id)
    if not may_edit(record):
        abort(404)
    remove_file(db.session(), record, _file(record, attachment_id), by=current_user.id)
    db.session.commit()
    flash(gettext("The file is gone."), "success")
    return redirect(url_for("care.record_detail", record_id=record_id))


def draft_of(record_id: int, version: int) -> str:
    """Under which the phone keeps a change: what was begun on an older version must not fill a newer one."""
    return f"care-record-{record_id}-{version}"


def _found(record_id: int) -> tuple[CareRecord, Pupil]:
    return record_in_reach(record_id) or abort(404)


def _file(record: CareRecord, attachment_id: int) -> Attachment:
    """A file of a record for who reads its note: a photo says as much as words."""
    if not may_read(record):
        abort(404)
    held = files_of_records(db.session(), [record.id]).get(record.id, [])
    return next((one for one in held if one.id == attachment_id), None) or abort(404)


def _change(record: CareRecord, form: ChangeForm) -> None:
    edit_care(
        db.session(), record, kind=CareKind(form.kind.data), occurred_on=form.occurred_on.data,
        note=form.note.data, detail=form.detail, files=form.cleaned_files(), client_key=form.key,
        version=form.seen_version, by=current_user.id,
    )  # fmt: skip


def _opened_page(record: CareRecord, pupil: Pupil) -> str:
    """The form with what stands there; that the note was seen is logged."""
    form = ChangeForm(formdata=None)
    form.offer_kinds()
    note = readable_notes(db.session(), pupil.id, [record]).get(record.id)
    form.fill(record, note, details_of(db.session(), [record.id]).get(record.id, Detail()))
    page = _edit_page(form, record, pupil)
    db.session.commit()
    return page


def _edit_page(form: ChangeForm, record: CareRecord, pupil: Pupil) -> str:
    draft = draft_of(record.id, record.version)
    return render_template("care/record_edit.html", form=form, record=record, pupil=pupil, draft=draft)


def _may_see_history(record: CareRecord, changes: list[Change]) -> bool:
    """What was once a counselling record's note stays its author's."""
    was_counselling = any(change.before["kind"] == COUNSELLING for change in changes)
    return record.recorded_by == current_user.id or not was_counselling
