"""The demonstration's mail catcher takes mail, keeps it, shows it, and lets no script of a letter run."""

import signal
import smtplib
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from lxsaas.core import mail_catcher
from lxsaas.core.embedded import free_port, is_free

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return mail_catcher.viewer(tmp_path).test_client()


def letter(subject: str = "每日简报") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "lxsaas@example.org", "officer@example.org"
    message.set_content(f"See http://127.0.0.1:8000/d/pingba/ {SCRIPT}")
    message.add_alternative(f"<h1>昨日</h1>{SCRIPT}", subtype="html")
    return message


@pytest.fixture(scope="module")
def catcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """The program itself; its ports of SMTP and of the pages."""
    ports = free_port(), free_port()
    arguments = ["--smtp-port", str(ports[0]), "--web-port", str(ports[1])]
    directory = ["--directory", str(tmp_path_factory.mktemp("mail") / "made")]
    argv = [sys.executable, "-m", "lxsaas.core.mail_catcher", *arguments, *directory]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2]) as process:
        deadline = time.monotonic() + 15
        while any(map(is_free, ports)):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield ports
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def page(port: int, path: str = "/") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
        return str(response.read().decode())


def test_a_message_sent_by_smtp_is_on_the_page(catcher: tuple[int, int]) -> None:
    smtp_port, web_port = catcher
    assert "None yet" in page(web_port)
    with smtplib.SMTP("127.0.0.1", smtp_port, timeout=5) as smtp:
        smtp.send_message(letter())
    assert "每日简报" in page(web_port)


def test_shows_headers_text_and_html_apart(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "7.eml").write_bytes(bytes(letter()))
    text = client.get("/messages/7").text
    assert "officer@example.org" in text
    assert '<a href="http://127.0.0.1:8000/d/pingba/"' in text
    assert "<h1>昨日</h1>" in client.get("/messages/7/html").text


def test_no_script_of_a_letter_runs(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "7.eml").write_bytes(bytes(letter(subject=SCRIPT)))
    for path in ("/", "/messages/7"):
        answer = client.get(path)
        assert "<script" not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    html_policy = client.get("/messages/7/html").headers["Content-Security-Policy"]
    assert "sandbox" in html_policy.replace(";", " ").split()
    assert "script-src" not in html_policy


def test_strange_letters_are_shown_as_far_as_they_can_be_read(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(b"Content-Type: text/plain; charset=klingon\r\n\r\nqapla\r\n")
    (tmp_path / "2.eml").write_bytes(b"\xff\xfe no header at all")
    assert "qapla" in client.get("/messages/1").text
    assert client.get("/").status_code == client.get("/messages/2").status_code == 200


def test_only_what_is_there_and_only_from_this_machine(client: FlaskClient, tmp_path: Path) -> None:
    assert client.get("/messages/7").status_code == 404
    assert client.get("/messages/..%2f7").status_code == 404
    assert client.get("/", headers={"Host": "stranger.example"}).status_code == 400


def test_keeps_the_newest_only(tmp_path: Path) -> None:
    for number in range(mail_catcher.KEPT + 5):
        (tmp_path / f"{number:019}.eml").touch()
    mail_catcher.delete_old(tmp_path)
    left = sorted(tmp_path.glob("*.eml"))
    assert len(left) == mail_catcher.KEPT
    assert left[0].stem == f"{5:019}"
