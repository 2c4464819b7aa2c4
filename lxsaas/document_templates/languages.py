"""In which language a document is made: that of the page, of its template, or one of its own."""

import io
from collections.abc import Callable
from typing import cast

from docx import Document
from flask_babel import force_locale, get_locale, get_translations

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def language() -> str:
    """'zh' or 'en': the language of the page."""
    return "en" if str(get_locale()) == "en" else "zh"


def language_of_template(content: bytes) -> str:
    """'zh' of a .docx with a Chinese word or name of a field in its text, else 'en'."""
    words = "".join(Document(io.BytesIO(content)).element.body.itertext())
    return "zh" if any("\u4e00" <= one <= "\u9fff" for one in words) else "en"


def translator(code: str) -> Callable[[str], str]:
    """Texts in a document's own language, whatever the reader's."""
    with force_locale(LOCALES[code]):
        return cast(Callable[[str], str], get_translations().ugettext)
