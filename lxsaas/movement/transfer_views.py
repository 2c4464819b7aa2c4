"""Pages of a transfer: offering a child's file, receiving one with the code, what the former school sent."""

import json
from typing import Any

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField
from wtforms.validators import InputRequired

from lxsaas.accounts.access import realm, requires
from lxsaas.accounts.forms import show_error
from lxsaas.accounts.queries import classes
from lxsaas.core.audit import audit
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.core.scope import acting_for_school, looking_up
from lxsaas.extensions import db, limiter, session_for
from lxsaas.movement import transfer_actions, transfer_queries
from lxsaas.movement.arrivals import receive_pupil
from lxsaas.movement.transfer_file import documents_of, named_in
from lxsaas.movement.transfer_models import FormerFile, TransferPackage
from lxsaas.movement.views import blueprint
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.pupils.sections import Section, add_section
from lxsaas.pupils.whole_file import parts_of_file
from lxsaas.registers.forms import line, tick
from lxsaas.schools.models import School, SchoolClass

add_tile("year", "movement.transfers", lazy_gettext("Transfers"), "school", Permission.MANAGE_YEAR)
add_section(
    Section("movement.transfer_new", lazy_gettext("Transfer"), "school", Permission.MANAGE_YEAR, of_file=True)
)
add_section(
    Section(
        "movement.former_file", lazy_gettext("File of the former school"), "file-import",
        Permission.VIEW_SECRETS, of_file=True,
    )
)  # fmt: skip


class OfferForm(FlaskForm):
    to_school = line(lazy_gettext("Receiving school: name or address"))
    is_outside = tick(lazy_gettext("This school does not use the system: it gets the file on paper"))
    agreed = BooleanField(
        lazy_gettext("The guardians agree that the file is handed over"),
        validators=[InputRequired(lazy_gettext("Ask the guardians first."))],
    )


@blueprint.get("/transfers")
@requires(Permission.MANAGE_YEAR)
def transfers() -> str:
    """What was offered, what is offered to us; children that arrived elsewhere are forgotten here."""
    session, school_id, today = db.session(), realm().id, reach.today()
    transfer_actions.drop_expired(session, school_id=school_id, today=today)
    transfer_actions.forget_received(session, school_id=school_id, today=today)
    session.commit()
    return render_template(
        "movement/transfers.html",
        sent=session.execute(transfer_queries.sent(school_id)).all(),
        offered=session.scalars(transfer_queries.offered(school_id, today)).all(),
        arrived=session.execute(transfer_queries.arrived(school_id)).all(),
    )


@blueprint.route("/pupils/<int:pupil_id>/transfer", methods=["GET", "POST"])
@requires(Permission.MANAGE_YEAR)
def transfer_new(pupil_id: int) -> str | tuple[str, int]:
    """Offers a child's file; the code is shown this once."""
    pupil, form = reach.kept_or_404(pupil_id), OfferForm()
    if form.validate_on_submit():
        try:
            package, code = _offer(form, pupil)
        except RuleError as error:
            db.session.rollback()
            pupil = reach.kept_or_404(pupil_id)
            show_error(form, error)
        else:
            shown = render_template("movement/transfer_code.html", pupil=pupil, package=package, code=code)
            db.session.commit()
            return shown
    shown = render_template("movement/transfer_form.html", pupil=pupil, form=form)
    return (shown, 422) if request.method == "POST" else shown


def _offer(form: OfferForm, pupil: Any) -> tuple[TransferPackage, str]:
    session, today = db.session(), reach.today()
    # One that has expired must not stand in the way of a new one.
    transfer_actions.drop_expired(session, school_id=realm().id, today=today)
    to_school_id, to_name = None, str(form.to_school.data)
    chapters = []
    if not form.is_outside.data:
        to_school_id, to_name = _school_called(to_name)
        chapters = parts_of_file(session, school_cipher(session, realm().id), pupil, today)
    return transfer_actions.offer_pupil(
        session, pupil, to_school_id=to_school_id, to_name=to_name, from_name=realm().name,
        chapters=chapters, today=today, by=current_user.id,
    )  # fmt: skip


def _school_called(words: str) -> tuple[int, str]:
    """A school of the directory by its address or exact name. Raises RuleError."""
    with session_for(looking_up()) as session:
        found = session.scalars(transfer_queries.school_called(words)).all()
        if len(found) != 1:
            raise RuleError("transfer_school_unknown", field="to_school")
        return found[0].id, found[0].name


@blueprint.post("/transfers/<int:package_id>/withdrawal")
@requires(Permission.MANAGE_YEAR)
def transfer_withdraw(package_id: int) -> BaseResponse:
    """Takes an offer back."""
    package = _package(package_id, TransferPackage.school_id)
    done = gettext("Withdrawn. The child stays.")
    return _settled(lambda: transfer_actions.withdraw_offer(db.session(), package, by=current_user.id), done)


@blueprint.post("/transfers/<int:package_id>/confirmation")
@requires(Permission.MANAGE_YEAR)
def transfer_confirm(package_id: int) -> BaseResponse:
    """A school outside the system has the child: it is forgotten here."""
    package = _package(package_id, TransferPackage.school_id)
    if package.to_school_id is not None:
        abort(404)
    done = gettext("The child has left; only the figures stay.")
    return _settled(lambda: transfer_actions.confirm_outside(db.session(), package, by=current_user.id), done)


