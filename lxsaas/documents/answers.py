"""A Word document as the answer to a request; who asks for it writes the audit entry."""

import io
import re

from flask import Response, send_file

from lxsaas.documents.filling import WORD

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


def document_response(content: bytes, name: str) -> Response:
    """A .docx to be saved as `<name>.docx`; in the name nothing personal, for browsers keep lists of it."""
    safe = _UNSAFE.sub("-", name).strip(" .-")[:80] or "document"
    answer = send_file(io.BytesIO(content), mimetype=WORD, as_attachment=True, download_name=f"{safe}.docx")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
