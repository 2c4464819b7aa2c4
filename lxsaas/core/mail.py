"""Hands one message after the other to an SMTP server, and says exactly what became of each."""

import select
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from types import TracebackType
from typing import Literal, Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from lxsaas.core.errors import ConfigurationError
from lxsaas.core.mail_line import Line, opened
from lxsaas.core.mail_text import on_the_line

Fate = Literal["sent", "retry", "refused", "unknown", "login_refused"]
Stage = Literal["", "connect", "tls", "ehlo", "auth", "mail", "rcpt", "data", "text", "dot"]
_TIMEOUT = 30.0
"""Seconds for each answer, and four times as many for the whole way to the final dot."""
_ANSWER = 90.0
"""Seconds for the answer to the final dot: whoever goes too early does not know what became of it."""
_WAY = 4


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
    stage: Stage = ""
    """How far it had come."""

    @property
    def reason(self) -> str:
        """Stage and code, as they are kept."""
        return f"{self.stage} {self.code}".strip()

    @property
    def is_servers(self) -> bool:
        """Whether it says nothing of the message: any other would have met it too."""
        return self.fate == "login_refused" or (
            self.fate == "retry" and self.stage in ("connect", "tls", "ehlo", "auth", "mail")
        )


class _FailedError(Exception):
    """Ends an attempt whose outcome is known; `can_go_on`: the line is good for another message."""

    def __init__(self, outcome: Outcome, *, can_go_on: bool = False) -> None:
        super().__init__(outcome)
        self.outcome, self.can_go_on = outcome, can_go_on


