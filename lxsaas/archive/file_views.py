"""The child's page: the five things known and what is missing, and the sealed fields on demand.

The addresses are those of the archive's list, so the views stand on its blueprint.
"""

from flask import abort, render_template, request
from flask_babel import lazy_gettext
from flask_login import current_user

from lxsaas.accounts.access import realm, requires
from lxsaas.archive import law, queries
from lxsaas.archive.child_file import ChildFile, lives_alone, load_file
from lxsaas.archive.five_known import KNOWN
from lxsaas.archive.views import blueprint as archive
from lxsaas.core.audit import audit
from lxsaas.core.crypto import school_cipher
from lxsaas.core.messages import N_
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.pupils.secrets import Opened, open_secrets
from lxsaas.pupils.sections import sections_for
from lxsaas.pupils.views import blueprint

PAGE_SIZE = 50
add_tile(
    "child", "archive.incomplete_files", lazy_gettext("Incomplete files"), "clipboard-text",
    Permission.EDIT_FILES,
)  # fmt: skip
KNOWN_NAMES = {
    "basics": N_("Basic data"),
    "character": N_("Character"),
    "interests": N_("Interests"),
    "health": N_("Health and medical history"),
    "contacts": N_("Contacts of parents and guardian"),
}


@blueprint.get("/pupils/<int:pupil_id>")
@requires(Permission.VIEW_PUPILS)
def pupil_detail(pupil_id: int) -> str:
    """One child's file, sealed fields closed; that it was looked at is logged."""
    file = load_file(db.session(), pupil_id)
    audit(db.session(), "view_pupil", "pupil", file.pupil.id, school_id=realm().id, by=current_user.id)
    shown = _page(file, opened=None)
    # Not before: a commit would have every row read again, one by one.
    db.session.commit()
    return shown


@blueprint.post("/pupils/<int:pupil_id>/secrets")
@requires(Permission.VIEW_SECRETS)
def pupil_secrets(pupil_id: int) -> str:
    """The same file with numbers, addresses and texts open; that they were seen is logged."""
    file = load_file(db.session(), pupil_id)
    if not file.keeps:
        abort(404)
    cipher = school_cipher(db.session(), realm().id)
    opened = open_secrets(db.session(), cipher, file.pupil, file.sealed_rows, by=current_user.id, why="file")
    shown = _page(file, opened=opened)
    db.session.commit()
    return shown


@archive.get("/incomplete-files")
@requires(Permission.EDIT_FILES)
def incomplete_files() -> str:
    """The care targets whose file lacks one of the five things, with which."""
    query = queries.incomplete(reach.kept(), reach.care_definition(), reach.today())
    page = Page.of(db.session.execute(query).all(), request.args.get("page", 1, type=int), PAGE_SIZE)
    return render_template("archive/incomplete_files.html", page=page, known=KNOWN_NAMES)


def _page(file: ChildFile, *, opened: Opened | None) -> str:
    return render_template(
        "pupils/pupil_detail.html",
        file=file,
        pupil=file.pupil,
        opened=opened,
        known={code: KNOWN_NAMES[code] for code in KNOWN},
        law=law,
        alone=lives_alone(file),
        sections=sections_for(current_user.permissions, keeps=file.keeps),
        may_open=file.keeps and Permission.VIEW_SECRETS in current_user.permissions,
        may_edit=file.keeps and Permission.EDIT_FILES in current_user.permissions,
        today=reach.today(),
    )
