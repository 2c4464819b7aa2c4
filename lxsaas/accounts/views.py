"""Signing in and out, taking up an invitation, one's own account."""

from collections.abc import Callable

import structlog
from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from lxsaas.accounts import actions, messages, queries, sessions, signed_in, throttle
from lxsaas.accounts.access import View, at_both, is_inside, public, realm, requires, to_sign_in
from lxsaas.accounts.devices import device_name
from lxsaas.accounts.forms import InvitationForm, LanguageForm, PasswordForm, SignInForm, show_error
from lxsaas.accounts.tables import Account
from lxsaas.core.clock import now
from lxsaas.core.errors import RuleError
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.navigation import first_page

__all__ = ["blueprint", "messages", "signed_in"]

blueprint = Blueprint("accounts", __name__)
log = structlog.get_logger()


def both(rule: str, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """A route of accounts below a school's and below a district's address."""
    return at_both(blueprint, rule, methods=methods)


@both("/")
@public
def home() -> Response:
    """The first page that the signed-in person may open."""
    return redirect(first_page()) if current_user.is_authenticated else to_sign_in()


@both("/sign-in", methods=("GET", "POST"))
@public
def sign_in() -> Response | str | tuple[str, int]:
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form)
    username = actions.username_of(form.username.data)
    known = db.session.scalars(queries.account_named(realm(), username)).one_or_none()
    g.sign_in_account_id = known.id if known else None
    wait = throttle.seconds_to_wait(username)
    if wait:
        return render_template("accounts/sign_in.html", form=form, wait=-(-wait // 60)), 429
    account = actions.authenticate(
        db.session(), realm(), username=username, password=form.password.data
    )  # fmt: skip
    if account is None:
        throttle.note_failure(username)
        return render_template("accounts/sign_in.html", form=form, refused=True), 401
    return _enter(account)


def _enter(account: Account) -> Response:
    """Opens a session for an account and goes where the person wanted to go."""
    token = sessions.open_session(
        db.session(), realm(), account, device=request.user_agent.string
    )  # fmt: skip
    db.session.commit()
    wanted = request.args.get("next", "")
    # A cookie from before must not become the signed-in one.
    session.clear()
    session.permanent = True
    login_user(signed_in.SignedIn(account, session_id=None, token=token))
    response = redirect(wanted if is_inside(wanted) else first_page())
    throttle.remember_device(response, account.id)
    return response


@both("/sign-out", methods=("POST",))
@public
def sign_out() -> Response:
    """Ends the session on the server, then in the browser."""
    if current_user.is_authenticated:
        sessions.end_session(
            db.session(), realm(), current_user.session_id, staff_id=current_user.id
        )  # fmt: skip
        db.session.commit()
        logout_user()
        session.clear()
    return redirect(url_for("accounts.sign_in"))


@both("/invitation", methods=("GET", "POST"))
@public
def invitation() -> Response | str | tuple[str, int]:
    """A new colleague sets a password; the code comes typed, or from the link's part that no server sees."""
    form = InvitationForm()
    if form.validate_on_submit():
        wait = throttle.seconds_to_wait(None)
        if wait:
            return render_template("accounts/invitation.html", form=form, wait=-(-wait // 60)), 429
        try:
            account = sessions.take_up(db.session(), realm(), form.code.data)
            if actions.username_of(form.username.data) != account.username:
                raise RuleError("invitation_invalid", field="code")
            actions.set_first_password(db.session(), realm(), account, form.password.data)
        except RuleError as error:
            db.session.rollback()
            # Who looks for a better password has not guessed at a code.
            if error.field == "code":
                throttle.note_failure(None)
            show_error(form, error)
        else:
            return _enter(account)
    return render_template("accounts/invitation.html", form=form)


@both("/account")
@requires(Permission.OWN_ACCOUNT)
def account() -> str:
    return _account_page(PasswordForm(formdata=None))


def _account_page(form: PasswordForm) -> str:
    mine = db.session.scalars(queries.live_sessions_of(realm(), current_user.id, now())).all()
    language = LanguageForm(formdata=None, language=current_user.language or str(get_locale()))
    return render_template(
        "accounts/account.html", form=form, language_form=language, sessions=mine, device_name=device_name
    )


@both("/account/password", methods=("POST",))
@requires(Permission.OWN_ACCOUNT)
def change_password() -> Response | str:
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            throttle.check_own_attempts("current")
            actions.change_password(
                db.session(), realm(), current_user.account,
                current=form.current.data, new=form.password.data, keep=current_user.session_id,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            if error.code == "password_wrong":
                throttle.note_own_failure()
            show_error(form, error)
        else:
            db.session.commit()
            flash(gettext("The password is changed; other browsers are signed out."), "success")
            return redirect(url_for("accounts.account"))
    return _account_page(form)


@both("/account/language", methods=("POST",))
@requires(Permission.OWN_ACCOUNT)
def choose_language() -> Response:
    form = LanguageForm()
    if form.validate_on_submit():
        actions.choose_language(db.session(), current_user.account, form.language.data)
        db.session.commit()
    back = request.form.get("next", "")
    return redirect(back if is_inside(back) else url_for("accounts.account"))


@both("/account/sessions/end", methods=("POST",))
@requires(Permission.OWN_ACCOUNT)
def end_own_sessions() -> Response:
    """Ends the session named, or all but this one."""
    session_id = request.form.get("session_id", type=int)
    if session_id is not None:
        sessions.end_session(db.session(), realm(), session_id, staff_id=current_user.id)
    else:
        keep, own = current_user.session_id, current_user.id
        sessions.end_sessions(db.session(), realm(), own, by=own, keep=keep)
    db.session.commit()
    flash(gettext("Signed out there."), "success")
    return redirect(url_for("accounts.account"))
