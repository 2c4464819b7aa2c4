"""Hands one message after the other to an SMTP server, and says exactly what became of each."""

import select
import smtplib
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import formatdate
from types import TracebackType
from typing import Literal, Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from email_validator import validate_email

from lxsaas.core.errors import ConfigurationError

Fate = Literal["sent", "retry", "refused", "unknown", "login_refused"]
_TIMEOUT = 30.0
_LISTEN = 0.002
"""Seconds to notice that the server hung up on the text, before the final dot makes its fate uncertain."""


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt.

    sent: accepted. retry: nothing was accepted, try later. refused: this recipient or message never will be.
    unknown: the text was complete and no answer came, so it may have been accepted. login_refused: the server
    does not take our login, for any message.
    """

    fate: Fate
    code: str = ""
    """The server's reply code, or a word for what happened; never an address."""


class _FailedError(Exception):
    """Ends an attempt whose outcome is known."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class Mailer:
    """A connection to the server of an SMTP URL, opened at the first message and again after a fault.

    `smtp://[user:password@]host[:port]` uses STARTTLS where it is offered, requires it with `?starttls=1`;
    `smtps://` uses TLS from the start.
    """

    def __init__(self, url: str, *, timeout: float = _TIMEOUT, listen: float = _LISTEN) -> None:
        self._url = _server_of(url)
        self._timeout = timeout
        self._listen = listen
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(politely=error is None)

    def send(self, message: EmailMessage, *, sender: str, recipient: str) -> Outcome:
        """One attempt to hand over one message to one recipient."""
        try:
            server = self._connected()
            needs_utf8 = not (sender + recipient).isascii()
            if needs_utf8 and not server.has_extn("smtputf8"):
                raise _FailedError(Outcome("refused", "smtputf8_missing"))
            # First of all: a message that cannot be written must not leave the line in the middle of DATA.
            text = _on_the_line(message, in_utf8=needs_utf8)
            self._envelope(server, sender, recipient, ["SMTPUTF8"] if needs_utf8 else [])
            self._text(server, text)
        except _FailedError as failed:
            if failed.outcome.fate == "refused" and self._server is not None:
                self._reset()
            else:
                self.close(politely=False)
            return failed.outcome
        return Outcome("sent", "250")

    def close(self, *, politely: bool = True) -> None:
        """Ends the connection; with QUIT unless it broke."""
        if self._server is not None:
            try:
                if politely:
                    self._server.quit()
            except (smtplib.SMTPException, OSError):
                pass
            finally:
                self._server.close()
                self._server = None

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            try:
                self._server = self._connect()
            except smtplib.SMTPAuthenticationError as error:
                # 4yz: the server cannot check logins just now (RFC 4954, 6).
                fate: Fate = "login_refused" if error.smtp_code >= 500 else "retry"
                raise _FailedError(Outcome(fate, str(error.smtp_code))) from None
            except smtplib.SMTPResponseException as error:
                raise _FailedError(Outcome("retry", str(error.smtp_code))) from None
            except (smtplib.SMTPException, OSError) as error:
                raise _FailedError(Outcome("retry", type(error).__name__)) from None
        return self._server

    def _connect(self) -> smtplib.SMTP:
        url, options = self._url, parse_qs(self._url.query)
        secure = ssl.create_default_context()
        server: smtplib.SMTP
        if url.scheme == "smtps":
            server = smtplib.SMTP_SSL(
                url.hostname or "", url.port or 465, timeout=self._timeout, context=secure
            )
        else:
            server = smtplib.SMTP(url.hostname or "", url.port or 25, timeout=self._timeout)
        try:
            server.ehlo_or_helo_if_needed()
            if url.scheme == "smtp" and (server.has_extn("starttls") or options.get("starttls") == ["1"]):
                server.starttls(context=secure)
                server.ehlo()
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
        except BaseException:
            server.close()
            raise
        return server

    def _envelope(self, server: smtplib.SMTP, sender: str, recipient: str, options: list[str]) -> None:
        self._expect(*self._command(lambda: server.mail(sender, options)), 250)
        self._expect(*self._command(lambda: server.rcpt(recipient)), 250, 251, 252)
        self._expect(*self._command(lambda: server.docmd("DATA")), 354)

    def _text(self, server: smtplib.SMTP, text: bytes) -> None:
        try:
            server.send(text)
            self._check_line(server)
            server.send(b".\r\n")
        except (smtplib.SMTPException, OSError):
            raise _FailedError(Outcome("retry", "line_dropped")) from None
        try:
            code, _answer = server.getreply()
        except (smtplib.SMTPException, OSError):
            raise _FailedError(Outcome("unknown", "no_answer")) from None
        self._expect(code, b"", 250)

    def _check_line(self, server: smtplib.SMTP) -> None:
        """Raises OSError if the server has hung up; it has nothing to say before the final dot."""
        if server.sock is None or select.select([server.sock], [], [], self._listen)[0]:
            raise OSError

    def _command(self, command: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
        try:
            return command()
        except (smtplib.SMTPException, OSError):
            raise _FailedError(Outcome("retry", "line_dropped")) from None

    def _expect(self, code: int, _answer: bytes, *good: int) -> None:
        """Permanent refusals end the message, others wait (RFC 5321, 4.2.1); 421 closes the line besides."""
        if code in good:
            return
        if code == 530:
            raise _FailedError(Outcome("login_refused", str(code)))
        raise _FailedError(Outcome("refused" if 500 <= code < 600 else "retry", str(code)))

    def _reset(self) -> None:
        try:
            if self._server is not None:
                self._server.rset()
        except (smtplib.SMTPException, OSError):
            self.close(politely=False)


def _server_of(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - read for its check
    except ValueError:
        raise ConfigurationError("smtp_url_invalid") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ConfigurationError("smtp_url_invalid")
    return parts


def _on_the_line(message: EmailMessage, *, in_utf8: bool) -> bytes:
    """Lines end with CRLF, dots at their beginning are doubled (RFC 5321, 4.5.2)."""
    text = message.as_bytes(policy=SMTPUTF8 if in_utf8 else SMTP).replace(b"\r\n.", b"\r\n..")
    return text if text.endswith(b"\r\n") else text + b"\r\n"


def envelope_address(address: str) -> str:
    """The address in ASCII where it has such a form (a Chinese domain has), else as it is.

    What is ASCII already is left to the server to judge: inside a network any domain may be good. Raises
    ValueError for what could not stand on the envelope at all.
    """
    if address.isascii():
        local, _, domain = address.rpartition("@")
        if not local or not domain or not address.isprintable() or set(" <>") & set(address):
            raise ValueError("no local@domain")
        return address
    checked = validate_email(address, check_deliverability=False, test_environment=True)
    return checked.ascii_email or checked.normalized


def compose(
    *,
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    list_id: str,
    attachments: Iterable[tuple[str, bytes, str]] = (),
) -> EmailMessage:
    """A message with a plain and an HTML body, marked as sent by a machine (RFC 3834).

    Attachments are (name, content, media type) each.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = message_id
    message["List-Id"] = list_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    for name, content, media_type in attachments:
        main, _, sub = media_type.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message
