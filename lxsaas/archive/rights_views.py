"""Consent and rights: purposes agreed to, the copy of the file, requests, erasure."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.archive import queries
from lxsaas.archive.child_file import ChildFile, kept_file, load_file
from lxsaas.archive.copy_of_file import Others, facts_of, tables_of
from lxsaas.archive.erasure import erase_pupil_secrets
from lxsaas.archive.law import ANSWER_DAYS, FIELD_NAMES
from lxsaas.archive.views import blueprint
from lxsaas.core.crypto import school_cipher
from lxsaas.core.permissions import Permission
from lxsaas.core.versioned import Versioned
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import named
from lxsaas.pupils.secrets import open_secrets
from lxsaas.registers.history import changes_of

PAGE_SIZE = 50
add_tile("year", "archive.former_pupils", lazy_gettext("Former pupils"), "users", Permission.MANAGE_YEAR)


@blueprint.get("/pupils/<int:pupil_id>/rights")
@requires(Permission.VIEW_SECRETS)
def rights(pupil_id: int) -> str:
    """What the guardians agreed to and asked for."""
    pupil = reach.kept_or_404(pupil_id)
    consents = db.session.scalars(queries.consents_of(pupil.school_id, [pupil.id])).all()
    return render_template(
        "archive/rights.html",
        pupil=pupil,
        held={one.purpose: one for one in reversed(consents)},
        requests=db.session.scalars(queries.corrections_of(pupil.school_id, pupil.id)).all(),
        answer_days=timedelta(days=ANSWER_DAYS),
        today=reach.today(),
    )


@blueprint.get("/pupils/<int:pupil_id>/copy")
@requires(Permission.VIEW_SECRETS)
def file_copy(pupil_id: int) -> str:
    """What the school holds, to print for the guardian; that it was opened is logged."""
    file = _file_to_copy(pupil_id)
    pupil, others = file.pupil, Others.of(db.session(), file.pupil)
    cipher = school_cipher(db.session(), realm().id)
    rows = [*file.sealed_rows, *others.rows]
    opened = open_secrets(db.session(), cipher, pupil, rows, by=current_user.id, why="copy")
    tables = [one for one in tables_of(db.session(), file, others, opened) if one.rows]
    shown = render_template(
        "archive/copy.html",
        pupil=pupil,
        facts=facts_of(file, opened),
        tables=tables,
        left=_has_left(pupil),
        today=reach.today(),
    )
    db.session.commit()
    return shown


def _file_to_copy(pupil_id: int) -> ChildFile:
    """A file that one keeps whole; of a child that left, for who sees the whole school. 404 for others."""
    pupil = _of_the_school(pupil_id)
    # Of a child whose file another school has received nothing is left.
    if pupil is not None and _has_left(pupil) and pupil.name:
        return kept_file(db.session(), pupil, reach.today())
    file = load_file(db.session(), pupil_id)
    return file if file.keeps else abort(404)


def _of_the_school(pupil_id: int) -> Pupil | None:
    """A pupil of today or of former times, for who sees the whole school."""
    return db.session.get(Pupil, (realm().id, pupil_id)) if reach.whole_school() else None


def _has_left(pupil: Pupil) -> bool:
    return pupil.left_on is not None and pupil.left_on <= reach.today()


@blueprint.get("/pupils/<int:pupil_id>/history")
@requires(Permission.VIEW_SECRETS)
def history(pupil_id: int) -> str:
    """What stood in the file before it was changed, and who changed it; the sight is logged."""
    pupil = reach.kept_or_404(pupil_id)
    rows = db.session.scalars(queries.profiles_of(pupil.school_id, [pupil.id])).all()
    members = db.session.scalars(queries.every_member_of(pupil.school_id, pupil.id)).all()
    cipher = school_cipher(db.session(), realm().id)
    open_secrets(db.session(), cipher, pupil, [], by=current_user.id, why="history")
    file: list[Versioned] = [pupil, *rows, *members]
    changes = [
        (change, getattr(row, "name", pupil.name)) for row in file for change in changes_of(db.session(), row)
    ]
    changes.sort(key=lambda one: one[0].at, reverse=True)
    shown = render_template("archive/history.html", pupil=pupil, changes=changes, names=FIELD_NAMES)
    db.session.commit()
    return shown


@blueprint.route("/former-pupils", methods=["GET", "POST"])
@requires(Permission.MANAGE_YEAR)
def former_pupils() -> str:
    """Children who left the school; looked for by POST, for names belong in no address."""
    wanted = request.form.get("q", "").strip()
    query = db.select(Pupil).where(
        Pupil.school_id == realm().id, Pupil.left_on <= reach.today(), Pupil.name != ""
    )
    if wanted:
        query = query.where(named(wanted))
    page = db.paginate(
        query.order_by(Pupil.left_on.desc(), Pupil.pinyin, Pupil.id),
        page=request.values.get("page", 1, type=int), per_page=PAGE_SIZE, error_out=False,
    )  # fmt: skip
    return render_template("archive/former_pupils.html", page=page, wanted=wanted)


@blueprint.route("/pupils/<int:pupil_id>/erasure", methods=["GET", "POST"])
@requires(Permission.MANAGE_YEAR)
def erasure(pupil_id: int) -> BaseResponse | str | tuple[str, int]:
    """Erases what no law wants kept: for a pupil of the school, or one who left it."""
    pupil = _of_the_school(pupil_id) or abort(404)
    left = _has_left(pupil)
    agreed = request.form.get("agreed") == "yes"
    if request.method == "POST" and agreed:
        erase_pupil_secrets(db.session(), pupil, today=reach.today(), by=current_user.id)
        db.session.commit()
        flash(gettext("Erased. What was erased is in no earlier version either."), "success")
        if left:
            return redirect(url_for("archive.former_pupils"))
        return redirect(url_for("archive.rights", pupil_id=pupil.id))
    page = render_template(
        "archive/erasure.html", pupil=pupil, left=left, unconfirmed=request.method == "POST"
    )
    return (page, 422) if request.method == "POST" else page