@blueprint.post("/transfers/<int:package_id>/refusal")
@requires(Permission.MANAGE_YEAR)
def transfer_refuse(package_id: int) -> BaseResponse:
    """The school does not take the child."""
    package = _package(package_id, TransferPackage.to_school_id)
    done = gettext("Refused. The former school sees it.")
    return _settled(lambda: transfer_actions.refuse_offer(db.session(), package, by=current_user.id), done)


@blueprint.route("/transfers/<int:package_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_YEAR)
@limiter.limit("30 per minute", methods=["POST"])
def transfer(package_id: int) -> str | tuple[str, int]:
    """An offer: who sent it; with the code, whom it is about (which is logged), and into which class."""
    package = _package(package_id, TransferPackage.to_school_id)
    if request.method == "GET":
        return _offer_page(package)
    try:
        file = transfer_actions.open_offer(package, request.form.get("code", "")[:40], today=reach.today())
    except RuleError as error:
        return _offer_page(package, error), 422
    audit(
        db.session(), "open_transfer", "transfer_package", package.id,
        school_id=realm().id, by=current_user.id,
    )  # fmt: skip
    shown = _offer_page(package, child=named_in(file))
    db.session.commit()
    return shown


@blueprint.post("/transfers/<int:package_id>/receipt")
@requires(Permission.MANAGE_YEAR)
@limiter.limit("30 per minute")
def transfer_receive(package_id: int) -> BaseResponse | tuple[str, int]:
    """Takes the child over; then the former school forgets it."""
    package = _package(package_id, TransferPackage.to_school_id)
    chosen = db.session.get(SchoolClass, (realm().id, request.form.get("class_id", 0, type=int)))
    try:
        if chosen is None:
            raise RuleError("required", field="class_id")
        pupil = receive_pupil(
            db.session(), package, code=request.form.get("code", "")[:40], class_id=chosen.id,
            today=reach.today(), by=current_user.id,
        )  # fmt: skip
    except RuleError as error:
        db.session.rollback()
        return _offer_page(_package(package_id, TransferPackage.to_school_id), error), 422
    pupil_id, former = pupil.id, package.school_id
    db.session.commit()
    _let_forget(former)
    flash(gettext("Received. The former school keeps only its figures."), "success")
    return redirect(url_for("pupils.pupil_detail", pupil_id=pupil_id))


@blueprint.get("/pupils/<int:pupil_id>/former-file")
@requires(Permission.VIEW_SECRETS)
def former_file(pupil_id: int) -> str:
    """What the former school's file held; the sight is logged."""
    pupil = reach.kept_or_404(pupil_id)
    files = db.session.scalars(transfer_queries.former_files(pupil.school_id, pupil.id)).all()
    held = [(one, _chapters(one)) for one in files]
    shown = render_template("movement/former_file.html", pupil=pupil, held=held)
    db.session.commit()
    return shown


@blueprint.get("/pupils/<int:pupil_id>/former-files/<int:former_file_id>/<int:number>")
@requires(Permission.VIEW_SECRETS)
def former_document(pupil_id: int, former_file_id: int, number: int) -> Response:
    """A photo or document that came with the file."""
    pupil = reach.kept_or_404(pupil_id)
    query = transfer_queries.former_files(pupil.school_id, pupil.id).where(FormerFile.id == former_file_id)
    file = db.session.scalars(query).one_or_none() or abort(404)
    documents = documents_of(_chapters(file))
    db.session.commit()
    if number >= len(documents):
        abort(404)
    one = documents[number]
    kind = "image/jpeg" if one.is_photo else "application/pdf"
    headers = {"Content-Disposition": f'attachment; filename="{one.name}"'}
    return Response(one.content, content_type=kind, headers=headers)


def _chapters(file: FormerFile) -> list[dict[str, Any]]:
    audit(
        db.session(), "view_former_file", "former_file", file.id,
        school_id=file.school_id, by=current_user.id, pupil_id=file.pupil_id,
    )  # fmt: skip
    cipher = school_cipher(db.session(), file.school_id)
    text = cipher.open(file.content_sealed, table="former_file", column="content_sealed", row_id=file.id)
    return list(json.loads(text or "{}")["chapters"])


def _package(package_id: int, side: Any) -> TransferPackage:
    """An offer by its id, on one's side of it, or 404."""
    query = select(TransferPackage).where(TransferPackage.id == package_id, side == realm().id)
    return db.session.scalars(query).one_or_none() or abort(404)


def _settled(settle: Any, done: str) -> BaseResponse:
    try:
        settle()
        transfer_actions.forget_received(db.session(), school_id=realm().id, today=reach.today())
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        flash(done, "success")
    return redirect(url_for("movement.transfers"))


def _offer_page(
    package: TransferPackage, error: RuleError | None = None, child: tuple[Any, ...] | None = None
) -> str:
    problem = {"field": error.field, "text": sentence(error, gettext)} if error else {}
    return render_template(
        "movement/transfer.html", package=package, problem=problem, child=child,
        code=request.form.get("code", "")[:40], classes=db.session.scalars(classes()).all(),
    )  # fmt: skip


def _let_forget(school_id: int) -> None:
    """In the former school's scope, which consented by its offer; its own page repeats it if this fails."""
    try:
        with session_for(looking_up()) as session:
            district_id = session.scalars(select(School.district_id).where(School.id == school_id)).one()
        with session_for(acting_for_school(school_id, district_id=district_id)) as session:
            transfer_actions.forget_received(session, school_id=school_id, today=reach.today())
            session.commit()
    except SQLAlchemyError:
        current_app.logger.warning("transfer_not_forgotten_yet")
