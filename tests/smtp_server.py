"""A real SMTP server for tests that misbehaves as told and remembers what it accepted.

Use the fixture (`from tests.smtp_server import smtp_server`) or the context manager `ScriptedSmtpServer()`::

    def test_mail_is_sent_again_after_451(smtp_server):
        smtp_server.answer("451 4.3.0 try later", times=2)      # the first two messages, after the final dot
        ...send to smtp_server.url...
        assert [d.recipients for d in smtp_server.accepted] == [["officer@example.org"]]

Where it goes wrong is a stage: "connect" (in place of the greeting), "ehlo", "auth", "mail" (MAIL FROM),
"rcpt" (RCPT TO), "data" (in place of 354: nothing of the message was sent), "body" (after 354, while the
text comes) and "dot" (after the final dot: the whole message arrived). Faults of a stage are used up in the
order given; then it works.

- `answer(reply, at="dot", times=1)`: a reply of your choice (451, 554...); 421 also closes the line.
- `hang_up(at, times=1)`: closes the line without a word.
- `be_silent(at="dot", times=1)`: keeps the line open and says nothing, until the client goes.
- `refuse_recipient(address, reply="550 ...")`: always, for this address (letter case ignored).
- `drip(at="dot", times=1)`: a byte every tenth of a second and never a whole line, until the client goes.
- `require_login(username, password)`: other logins get 535, mail without a login 530.
- `refuse_logins()`: all logins get 535, mail without a login 530.
- `forgive()`: forgets all of the above.

What it saw: `accepted` (answered 250), `unanswered` (whole, but hung up or silent after the dot),
`rejected` (whole, but answered otherwise): each a list of Delivery in order; `connections`, how many;
`logins`, user names tried. `wait_for(n)` waits until n messages were accepted. `url` is
smtp://127.0.0.1:port; also `host`, `port`.
"""

import asyncio
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import AnyStr, Literal, Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Stage = Literal["connect", "ehlo", "auth", "mail", "rcpt", "data", "body", "dot"]
HANG_UP, SILENCE, DRIP = "hang up", "silence", "drip"


@dataclass(frozen=True)
class Delivery:
    """A message that arrived whole, and its envelope."""

    mail_from: str
    recipients: list[str]
    content: bytes = field(repr=False)

    @property
    def message(self) -> EmailMessage:
        """The message, parsed: `message["Subject"]`, `message.get_body(("plain",)).get_content()`."""
        parsed: EmailMessage = message_from_bytes(self.content, policy=policy.default)
        return parsed


class ScriptedSmtpServer:
    """See the module's text. Listens on a free port of 127.0.0.1 between `start()` and `stop()`."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.accepted: list[Delivery] = []
        self.unanswered: list[Delivery] = []
        self.rejected: list[Delivery] = []
        self.logins: list[str] = []
        self.connections = 0
        self.port = 0
        self._faults: defaultdict[Stage, deque[str]] = defaultdict(deque)
        self._refused: dict[str, str] = {}
        self._credentials: tuple[str, str] | None = None
        self._logins_refused = False
        self._arrived = threading.Condition()
        self._controller: _Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def answer(self, reply: str, *, at: Stage = "dot", times: int = 1) -> None:
        self._faults[at].extend([reply] * times)

    def hang_up(self, at: Stage, *, times: int = 1) -> None:
        self._faults[at].extend([HANG_UP] * times)

    def be_silent(self, at: Stage = "dot", *, times: int = 1) -> None:
        self._faults[at].extend([SILENCE] * times)

    def drip(self, at: Stage = "dot", *, times: int = 1) -> None:
        self._faults[at].extend([DRIP] * times)

    def refuse_recipient(self, address: str, reply: str = "550 5.1.1 No such mailbox") -> None:
        self._refused[address.lower()] = reply

    def require_login(self, username: str, password: str) -> None:
        self._credentials = (username, password)

    def refuse_logins(self) -> None:
        self._logins_refused = True

    def forgive(self) -> None:
        self._faults.clear()
        self._refused.clear()
        self._credentials = None
        self._logins_refused = False

    def wait_for(self, count: int, *, timeout: float = 10.0) -> list[Delivery]:
        """The accepted messages, once there are `count`; TimeoutError after `timeout` seconds."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.accepted) >= count, timeout):
                raise TimeoutError(f"{len(self.accepted)} of {count} messages arrived")
            return list(self.accepted)

    def start(self) -> None:
        self._controller = _Controller(self)
        self._controller.start()
        self.port = self._controller.port
        self.connections = 0  # The controller tries the line once itself.

    def stop(self) -> None:
        if self._controller is not None:
            asyncio.run_coroutine_threadsafe(self._controller.close_lines(), self._controller.loop).result(10)
            self._controller.stop()
            self._controller = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # What follows is called by the server's thread.

    def next_fault(self, stage: Stage) -> str | None:
        faults = self._faults[stage]
        return faults.popleft() if faults else None

    def refusal_of(self, address: str) -> str | None:
        return self._refused.get(address.lower())

    def login_required(self) -> bool:
        return self._credentials is not None or self._logins_refused

    def knows(self, username: str, password: str) -> bool:
        self.logins.append(username)
        return not self._logins_refused and self._credentials in (None, (username, password))

    def note(self, deliveries: list[Delivery], envelope: Envelope) -> None:
        with self._arrived:
            deliveries.append(
                Delivery(
                    envelope.mail_from or "", list(envelope.rcpt_tos), bytes(envelope.original_content or b"")
                )
            )
            self._arrived.notify_all()


