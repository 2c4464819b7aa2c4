"""The operator's page and the figures for Prometheus, both behind the operator's token."""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from flask_babel import lazy_gettext
from prometheus_client import CONTENT_TYPE_LATEST
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import public
from lxsaas.config import Settings
from lxsaas.core import clock
from lxsaas.extensions import limiter
from lxsaas.watch import throttle
from lxsaas.watch.metrics import scraped
from lxsaas.watch.nights import state_of_all

blueprint = Blueprint("watch", __name__)
P = ParamSpec("P")
MAIL_STATES = {
    "none": lazy_gettext("no mail"),
    "pending": lazy_gettext("mail waits"),
    "claimed": lazy_gettext("mail in hand"),
    "sending": lazy_gettext("mail on its way"),
    "sent": lazy_gettext("mail sent"),
    "retry": lazy_gettext("mail is tried again"),
    "failed": lazy_gettext("mail failed"),
    "unknown": lazy_gettext("mail may not have arrived"),
    "bounced": lazy_gettext("mail came back"),
    "expired": lazy_gettext("mail not sent any more"),
}
"""States of report mails and of the mails of alarms."""


def for_operator(view: Callable[P, BaseResponse | str]) -> Callable[P, BaseResponse]:
    """Asks for the operator's token, as Bearer or as HTTP Basic's password; 404 where none is set."""

    @public
    @limiter.limit("60 per minute")
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> BaseResponse:
        token = installed().operator_token
        if not token:
            abort(404)
        if wait := throttle.guessing():
            return Response(status=429, headers={"Retry-After": str(wait)})
        if not _is_said(token):
            return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="lxsaas operator"'})
        answer = make_response(view(*args, **kwargs))
        answer.headers["Cache-Control"] = "private, no-store"
        return answer

    return guarded


def _is_said(token: str) -> bool:
    """Whether the request bears the token; a wrong one is counted, none at all is not."""
    given = request.authorization
    if given is None:
        return False
    is_right = hmac.compare_digest((given.token or given.password or "").encode(), token.encode())
    if not is_right:
        throttle.note_wrong_token()
    return is_right


@blueprint.get("/operator")
@for_operator
def operator_page() -> str:
    """Nights, units, mail and alarms of every district."""
    now = clock.now()
    watched = state_of_all(now, installed().night_deadline)
    return render_template("watch/operator.html", now=now, watched=watched, mail_states=MAIL_STATES)


@blueprint.get("/metrics")
@for_operator
def metrics() -> Response:
    """The same in Prometheus' text format."""
    return Response(scraped(clock.now(), installed().night_deadline), content_type=CONTENT_TYPE_LATEST)


def installed() -> Settings:
    """How this installation is set up."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    return settings
