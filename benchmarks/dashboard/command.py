"""Measures the overview and prints one JSON line for each of its promises."""

import argparse
import gzip
import tempfile
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from pathlib import Path

from flask import Flask, render_template
from flask.testing import FlaskClient
from sqlalchemy import event

from benchmarks.dashboard import load, place, serving
from benchmarks.harness import compare, fresh_app, interleaved, show, show_ratio
from lxsaas.core.assets import manifest
from lxsaas.core.scope import Login
from lxsaas.district.kept_pages import keep_nothing
from lxsaas.district.views import overview
from lxsaas.extensions import db
from lxsaas.indicators.definitions import INDICATORS
from tests.factories import Factory, Person, Place

CLIENTS = 50
MANY = 100
"""Requests of one round over HTTP: one alone is too short to be measured."""


def main(argv: Sequence[str] | None = None) -> None:
    """Everything that issue and README promise of the page, in one run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description=__doc__)
    parser.add_argument("--schools", type=int, default=400)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--records", type=int, default=0, help="care records beside it, for the queries")
    parser.add_argument("--seconds", type=float, default=20, help="how long the clients ask")
    options = parser.parse_args(argv)
    size = f"{options.schools} schools, {len(INDICATORS)} indicators, {options.months} months"
    with fresh_app() as app, tempfile.TemporaryDirectory() as folder:
        district = place.build(Factory(app), options.schools, options.months)
        place.settle(app, options.records)
        officers = [Factory(app).officer(district) for _ in range(CLIENTS)]
        client = officers[0].sign_in(app.test_client())
        count_queries(app, client, district, options.records)
        after_a_night(app, client, district, size)
        body = Path(folder) / "page"
        over_http(app, district, officers, body, size, options.seconds)


def count_queries(app: Flask, client: FlaskClient, district: Place, records: int) -> None:
    """How many statements a page needs that is not kept."""
    sent: list[str] = []
    with app.app_context():
        engine = db.engines[Login.DISTRICT.value]
    event.listen(engine, "before_cursor_execute", lambda *given: sent.append(str(given[2])))
    keep_nothing(app)
    page = client.get(f"{district.path}overview")
    if page.status_code != 200:
        raise SystemExit(f"the overview answered {page.status_code}")
    asked = [one for one in sent if "set_config" not in one]
    show(name="dashboard_queries", queries=len(asked), with_contexts=len(sent), care_records=records)


def after_a_night(app: Flask, client: FlaskClient, district: Place, size: str) -> None:
    """The whole request, nothing kept, against the same templates with values already in memory."""
    address = f"{district.path}overview"

    def whole() -> None:
        keep_nothing(app)
        client.get(address)

    with client:
        client.get(address)
        values = dict(overview())

        def templates() -> None:
            fragment = render_template("district/overview.html", **values)
            title, content, scripts = fragment.split("\x00")
            render_template("district/_frame.html", title=title, content=content, scripts=scripts)

        compare("dashboard_after_a_night", size, "the same templates, values in memory", whole, templates)


def over_http(
    app: Flask, district: Place, officers: Sequence[Person], body: Path, size: str, seconds: float
) -> None:
    """Kept pages against a bare view of as many bytes, sizes on the line, and many clients."""
    settings = app.extensions["lxsaas.settings"]
    address = f"{district.path}overview"
    with serving.served(settings, serving.OURS) as ours:
        cookies = [cookie_of(app, officer, ours) for officer in officers]
        headers = {"Cookie": cookies[0], "Accept-Encoding": "gzip"}
        etag, _cookie, page = get(ours, address, headers)
        body.write_bytes(page)
        show_sizes(app, page)
        with (
            serving.served(settings, serving.BARE, body=body) as bare,
            serving.served(settings, serving.ASKING) as asking,
        ):
            took = interleaved(
                {
                    "kept": asked(ours, address, headers),
                    "kept_and_looked_up": asked(asking, address, headers),
                    "unchanged": asked(ours, address, headers | {"If-None-Match": etag}),
                    "bare": asked(bare, "/", {}),
                }
            )
            for name in ("kept", "kept_and_looked_up", "unchanged"):
                show_ratio(
                    f"dashboard_{name}", f"{size}, {len(page)} bytes", took[name],
                    "a bare Flask view that returns as many bytes, under the same server", took["bare"],
                )  # fmt: skip
        requests = [load.request_for(address, cookie) for cookie in cookies]
        load.under(ours, requests, 2)
        seen = load.under(ours, requests, seconds)
        half, worst = seen.percentile(0.5), seen.percentile(0.99)
        show(
            name="dashboard_clients", clients=len(requests), answers=len(seen.seconds), errors=seen.errors,
            ratio=round(worst / half, 2), floor="the median answer", p99_seconds=round(worst, 4),
            p50_seconds=round(half, 4),
        )  # fmt: skip


def cookie_of(app: Flask, officer: Person, port: int) -> str:
    """The cookie of a browser in which an officer is signed in and has seen a page."""
    client = officer.sign_in(app.test_client())
    found = client.get_cookie("lxsaas_d", path=officer.place.path)
    if found is None:
        raise SystemExit("the officer could not sign in")
    # With the first page comes the token of its forms.
    headers = {"Cookie": f"{found.key}={found.value}"}
    return get(port, f"{officer.place.path}overview", headers)[1] or headers["Cookie"]


def get(port: int, path: str, headers: dict[str, str]) -> tuple[str, str, bytes]:
    """The answer's ETag, the cookie that it sets, and its bytes."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
    return answer.headers.get("ETag", ""), cookie, answer.read()


def asked(port: int, path: str, headers: dict[str, str]) -> Callable[[], None]:
    """A round: many requests one after the other on one connection."""

    def ask() -> None:
        # The server closes connections on which nothing comes between two rounds.
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(MANY):
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status not in (200, 304):
                raise SystemExit(f"{path} answered {answer.status}")

    return ask


def show_sizes(app: Flask, page: bytes) -> None:
    """What travels at the first visit and at the next."""
    dist = Path(app.static_folder or "") / "dist"
    files = manifest(dist / "manifest.json")
    built = {name: (dist / f"{file}.gz").stat().st_size for name, file in files.items()}
    show(
        name="dashboard_bytes", page=len(page), page_plain=len(gzip.decompress(page)), assets=built,
        first_visit=len(page) + sum(built.values()), next_visit=len(page),
    )  # fmt: skip