@pytest.fixture
def smtp_server() -> Iterator[ScriptedSmtpServer]:
    """A server for one test, well-behaved until told otherwise."""
    with ScriptedSmtpServer() as server:
        yield server


class _Controller(Controller):
    def __init__(self, script: ScriptedSmtpServer) -> None:
        self.script = script
        self.lines: set[_Smtp] = set()
        super().__init__(_Handler(script), hostname=script.host, port=0)

    def factory(self) -> SMTP:
        return _Smtp(self.script, self.handler, self.lines, self.loop)

    async def close_lines(self) -> None:
        """Ends what is still open, as the silent do not; asyncio would complain of it at exit."""
        while self.lines:
            for line in self.lines:
                line.abort()
            await asyncio.sleep(0)

    def _trigger_server(self) -> None:
        # Port 0 means any: the line is tried at the one that was given.
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class _Handler:
    def __init__(self, script: ScriptedSmtpServer) -> None:
        self.script = script

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self.script.refusal_of(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: "_Smtp", session: Session, envelope: Envelope) -> str:
        fault = self.script.next_fault("dot")
        if fault is None:
            self.script.note(self.script.accepted, envelope)
            return "250 OK"
        unanswered = fault in (HANG_UP, SILENCE, DRIP)
        self.script.note(self.script.unanswered if unanswered else self.script.rejected, envelope)
        if unanswered or fault.startswith("421"):
            await server.misbehave(fault)
        return fault


class _Smtp(SMTP):
    def __init__(
        self,
        script: ScriptedSmtpServer,
        handler: _Handler,
        lines: "set[_Smtp]",
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.script = script
        self.lines = lines
        super().__init__(
            handler,
            loop=loop,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=self._login,
        )

    def _login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        known = self.script.knows(data.login.decode(), data.password.decode())
        return AuthResult(success=known, handled=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.lines.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.lines.discard(self)
        super().connection_lost(error)

    def abort(self) -> None:
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.abort()

    async def push(self, status: AnyStr) -> None:
        text = status if isinstance(status, str) else status.decode()
        if text.startswith("220 "):
            self.script.connections += 1
            if await self._goes_wrong("connect"):
                return
        await super().push(status)
        if text.startswith("354 ") and (fault := self.script.next_fault("body")):
            await self._reader.read(1)
            await self.misbehave(fault)

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._goes_wrong("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_AUTH(self, arg: str) -> None:
        if not await self._goes_wrong("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if await self._goes_wrong("mail"):
            return
        assert self.session is not None
        # Not by aiosmtpd's auth_required, which warns of a line without TLS.
        if self.script.login_required() and not self.session.authenticated:
            await self.push("530 5.7.0 Authentication required")
        else:
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self._goes_wrong("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self._goes_wrong("data"):
            await super().smtp_DATA(arg)

    async def _goes_wrong(self, stage: Stage) -> bool:
        fault = self.script.next_fault(stage)
        if fault is None:
            return False
        await self.misbehave(fault)
        return True

    async def misbehave(self, fault: str) -> None:
        """Answers with `fault`; from 421, a lost line and silence it does not return."""
        if fault not in (HANG_UP, SILENCE, DRIP):
            await super().push(fault)
        assert isinstance(self.transport, asyncio.Transport)
        while fault == DRIP:
            self.transport.write(b"2")
            await asyncio.sleep(0.1)
        if fault == HANG_UP:
            self.abort()
        elif fault.startswith("421"):
            self.transport.close()
        elif fault != SILENCE:
            return
        await asyncio.Event().wait()  # Cancelled when the line is lost or the server stops.
