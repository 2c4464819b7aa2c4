"""Pages of figures: rendered once for all who see the same, sent again only when something has changed.

Two layers. The content of a page is a fragment, kept for everybody who sees the same: by district, its
version, day, permissions, townships, language and address. Around it stands the frame with the person's name
and token. The whole answer, compressed, is kept for one browser (`revalidation`), and is given again for as
long as that browser's session and account and the district's version are what they were.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import get_locale
from flask_login import current_user

from lxsaas.accounts.access import realm
from lxsaas.accounts.sessions import digest
from lxsaas.core import clock
from lxsaas.district import queries
from lxsaas.district.fragments import Kept
from lxsaas.district.revalidation import MARK, KeptAnswers, Standing
from lxsaas.extensions import db

FRAGMENT_BYTES = 32_000_000
"""What one process keeps of contents: some two hundred pages of a large district."""
_PARTS = "\x00"
"""Stands between the parts of a fragment: no text from the database can hold it."""

Load = Callable[[], Mapping[str, Any]]


def init_kept_pages(app: Flask) -> None:
    """Gives the application stores of its own."""
    app.extensions["lxsaas.fragments"] = Kept[str](len, limit=FRAGMENT_BYTES)
    app.wsgi_app = KeptAnswers(app)  # type: ignore[method-assign]


def keep_nothing(app: Flask) -> None:
    """Forgets every page, as after a new night."""
    app.extensions["lxsaas.fragments"].clear()
    app.extensions["lxsaas.answers"].clear()


def shown(template: str, load: Load) -> Response:
    """A page whose content depends on nothing but its key; `load` is called when it is not kept."""
    store: Kept[str] = current_app.extensions["lxsaas.fragments"]
    standing = standing_now()
    key = (
        realm().id,
        standing.version,
        standing.day,
        current_user.permissions,
        current_user.township_ids,
        str(get_locale()),
        template,
        request.full_path,
    )
    fragment = store.get(key)
    if fragment is None:
        fragment = render_template(template, **load())
        store.put(key, fragment)
    title, content, scripts = fragment.split(_PARTS)
    frame = render_template("district/_frame.html", title=title, content=content, scripts=scripts)
    response = make_response(frame)
    # The browser keeps it, and asks each time whether it still stands; it holds aggregates, never a child.
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Cookie", "Accept-Language"))
    request.environ[MARK] = (realm(), digest(current_user.get_id()), standing)
    return response


def standing_now() -> Standing:
    """What this request's pages depend on; the version is read before anything that is shown."""
    version = db.session.scalar(queries.version(realm().id)) or 0
    return Standing(version, clock.today(realm().timezone))
