"""The forms that mend a child's file: what the register left open, the profile, the family."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.archive import actions, queries
from lxsaas.archive.forms import BasicsForm, MemberForm, ProfileForm
from lxsaas.archive.views import blueprint
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils import reach
from lxsaas.pupils.models import Guardian, Pupil
from lxsaas.pupils.secrets import open_secrets
from lxsaas.registers.forms import RegisterForm
from lxsaas.registers.hooks import tell_saved
from lxsaas.registers.rows import values_of

Answer = BaseResponse | str | tuple[str, int]


@blueprint.route("/pupils/<int:pupil_id>/profile", methods=["GET", "POST"])
@requires(Permission.EDIT_FILES)
def profile_form(pupil_id: int) -> Answer:
    """Character, interests, health, with whom the child lives."""
    pupil = reach.kept_or_404(pupil_id)
    held = db.session.scalars(queries.profiles_of(pupil.school_id, [pupil.id])).one_or_none()
    form = _form(ProfileForm, pupil, held)

    def save() -> None:
        actions.save_profile(
            db.session(), pupil, values=form.values(), version=form.seen_version, today=reach.today(),
            by=current_user.id,
        )  # fmt: skip

    return _answer(form, save, pupil, lazy_gettext("Character, interests, health"))


@blueprint.route("/pupils/<int:pupil_id>/basics", methods=["GET", "POST"])
@requires(Permission.EDIT_FILES)
def basics_form(pupil_id: int) -> Answer:
    """What the register left open of a child."""
    pupil = reach.kept_or_404(pupil_id)
    form = _form(BasicsForm, pupil, pupil)

    def save() -> None:
        actions.edit_basics(
            db.session(), pupil, values=form.values(), version=form.seen_version, today=reach.today(),
            by=current_user.id,
        )  # fmt: skip

    return _answer(form, save, pupil, lazy_gettext("Basic data"))


@blueprint.route("/pupils/<int:pupil_id>/family/new", methods=["GET", "POST"])
@requires(Permission.EDIT_FILES)
def member_new(pupil_id: int) -> Answer:
    """A member of the family whom the register does not list."""
    pupil = reach.kept_or_404(pupil_id)
    form: Any = _form(MemberForm, pupil, None)

    def save() -> None:
        actions.add_member(
            db.session(), pupil, values=form.values(), checked=form.is_checked.data, today=reach.today(),
            by=current_user.id,
        )  # fmt: skip

    return _answer(form, save, pupil, lazy_gettext("Add a member of the family"))


@blueprint.route("/guardians/<int:guardian_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_FILES)
def member_edit(guardian_id: int) -> Answer:
    """Changes a member of the family."""
    member, pupil = member_or_404(guardian_id)
    form: Any = _form(MemberForm, pupil, member)

    def save() -> None:
        actions.edit_member(
            db.session(), member, values=form.values(), checked=form.is_checked.data,
            version=form.seen_version, today=reach.today(), by=current_user.id,
        )  # fmt: skip

    return _answer(form, save, pupil, lazy_gettext("Change a member of the family"), member=member)


@blueprint.post("/guardians/<int:guardian_id>/verification")
@requires(Permission.EDIT_FILES)
def member_verification(guardian_id: int) -> BaseResponse:
    """Telephone and place of work were found right today: one tap."""
    member, pupil = member_or_404(guardian_id)
    return _tap(actions.verify_member, member, pupil, gettext("Noted as checked today."))


@blueprint.post("/guardians/<int:guardian_id>/removal")
@requires(Permission.EDIT_FILES)
def member_removal(guardian_id: int) -> BaseResponse:
    """Takes a member out of the family."""
    member, pupil = member_or_404(guardian_id)
    return _tap(actions.remove_member, member, pupil, gettext("Removed."))


def member_or_404(guardian_id: int) -> tuple[Guardian, Pupil]:
    """A member of a family whose file one keeps, with the child."""
    query = select(Guardian).where(
        Guardian.school_id == realm().id, Guardian.id == guardian_id, Guardian.removed_on.is_(None)
    )
    member = db.session.scalars(query).one_or_none() or abort(404)
    return member, reach.kept_or_404(member.pupil_id)


def _tap(action: Callable[..., None], member: Guardian, pupil: Pupil, done: str) -> BaseResponse:
    back = url_for("pupils.pupil_detail", pupil_id=pupil.id)
    version = request.form.get("version", 0, type=int)
    try:
        action(db.session(), member, version=version, today=reach.today(), by=current_user.id)
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        flash(done, "success")
    return redirect(back)


def _form(kind: type[RegisterForm], pupil: Pupil, row: Any) -> RegisterForm:
    """The form as it was sent, or filled with what stands; that it was seen is logged."""
    if request.method == "POST":
        form = kind()
    elif row is None:
        form = kind(formdata=None)
    else:
        cipher = school_cipher(db.session(), realm().id)
        open_secrets(db.session(), cipher, pupil, [], by=current_user.id, why=row.__tablename__)
        form = kind(formdata=None, data=values_of(row, cipher))
        form.version.data = str(row.version)
    del form.files
    return form


def _answer(form: RegisterForm, save: Callable[[], None], pupil: Pupil, title: object, **more: Any) -> Answer:
    back = url_for("pupils.pupil_detail", pupil_id=pupil.id)
    if request.method == "POST" and form.validate():
        try:
            save()
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            name = type(form).__name__.removesuffix("Form").lower()
            tell_saved(db.session(), realm().id, name, form.milliseconds)
            db.session.commit()
            flash(gettext("Saved."), "success")
            return redirect(back)
    page = render_template("archive/form.html", form=form, pupil=pupil, title=title, back=back, **more)
    if request.method == "POST":
        return page, 422
    db.session.commit()
    return page
