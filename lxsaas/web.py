"""What all pages share: language, security headers, errors, navigation, health."""

from typing import Any

import structlog
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import Babel, gettext
from flask_login import current_user
from sqlalchemy import text
from sqlalchemy.exc import DataError
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from lxsaas import navigation
from lxsaas.accounts.access import is_local, public
from lxsaas.core.crypto import KeyDestroyedError
from lxsaas.core.errors import LxsaasError, NotFoundError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.core.scope import looking_up
from lxsaas.extensions import csrf, session_for, talisman
from lxsaas.indicators.charts import charts_of
from lxsaas.schools.labels import term_label

LANGUAGES = {"zh_Hans_CN": "中文", "en": "English"}
LANGUAGE_COOKIE = "language"
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

blueprint = Blueprint("web", __name__)


def init_web(app: Flask) -> None:
    """Binds languages, headers, error pages and template globals to the application."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=chosen_language, timezone_selector=realm_timezone)
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.globals["charts_of"] = charts_of
    app.jinja_env.filters["term"] = term_label
    app.jinja_env.globals["asked_here"] = asked_here
    app.jinja_env.globals["way_up"] = navigation.way_up
    secure = app.config["SESSION_COOKIE_SECURE"]
    # Before Talisman's own: what is bound last is run first.
    app.after_request(keep_inert)
    talisman.init_app(
        app,
        content_security_policy=POLICY,
        force_https=False,
        strict_transport_security=secure,
        session_cookie_secure=secure,
        referrer_policy="same-origin",
        frame_options="DENY",
    )
    app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(NotFoundError, lambda _error: show_status(404))
    app.register_error_handler(KeyDestroyedError, lambda error: show_status(410, sentence(error, gettext)))
    app.register_error_handler(DataError, show_unfit)
    app.register_error_handler(OverflowError, show_unfit)
    app.register_error_handler(Exception, show_failure)
    app.context_processor(page_context)
    app.after_request(keep_private)
    app.after_request(tell_address)
    app.teardown_request(close_uploads)


def chosen_language() -> str:
    """The signed-in person's choice, else this browser's, else what the browser asks for, else Chinese."""
    own = getattr(current_user, "language", None) if "realm" in g else None
    chosen = own or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    wish = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans-CN", "zh-Hans", "en"], "zh")
    return "en" if wish == "en" else "zh_Hans_CN"


def realm_timezone() -> str | None:
    return g.realm.timezone if "realm" in g else None


def asked_here() -> dict[str, list[str]]:
    """What the address asks for after its “?”, to be handed on to `url_for`.

    Without names that mean something to `url_for` or to our macros: anybody may write them into a link.
    """
    taken = {"endpoint", "form", "label", *(request.view_args or {})}
    given = request.args.to_dict(flat=False)
    return {name: value for name, value in given.items() if name[:1] != "_" and name not in taken}


def page_context() -> dict[str, Any]:
    """What base.html needs on each page."""
    # Mails are rendered from templates too, by workers.
    if not has_request_context():
        return {}
    realm = g.get("realm")
    return {
        "realm": realm,
        "realm_name": realm.name if realm else None,
        "navigation": navigation.items(),
        "account_url": url_for("accounts.account") if realm else None,
        "exports_url": url_for("exports.export_list") if realm else None,
        "sign_out_url": url_for("accounts.sign_out") if realm else None,
        "languages": LANGUAGES,
        "language": chosen_language(),
        "html_lang": "en" if chosen_language() == "en" else "zh-CN",
        "Permission": Permission,
    }


@blueprint.post("/language")
@csrf.exempt  # The token lies in the cookie of a school's address, which is not sent here.
@public
def set_language() -> BaseResponse:
    """Keeps the language for this browser; a signed-in person's switch keeps it with the account."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    back = request.form.get("next", "/")
    response = redirect(back if is_local(back) else "/")
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


@blueprint.get("/healthz")
@public
def health() -> tuple[dict[str, str], int]:
    """200 when the database answers; for the load balancer and docker-compose."""
    try:
        with session_for(looking_up()) as session:
            session.execute(text("select 1"))
    except Exception:
        structlog.get_logger().exception("health")
        return {"status": "database"}, 503
    return {"status": "ok"}, 200


def keep_private(response: Response) -> Response:
    """Pages below a realm show people's data: no cache keeps them."""
    if "realm" in g:
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def keep_inert(response: Response) -> Response:
    """What is not a page, such as a file that somebody uploaded, is shown as what it is and does nothing."""
    if response.mimetype != "text/html" and request.endpoint != "static":
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def tell_address(response: Response) -> Response:
    """A form that a script sends is told where to go on: it could not see a redirect, nor show its page."""
    if "X-Resend" in request.headers and response.status_code in (302, 303):
        response.headers["HX-Redirect"] = response.headers.pop("Location")
        response.status_code = 204
        response.set_data(b"")
    return response


def close_uploads(_error: BaseException | None) -> None:
    """Large uploads lie in temporary files, which nobody else closes."""
    read: MultiDict[str, FileStorage] = request.__dict__.get("files", MultiDict())
    for _, upload in read.items(multi=True):
        upload.close()


def show_http_error(error: HTTPException) -> BaseResponse | tuple[str, int]:
    if error.code is None or error.code < 400:
        return error.get_response()
    return show_status(error.code)


def show_unfit(_error: DataError | OverflowError) -> tuple[str, int]:
    """What no column or calendar holds, such as a NUL character or the week before year 1: not our fault."""
    structlog.get_logger().warning("unfit_value", endpoint=request.endpoint)
    return show_status(400)


def show_failure(error: Exception) -> tuple[str, int]:
    """An error nobody expected: logged without values, shown without details."""
    if isinstance(error, LxsaasError):
        return show_status(400, sentence(error, gettext))
    structlog.get_logger().exception("request_failed", endpoint=request.endpoint)
    return show_status(500)


def show_status(code: int, message: str | None = None) -> tuple[str, int]:
    return render_template("errors/error.html", code=code, message=message), code
