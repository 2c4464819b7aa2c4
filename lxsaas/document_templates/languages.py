"""In which language a document is made: that of the page, or one of its own."""

from collections.abc import Callable
from typing import cast

from flask_babel import force_locale, get_locale, get_translations

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def language() -> str:
    """'zh' or 'en': the language of the page."""
    return "en" if str(get_locale()) == "en" else "zh"


def translator(code: str) -> Callable[[str], str]:
    """Texts in a document's own language, whatever the reader's."""
    with force_locale(LOCALES[code]):
        return cast(Callable[[str], str], get_translations().ugettext)
