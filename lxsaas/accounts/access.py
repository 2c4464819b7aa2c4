"""Who may enter which route: binds requests to the realm of their address, checks the permission stated."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import unquote, urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    has_request_context,
    redirect,
    request,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.realms import Realm, RealmCache, RealmKind, find_realm
from lxsaas.core.errors import NotFoundError
from lxsaas.core.permissions import Permission
from lxsaas.core.scope import entered, looking_up
from lxsaas.extensions import session_for

P = ParamSpec("P")
R = TypeVar("R")
View = TypeVar("View", bound=Callable[..., Any])
_realms = RealmCache()


def requires(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R | BaseResponse]]:
    """States what a route demands; it is refused to everybody else.

    Not signed in: sent to the sign-in page of the address (to return afterwards). Signed in without the
    permission: 403.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R | BaseResponse]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | BaseResponse:
            if not current_user.is_authenticated:
                return to_sign_in()
            if permission not in current_user.permissions:
                abort(403)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(view: Callable[P, R]) -> Callable[P, R]:
    """States that a route is open to everybody; the guardrail tests want one or the other on each."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def at_both(blueprint: Blueprint, rule: str, *, methods: Sequence[str] = ("GET",)) -> Callable[[View], View]:
    """The same route below a school's and below a district's address."""

    def add(view: View) -> View:
        for prefix in ("/s/<school_slug>", "/d/<district_slug>"):
            blueprint.add_url_rule(f"{prefix}{rule}", view.__name__, view, methods=methods)
        return view

    return add


def realm() -> Realm:
    """The realm of this request's address; 404 outside one."""
    if "realm" not in g:
        abort(404)
    return cast(Realm, g.realm)


def to_sign_in() -> Response | BaseResponse:
    """A redirect to the sign-in page of this address, by which htmx leaves the page too."""
    back = urlsplit(request.full_path if request.method == "GET" else realm().path)
    target = url_for("accounts.sign_in", next=back.path + (f"?{back.query}" if back.query else ""))
    if request.headers.get("HX-Request"):
        return current_app.response_class(status=204, headers={"HX-Redirect": target})
    return redirect(target)


def is_local(address: str) -> bool:
    """Whether an address stays on this site: no scheme, no host, no //elsewhere, no control character."""
    return address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()


def is_inside(address: str) -> bool:
    """Whether an address stays below this realm's path; browsers resolve '..' and '%2e%2e' before asking."""
    steps = unquote(address.partition("?")[0]).replace("\\", "/").split("/")
    return is_local(address) and address.startswith(realm().path) and ".." not in steps


def init_access(app: Flask) -> None:
    """Installs realms: addresses below /s/<school>/ and /d/<district>/ run in their scope."""
    app.session_interface = RealmCookies()
    app.url_value_preprocessor(_bind)
    app.url_defaults(lambda endpoint, values: _add_address(app, endpoint, values))
    app.teardown_request(_leave)


def _bind(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    kinds: tuple[RealmKind, ...] = ("school", "district")
    for kind in kinds:
        slug = (values or {}).pop(f"{kind}_slug", None)
        if slug is not None:
            g.realm = _find(kind, slug)
            g.leave_scope = entered(g.realm.scope)
            g.leave_scope.__enter__()


def _add_address(app: Flask, endpoint: str, values: dict[str, Any]) -> None:
    if has_request_context() and "realm" in g:
        key = f"{g.realm.kind}_slug"
        if key not in values and app.url_map.is_endpoint_expecting(endpoint, key):
            values[key] = g.realm.slug


def _leave(_error: BaseException | None) -> None:
    context = g.pop("leave_scope", None)
    if context is not None:
        context.__exit__(None, None, None)


def _find(kind: RealmKind, slug: str) -> Realm:
    held = _realms.get(kind, slug)
    if held is None:
        try:
            with session_for(looking_up()) as session:
                held = find_realm(session, kind, slug)
        except NotFoundError:
            abort(404)
        _realms.put(held)
    return held


class RealmCookies(SecureCookieSessionInterface):
    """One cookie for each realm, sent to that realm's addresses only."""

    # Flask reads the cookie before it matches the address: the realm must be told from the address's text.

    def get_cookie_path(self, app: Flask) -> str:
        kind, slug = _realm_in(request.path)
        return f"/{kind}/{slug}/" if kind else "/"

    def get_cookie_name(self, app: Flask) -> str:
        # Without a name of its own the cookie of "/" would shadow the realm's.
        kind, _ = _realm_in(request.path)
        name = super().get_cookie_name(app)
        return f"{name}_{kind}" if kind else name


def _realm_in(path: str) -> tuple[str, str]:
    """('s', 'pingba') of '/s/pingba/care'; two empty strings outside every realm."""
    kind, _, rest = path.removeprefix("/").partition("/")
    slug = rest.partition("/")[0]
    return (kind, slug) if kind in ("s", "d") and slug else ("", "")
