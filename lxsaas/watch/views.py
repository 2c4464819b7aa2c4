"""The operator's page and the figures for Prometheus, both behind the operator's token."""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from prometheus_client import CONTENT_TYPE_LATEST
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import public
from lxsaas.config import Settings
from lxsaas.core import clock
from lxsaas.extensions import limiter
from lxsaas.watch.metrics import scraped
from lxsaas.watch.nights import state_of_all

blueprint = Blueprint("watch", __name__)
P = ParamSpec("P")


def for_operator(view: Callable[P, Response | str]) -> Callable[P, BaseResponse]:
    """Asks for the operator's token, as Bearer or as HTTP Basic's password; 404 where none is set."""

    @public
    @limiter.limit("60 per minute")
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> BaseResponse:
        token = _settings().operator_token
        if not token:
            abort(404)
        given = request.authorization
        said = (given.token or given.password or "") if given else ""
        if not hmac.compare_digest(said.encode(), token.encode()):
            return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="lxsaas operator"'})
        answer = make_response(view(*args, **kwargs))
        answer.headers["Cache-Control"] = "private, no-store"
        return answer

    return guarded


@blueprint.get("/operator")
@for_operator
def operator_page() -> str:
    """Nights, units, mail and alarms of every district."""
    now = clock.now()
    return render_template(
        "watch/operator.html", now=now, districts=state_of_all(now, _settings().night_deadline)
    )


@blueprint.get("/metrics")
@for_operator
def metrics() -> Response:
    """The same in Prometheus' text format."""
    return Response(scraped(clock.now(), _settings().night_deadline), content_type=CONTENT_TYPE_LATEST)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["lxsaas.settings"]
    return settings
