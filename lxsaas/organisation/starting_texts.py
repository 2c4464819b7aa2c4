"""Texts from which the usual plans and rules can start, in Chinese and English; a school makes them its own.

Written for this product in plain words: `starting/<code>.<language>.txt`, the title in the first line. What
the law asks for stands where it binds: no child under 16 lives alone, harm is reported at once (Minors
Protection Law, art. 11, 21–23).
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

STARTING_TEXTS: Mapping[str, str] = {
    "plan": "plan",
    "talk": "rule",
    "visit": "rule",
    "parents_school": "rule",
    "home": "rule",
    "report": "rule",
}
"""By code, the kind of document that each becomes."""


@cache
def starting_text(code: str, language: str) -> tuple[str, str]:
    """Title and body of a text; `language` is that of the page: 'zh' or 'en'."""
    folder = files("lxsaas.organisation") / "starting"
    text = (folder / f"{code}.{language}.txt").read_text(encoding="utf-8")
    title, _, body = text.partition("\n")
    return title, body.strip()
