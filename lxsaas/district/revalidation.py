"""Answers that a browser had before are given again, after one look at the database, without the application.

What stands before the application in WSGI. An answer is kept under the whole address and every header of
the request on which it may depend, the cookie among them: it is given to that browser alone. It is given only
while the session lives, the district's version is the same, and so is the day; accounts count up the version.
Each browser is looked up every other second at most.
"""

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from time import monotonic
from typing import Any

import psycopg
import structlog
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wsgi import ClosingIterator

from lxsaas.accounts.realms import Realm
from lxsaas.config import Settings
from lxsaas.core import clock
from lxsaas.district import queries
from lxsaas.district.fragments import Kept
from lxsaas.extensions import STANDING_BIND, db

MARK = "lxsaas.kept_page"
"""In a request's WSGI environment: (realm, hash of the session's token, standing), set by the view."""
ANSWER_BYTES = 32_000_000
"""What one process keeps of answers."""
_DEPENDS_ON = (
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_COOKIE",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_HOST",
)
BROWSERS = 10_000
"""Of how many browsers one process keeps that they were looked up."""
_NOT_SENT_AGAIN = ("content-length", "content-type", "content-encoding")

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Standing:
    """All that an answer depends on besides the request itself: who is signed in, and this."""

    version: int
    """Of what the district is shown, and of its people's accounts."""
    day: date
    """Today in the district's time zone."""


@dataclass(frozen=True)
class Answer:
    """A kept answer, and for whom and until when it holds."""

    realm: Realm
    token_hash: bytes
    standing: Standing
    headers: Headers
    body: bytes
    etag: str

    def given(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """The answer, or that it has not changed to a browser that has it."""
        if self.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response(
                "304 NOT MODIFIED", [pair for pair in self.headers if pair[0].lower() not in _NOT_SENT_AGAIN]
            )
            return [b""]
        start_response("200 OK", list(self.headers))
        return [self.body]


class KeptAnswers:
    """The application, behind what it answered before."""

    trusted_for = 2.0
    """Seconds, give or take a half, for which a browser that was looked up is not looked up again:
    asking at once costs nothing, and who was signed out elsewhere sees for so long what is no child's."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._looked_up = Kept[tuple[float, Standing]](lambda _: 1, limit=BROWSERS)
        self._wsgi = app.wsgi_app
        settings: Settings = app.extensions["lxsaas.settings"]
        self._context_key = settings.context_key
        self._held = Kept[Answer](lambda answer: len(answer.body) + 2000, limit=ANSWER_BYTES)
        app.extensions["lxsaas.answers"] = self._held

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or not environ["PATH_INFO"].startswith("/d/"):
            return self._wsgi(environ, start_response)
        key = tuple(environ.get(name) for name in _DEPENDS_ON)
        answer = self._held.get(key)
        if answer is not None and self._standing(answer.realm, answer.token_hash) == answer.standing:
            return answer.given(environ, start_response)
        return self._asked(key, environ, start_response)

    def _asked(self, key: Any, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """The application's answer; kept where its view says that it may be."""
        told: list[tuple[str, list[tuple[str, str]]]] = []

        def hold(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            # Only a page that is marked is short enough to be held back.
            if MARK in environ and status.startswith("200"):
                told.append((status, headers))
                return None
            return start_response(status, headers, *error)

        body = self._wsgi(environ, hold)
        if not told:
            return body
        with closing(ClosingIterator(body)) as parts:
            whole = b"".join(parts)
        realm, token_hash, standing = environ[MARK]
        etag = f'"{hashlib.sha256(whole).hexdigest()[:24]}"'
        headers = [*told[0][1], ("ETag", etag)]
        answer = Answer(realm, token_hash, standing, headers, whole, etag)
        # A cookie that is set, or a notice that was shown once, must not come again.
        if not any(name.lower() == "set-cookie" for name, _ in headers):
            self._held.put(key, answer)
        return answer.given(environ, start_response)

    def _standing(self, realm: Realm, token_hash: bytes) -> Standing | None:
        """What an answer depends on, as of now or of a moment ago; None where the application must answer."""
        until, standing = self._looked_up.get(token_hash) or (0.0, None)
        if until < monotonic():
            standing = self._look_up(realm, token_hash)
            if standing is not None:
                # Not all at once: browsers that came together would be looked up together for good.
                until = monotonic() + self.trusted_for * random.uniform(0.5, 1.5)
                self._looked_up.put(token_hash, (until, standing))
        return standing

    def _look_up(self, realm: Realm, token_hash: bytes) -> Standing | None:
        """What an answer would depend on now; None where the application must answer itself.

        That is so, too, when the time of last use is to be written.
        """
        given = (realm.scope.token(self._context_key), token_hash)
        try:
            with closing(self._engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
                cursor.execute(queries.STANDING, given)
                row = cursor.fetchone()
        except (SQLAlchemyError, psycopg.Error) as error:
            # Connections that broke are left behind.
            self._engine.dispose()
            structlog.get_logger().warning("standing_unknown", error=type(error).__name__)
            return None
        if row is None:
            return None
        return Standing(row[0], clock.today(realm.timezone))

    @cached_property
    def _engine(self) -> Engine:
        with self._app.app_context():
            return db.engines[STANDING_BIND]