class Mailer:
    """A line to the server of an SMTP URL, opened at the first message and again after a fault.

    `smtp://[user:password@]host[:port]` uses STARTTLS where it is offered, requires it with `?starttls=1`;
    `smtps://` uses TLS from the start. An attempt ends within 4 × `timeout` + `answer` seconds, whatever the
    server does. `listen`: seconds to notice that the server hung up on the text, before the final dot makes
    its fate uncertain.
    """

    def __init__(
        self, url: str, *, timeout: float = _TIMEOUT, answer: float | None = None, listen: float = 0.0
    ) -> None:
        self._url = _server_of(url)
        self._timeout = timeout
        self._answer = answer or (_ANSWER if timeout == _TIMEOUT else timeout)
        self._listen = listen
        self._line: Line | None = None
        self._stage: Stage = "connect"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(politely=error is None)

    def send(
        self,
        message: EmailMessage | bytes,
        *,
        sender: str,
        recipient: str,
        before_dot: Callable[[], None] | None = None,
    ) -> Outcome:
        """One attempt to hand over one message to one recipient.

        Bytes are a message as it goes on the line (`on_the_line`). `before_dot` is called when only the final
        dot is left: nothing can have been accepted yet, and an error that it raises withdraws the message.
        """
        is_done = False
        try:
            line = self._connected()
            line.limit(_WAY * self._timeout)
            needs_utf8 = not (sender + recipient).isascii()
            if needs_utf8 and not line.has_extn("smtputf8"):
                raise _FailedError(Outcome("refused", "smtputf8_missing", "rcpt"), can_go_on=True)
            # First of all: a message that cannot be written must not leave the line in the middle of DATA.
            text = message if isinstance(message, bytes) else on_the_line(message, in_utf8=needs_utf8)
            self._envelope(line, sender, recipient, ["SMTPUTF8"] if needs_utf8 else [])
            self._text(line, text, before_dot)
            line.limit(None)
            is_done = True
            return Outcome("sent", "250", "dot")
        except _FailedError as failed:
            is_done = failed.can_go_on and self._reset()
            return failed.outcome
        finally:
            if not is_done:
                self.close(politely=False)

    def close(self, *, politely: bool = True) -> None:
        """Ends the line; with QUIT unless it broke."""
        line, self._line = self._line, None
        if line is not None:
            try:
                if politely:
                    line.limit(self._timeout)
                    line.quit()
            except (smtplib.SMTPException, OSError):
                pass
            finally:
                line.close()

    def _connected(self) -> Line:
        if self._line is None:
            try:
                self._line = self._connect()
            except smtplib.SMTPAuthenticationError as error:
                # 4yz: the server cannot check logins just now (RFC 4954, 6).
                fate: Fate = "login_refused" if error.smtp_code >= 500 else "retry"
                raise _FailedError(Outcome(fate, str(error.smtp_code), "auth")) from None
            except smtplib.SMTPResponseException as error:
                raise _FailedError(Outcome("retry", str(error.smtp_code), self._stage)) from None
            except ssl.SSLError as error:
                raise _FailedError(Outcome("retry", type(error).__name__, "tls")) from None
            except (smtplib.SMTPException, OSError, UnicodeError) as error:
                raise _FailedError(Outcome("retry", _word_of(error), self._stage)) from None
        return self._line

    def _connect(self) -> Line:
        url, options = self._url, parse_qs(self._url.query)
        is_secure = url.scheme == "smtps"
        context = ssl.create_default_context()
        self._stage = "connect"
        line = opened(
            url.hostname or "",
            url.port or (465 if is_secure else 25),
            timeout=self._timeout,
            limit=_WAY * self._timeout,
            secure=context if is_secure else None,
        )
        try:
            self._stage = "ehlo"
            line.ehlo_or_helo_if_needed()
            if not is_secure and (line.has_extn("starttls") or options.get("starttls") == ["1"]):
                self._stage = "tls"
                line.starttls(context=context)
                self._stage = "ehlo"
                line.ehlo()
            if url.username:
                self._stage = "auth"
                line.login(unquote(url.username), unquote(url.password or ""))
        except BaseException:
            line.close()
            raise
        return line

    def _envelope(self, line: Line, sender: str, recipient: str, options: list[str]) -> None:
        # By hand: smtplib takes each address apart again.
        line.command_encoding = "utf-8" if options else "ascii"
        more = "".join(f" {option}" for option in options)
        code = self._command("mail", lambda: line.docmd("MAIL", f"FROM:<{sender}>{more}"))
        if 500 <= code < 600 and code != 530:
            # The sender is the same for all: no message's fault, and none may be lost by it.
            raise _FailedError(Outcome("retry", str(code), "mail"), can_go_on=True)
        self._expect("mail", code, 250)
        self._expect(
            "rcpt", self._command("rcpt", lambda: line.docmd("RCPT", f"TO:<{recipient}>")), 250, 251, 252
        )
        self._expect("data", self._command("data", lambda: line.docmd("DATA")), 354)

    def _text(self, line: Line, text: bytes, before_dot: Callable[[], None] | None) -> None:
        try:
            line.send(text)
            self._check_line(line)
        except (smtplib.SMTPException, OSError):
            raise _FailedError(Outcome("retry", "line_dropped", "text")) from None
        if before_dot is not None:
            before_dot()
        try:
            self._check_line(line, seconds=0.0)
            line.send(b".\r\n")
        except (smtplib.SMTPException, OSError):
            raise _FailedError(Outcome("retry", "line_dropped", "text")) from None
        self._accepted(line)

    def _accepted(self, line: Line) -> None:
        """Reads the answer to the final dot; what is no clear yes or no leaves the fate unknown."""
        try:
            line.limit(self._answer)
            if line.sock is not None:
                line.sock.settimeout(self._answer)
            code, _answer = line.getreply()
            if line.sock is not None:
                line.sock.settimeout(self._timeout)
        except (smtplib.SMTPException, OSError):
            raise _FailedError(Outcome("unknown", "no_answer", "dot")) from None
        # Also a line that was cut off reads as a code.
        if code != 250 and not 400 <= code < 600:
            raise _FailedError(Outcome("unknown", "no_reply_code", "dot"))
        self._expect("dot", code, 250)

    def _check_line(self, line: Line, *, seconds: float | None = None) -> None:
        """Raises OSError if the server has hung up; it has nothing to say before the final dot."""
        wait = self._listen if seconds is None else seconds
        if line.sock is None or select.select([line.sock], [], [], wait)[0]:
            raise OSError

    def _command(self, stage: Stage, command: Callable[[], tuple[int, bytes]]) -> int:
        try:
            return command()[0]
        except smtplib.SMTPResponseException as error:
            raise _FailedError(Outcome("retry", str(error.smtp_code), stage)) from None
        except (smtplib.SMTPException, OSError) as error:
            raise _FailedError(Outcome("retry", _word_of(error), stage)) from None

    def _expect(self, stage: Stage, code: int, *good: int) -> None:
        """Permanent refusals end the message, others wait (RFC 5321, 4.2.1); 421 closes the line besides."""
        if code in good:
            return
        if code == 530:
            raise _FailedError(Outcome("login_refused", str(code), stage))
        fate: Fate = "refused" if 500 <= code < 600 else "retry"
        raise _FailedError(Outcome(fate, str(code), stage), can_go_on=400 <= code < 600 and code != 421)

    def _reset(self) -> bool:
        """Whether the line is ready for the next message."""
        try:
            return self._line is not None and self._line.rset()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False


def _word_of(error: BaseException) -> str:
    """A word for a fault of the line: whether the server was too slow or went away."""
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "timeout"
    return "line_dropped" if isinstance(error, smtplib.SMTPServerDisconnected) else type(error).__name__


def _server_of(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - read for its check
    except ValueError:
        raise ConfigurationError("smtp_url_invalid") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ConfigurationError("smtp_url_invalid")
    return parts
