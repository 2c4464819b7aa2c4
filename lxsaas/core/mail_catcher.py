"""Mail catcher of the demonstration: takes every message by SMTP, keeps it as a file, shows it in a browser.

For developers, on loopback only:
`python -m lxsaas.core.mail_catcher --smtp-port N --web-port M --directory DIR`.
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
from flask import Flask, Response, abort, render_template
from werkzeug.serving import make_server

KEPT = 500
"""Messages; older ones are deleted."""
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'none'"
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"
)


class Catcher:
    """aiosmtpd's handler: every message becomes a file, named by the instant of its arrival."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        draft = self._directory / f".{time.time_ns()}"
        draft.write_bytes(envelope.content)
        draft.rename(self._directory / f"{time.time_ns()}.eml")
        delete_old(self._directory)
        return "250 caught"


def delete_old(directory: Path) -> None:
    """Deletes all but the newest messages."""
    for old in sorted(directory.glob("*.eml"))[:-KEPT]:
        old.unlink(missing_ok=True)


def viewer(directory: Path) -> Flask:
    """A small site that lists the messages and shows one, its HTML in a sandbox."""
    site = Flask(__name__)
    # A page elsewhere could have its own name resolve to loopback, and read the mail.
    site.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]

    @site.get("/")
    def messages() -> str:
        files = sorted(directory.glob("*.eml"), reverse=True)
        return render_template(
            "mail_catcher.html", messages=[(file.stem, parsed(file)) for file in files], message=None
        )

    @site.get("/messages/<int:name>")
    def message(name: int) -> str:
        found = load(name)
        return render_template("mail_catcher.html", message=found, name=name, text=content(found, "plain"))

    @site.get("/messages/<int:name>/html")
    def html(name: int) -> Response:
        response = Response(content(load(name), "html"), content_type="text/html; charset=utf-8")
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


def content(message: EmailMessage, kind: str) -> str:
    """The body of a kind ("plain" or "html"); empty where the message has none."""
    body = message.get_body((kind,))
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except LookupError:  # A character set that nobody knows.
        return bytes(body.get_payload(decode=True)).decode(errors="replace")


def main() -> None:
    parser = argparse.ArgumentParser(description="Catch mail for the demonstration.")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    smtp = Controller(
        Catcher(options.directory), hostname="127.0.0.1", port=options.smtp_port, enable_SMTPUTF8=True
    )
    smtp.start()
    web = make_server("127.0.0.1", options.web_port, viewer(options.directory), threaded=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_given: threading.Thread(target=web.shutdown).start())
    web.serve_forever()
    smtp.stop()


if __name__ == "__main__":
    main()
