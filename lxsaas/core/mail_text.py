"""Messages as they go on the line: composed for one, or once for many and addressed to each."""

import re
from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import formatdate, parseaddr
from typing import Self

from email_validator import validate_email

File = tuple[str, bytes, str]
"""Name, content, media type."""


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


def domain_of(address: str) -> str:
    """The domain of an address, with or without a name before it, in small letters."""
    return parseaddr(address)[1].rpartition("@")[2].lower()


def compose(
    *,
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    list_id: str,
    attachments: Iterable[File] = (),
) -> EmailMessage:
    """A message with a plain and an HTML body, marked as sent by a machine (RFC 3834)."""
    message = _shared(sender, subject, text, html, list_id, attachments)
    message["To"] = recipient
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = message_id
    return message


class Sheet:
    """A letter encoded once for everybody who gets it, cut where each gets something of one's own.

    Encoding a letter costs more than handing it over; of a thousand recipients it is done once.
    """

    def __init__(self, encoded: bytes, own: str) -> None:
        """`own` is the word in the encoded letter for which each recipient has one of the same length."""
        self._pieces: list[bytes] = []
        self._slices: list[tuple[slice, ...]] = []
        # Where a line of the encoded letter ends inside the word, it is broken by "=" (RFC 2045, 6.7).
        pattern = b"(?:=\r\n)?".join(re.escape(letter.encode()) for letter in own)
        end = 0
        for found in re.finditer(pattern, encoded):
            self._add(encoded[end : found.start()], found.group())
            end = found.end()
        self._last = encoded[end:]

    @classmethod
    def of(
        cls,
        *,
        sender: str,
        subject: str,
        text: str,
        html: str,
        list_id: str,
        feedback_id: str,
        own: str,
        attachments: Iterable[File] = (),
    ) -> Self:
        """Encodes what all recipients share."""
        message = _shared(sender, subject, text, html, list_id, attachments)
        message["Feedback-ID"] = feedback_id
        return cls(on_the_line(message, in_utf8=False), own)

    def addressed(
        self, *, recipient: str, message_id: str, own: str, unsubscribe: str | None, date: str | None = None
    ) -> bytes:
        """The message to one recipient, as it goes on the line; an address is ASCII or needs SMTPUTF8.

        With an `unsubscribe` address the mail program shows a button for it (RFC 8058). None of these is
        folded: a mail program would not find the address again. Raises ValueError for a line break in one.
        """
        headers = [
            f"To: {recipient}",
            f"Date: {date or formatdate(localtime=False)}",
            f"Message-ID: {message_id}",
        ]
        if unsubscribe is not None:
            headers += [
                f"List-Unsubscribe: <{unsubscribe}>",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            ]
        if not all(header.isprintable() for header in headers):
            raise ValueError("line break in a header")
        parts = ["\r\n".join(headers).encode(), b"\r\n"]
        word = own.encode()
        for piece, slices in zip(self._pieces, self._slices, strict=True):
            parts += [piece, b"=\r\n".join(word[one] for one in slices)]
        parts.append(self._last)
        return b"".join(parts)

    def _add(self, piece: bytes, found: bytes) -> None:
        slices, start = [], 0
        for length in map(len, found.split(b"=\r\n")):
            slices.append(slice(start, start + length))
            start += length
        self._pieces.append(piece)
        self._slices.append(tuple(slices))


def on_the_line(message: EmailMessage, *, in_utf8: bool) -> bytes:
    """Lines end with CRLF, dots at their beginning are doubled (RFC 5321, 4.5.2)."""
    text = message.as_bytes(policy=SMTPUTF8 if in_utf8 else SMTP).replace(b"\r\n.", b"\r\n..")
    return text if text.endswith(b"\r\n") else text + b"\r\n"


def _shared(
    sender: str, subject: str, text: str, html: str, list_id: str, attachments: Iterable[File]
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = sender, subject
    message["List-Id"] = list_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    for name, content, media_type in attachments:
        main, _, sub = media_type.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message
