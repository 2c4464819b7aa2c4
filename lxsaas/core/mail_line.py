"""A line to an SMTP server that ends by itself: no server holds a sender longer than a set time."""

import contextlib
import smtplib
import socket
import ssl
import threading
from time import monotonic

_LOOK = 0.5
"""Seconds between two looks of the watcher: a limit is kept to within so much."""


class Line(smtplib.SMTP):
    """smtplib's line with a watcher that cuts it at a set instant.

    smtplib's timeout is one for each read: a server that says a byte every few seconds would never meet it.
    """

    def __init__(self, host: str, *, timeout: float, secure: ssl.SSLContext | None = None) -> None:
        """`secure`: TLS from the start, before the greeting."""
        self._secure = secure
        self._cut_at: float | None = None
        self._handle: socket.socket | None = None
        self._is_closed = threading.Event()
        # Not by a class of its own for TLS: the watcher must know the socket before the handshake.
        super().__init__(timeout=timeout)
        self._host = host
        threading.Thread(target=self._watch, name="mail-line", daemon=True).start()

    def limit(self, seconds: float | None) -> None:
        """From now on so much time is left in all; None: no limit, as between two messages."""
        self._cut_at = None if seconds is None else monotonic() + seconds

    def close(self) -> None:
        """Ends the line and its watcher."""
        self._is_closed.set()
        super().close()
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A second handle on the same line: that of smtplib changes hands when TLS begins.
        self._handle = plain.dup()
        if self._secure is None:
            return plain
        return self._secure.wrap_socket(plain, server_hostname=host)

    def _watch(self) -> None:
        while not self._is_closed.wait(_LOOK):
            if self._cut_at is not None and monotonic() > self._cut_at and self._handle is not None:
                with contextlib.suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)


def opened(
    host: str, port: int, *, timeout: float, limit: float, secure: ssl.SSLContext | None = None
) -> Line:
    """A line that was greeted within `limit` seconds. Raises OSError, SMTPException."""
    line = Line(host, timeout=timeout, secure=secure)
    try:
        line.limit(limit)
        code, answer = line.connect(host, port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, answer)
    except BaseException:
        line.close()
        raise
    return line
