"""Mail catcher of the demonstration: takes every message by SMTP, keeps it as a file, shows it in a browser.

For developers, on loopback only: `python -m lxsaas.core.mail_catcher --smtp-port N --web-port M --directory DIR`.
"""

import argparse
import signal
import threading
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask, Response, abort, render_template_string
from werkzeug.serving import make_server

KEPT = 500
"""Messages; older ones are deleted."""
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"
)

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mail</title><style>
body { font: 16px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; margin: 0 auto; max-width: 52rem; padding: 1rem }
a { color: #206bc4; text-decoration: none } li { border-bottom: 1px solid #ddd; list-style: none; padding: .6rem 0 }
ul { padding: 0 } iframe { border: 1px solid #ddd; height: 46rem; width: 100% } pre { white-space: pre-wrap }
small { color: #667 }
</style></head><body>{% if message %}
<p><a href="/">All messages</a></p><h1>{{ message["Subject"] }}</h1>
<p><small>From {{ message["From"] }}<br>To {{ message["To"] }}<br>{{ message["Date"] }}</small></p>
<iframe src="/messages/{{ name }}/html" title="HTML" sandbox></iframe><h2>Plain text</h2><pre>{{ text }}</pre>
{% else %}<h1>Caught mail</h1><ul>{% for name, one in messages %}
<li><a href="/messages/{{ name }}">{{ one["Subject"] }}</a><br><small>To {{ one["To"] }} · {{ one["Date"] }}</small></li>
{% else %}<li>None yet.</li>{% endfor %}</ul>{% endif %}</body></html>"""


class Catcher:
    """aiosmtpd's handler: every message becomes a file, named by the instant of its arrival."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        draft = self._directory / f".{time.time_ns()}"
        draft.write_bytes(envelope.content)
        draft.rename(self._directory / f"{time.time_ns()}.eml")
        for old in sorted(self._directory.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return "250 caught"


def viewer(directory: Path) -> Flask:
    """A small site that lists the messages and shows one, its HTML in a sandbox."""
    site = Flask(__name__)

    @site.get("/")
    def messages() -> str:
        files = sorted(directory.glob("*.eml"), reverse=True)
        return render_template_string(
            _PAGE, messages=[(file.stem, parsed(file)) for file in files], message=None
        )

    @site.get("/messages/<int:name>")
    def message(name: int) -> str:
        found = load(name)
        body = found.get_body(("plain",))
        text = body.get_content() if body else ""
        return render_template_string(_PAGE, message=found, name=name, text=text)

    @site.get("/messages/<int:name>/html")
    def html(name: int) -> Response:
        body = load(name).get_body(("html",))
        response = Response(body.get_content() if body else "", content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = _LETTER_POLICY
        return response

    @site.after_request
    def guard(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def load(name: int) -> EmailMessage:
        file = directory / f"{name}.eml"
        return parsed(file) if file.exists() else abort(404)

    return site


def parsed(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def main() -> None:
    parser = argparse.ArgumentParser(description="Catch mail for the demonstration.")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    smtp = Controller(Catcher(options.directory), hostname="127.0.0.1", port=options.smtp_port)
    smtp.start()
    web = make_server("127.0.0.1", options.web_port, viewer(options.directory), threaded=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_given: threading.Thread(target=web.shutdown).start())
    web.serve_forever()
    smtp.stop()


if __name__ == "__main__":
    main()
