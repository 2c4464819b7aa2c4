"""The staff of a school or district, managed by its principal or officers."""

from functools import wraps
from typing import Any, cast

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from lxsaas.accounts import actions, queries, sessions
from lxsaas.accounts.access import View, realm, requires
from lxsaas.accounts.forms import ROLE_NAMES, AccountForm, show_error
from lxsaas.accounts.tables import Account, tables_of
from lxsaas.accounts.views import both, log
from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db

PAGE_SIZE = 50


def manages(view: View) -> View:
    """States the permission of a route that serves both kinds of address, each with its own."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return requires(tables_of(realm()).manage)(view)(*args, **kwargs)

    guarded.permission = Permission.MANAGE_STAFF  # type: ignore[attr-defined]
    return cast(View, guarded)


@both("/staff", methods=("GET", "POST"))
@manages
def staff_list() -> str:
    """The colleagues; searched by POST, for names belong in no address."""
    words = request.form.get("q", "").strip()
    sort = request.values.get("sort", "name")
    page = db.paginate(
        queries.accounts_like(realm(), words, sort),
        page=request.values.get("page", 1, type=int), per_page=PAGE_SIZE, error_out=False,
    )  # fmt: skip
    return render_template(
        "accounts/staff_list.html", page=page, words=words, sort=sort, role_names=ROLE_NAMES
    )  # fmt: skip


@both("/staff/new", methods=("GET", "POST"))
@manages
def add_staff() -> Response | str:
    form = offered(AccountForm())
    if form.validate_on_submit():
        try:
            account = actions.create_account(
                db.session(), realm(), username=form.username.data, name=form.name.data,
                roles=form.roles.data, email=form.email.data, by=current_user.id,
            )  # fmt: skip
            assign(account, form)
            code = sessions.invite(db.session(), realm(), account, by=current_user.id)
        except RuleError as error:
            db.session.rollback()
            show_error(form, error)
        else:
            db.session.commit()
            return show_code(account, code)
    return render_template("accounts/staff_form.html", form=form, account=None)


@both("/staff/<int:staff_id>", methods=("GET", "POST"))
@manages
def edit_staff(staff_id: int) -> Response | str:
    account = load(staff_id)
    form = offered(AccountForm(obj=account))
    if "classes" in form and not form.is_submitted():
        today = clock.today(realm().timezone)
        form.classes.data = list(db.session.scalars(queries.classes_taught_by(account.id, today)))
    if "townships" in form and not form.is_submitted():
        form.townships.data = account.township_ids or []
    if form.validate_on_submit():
        try:
            actions.edit_account(
                db.session(), realm(), account, name=form.name.data, roles=form.roles.data,
                email=form.email.data, is_active=form.is_active.data, by=current_user.id,
            )  # fmt: skip
            assign(account, form)
        except RuleError as error:
            db.session.rollback()
            show_error(form, error)
        else:
            db.session.commit()
            flash(gettext("Saved."), "success")
            return redirect(url_for("accounts.staff_list"))
    return render_template("accounts/staff_form.html", form=form, account=load(staff_id))


@both("/staff/<int:staff_id>/invitations", methods=("POST",))
@manages
def invite_staff(staff_id: int) -> str:
    """A new one-time link: for a first sign-in, or when a password was forgotten."""
    account = load(staff_id)
    code = sessions.invite(db.session(), realm(), account, by=current_user.id)
    db.session.commit()
    return show_code(account, code)


@both("/staff/<int:staff_id>/sessions/end", methods=("POST",))
@manages
def end_staff_sessions(staff_id: int) -> Response:
    account = load(staff_id)
    sessions.end_sessions(db.session(), realm(), account.id, by=current_user.id)
    db.session.commit()
    flash(gettext("%(name)s is signed out everywhere.", name=account.name), "success")
    return redirect(url_for("accounts.edit_staff", staff_id=staff_id))


def load(staff_id: int) -> Account:
    """The colleague, who must have an account at this very address."""
    return db.session.get(tables_of(realm()).staff, (realm().id, staff_id)) or abort(404)


def offered(form: AccountForm) -> AccountForm:
    """The form with the roles and classes of this place."""
    roles = tables_of(realm()).roles
    if realm().kind == "school":
        classes = db.session.scalars(queries.classes())
        form.offer(roles, classes=[(one.id, class_name(one.grade, one.number)) for one in classes])
    else:
        townships = db.session.execute(queries.townships())
        form.offer(roles, townships=[(row[0], row[1]) for row in townships])
    return form


def class_name(grade: int, number: int) -> str:
    return str(gettext("Grade %(grade)s, class %(number)s", grade=grade, number=number))


def assign(account: Account, form: AccountForm) -> None:
    if "townships" in form:
        actions.limit_to_townships(
            db.session(), realm(), account, form.townships.data or [], by=current_user.id
        )  # fmt: skip
    if "classes" in form:
        today = clock.today(realm().timezone)
        actions.assign_classes(
            db.session(), realm(), account, form.classes.data or [], on=today, by=current_user.id
        )  # fmt: skip


def show_code(account: Account, code: str) -> str:
    """Shows the one-time link, once: it is in no address, no log and not in the database."""
    link = url_for("accounts.invitation", _external=True) + f"#{code}"
    log.info("invited", realm=realm().path)
    return render_template("accounts/invited.html", account=account, code=code, link=link)
