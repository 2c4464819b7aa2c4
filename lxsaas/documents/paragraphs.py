"""Paragraphs that are written anew in a template, by us: what they say, and the commands of our own loops."""

from copy import deepcopy
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from lxsaas.documents.paper import HEAD


def command(text: str) -> Any:
    """A paragraph that is a command of Jinja and vanishes with its own layout: `command("endfor")`."""
    made = OxmlElement("w:p")
    say(made, f"{{%p {text} %}}")
    return made


def say(paragraph: Any, text: str, *, is_heading: bool = False) -> None:
    """Gives a paragraph one run of its first run's looks.

    A heading is bold, begins at the margin and stays with what follows.
    """
    runs = paragraph.findall(qn("w:r"))
    looks = runs[0].find(qn("w:rPr")) if runs else None
    for child in list(paragraph):
        if child.tag != qn("w:pPr"):
            paragraph.remove(child)
    run = OxmlElement("w:r")
    if looks is not None:
        run.append(deepcopy(looks))
    words = OxmlElement("w:t")
    words.text = text
    words.set(qn("xml:space"), "preserve")
    run.append(words)
    paragraph.append(run)
    if is_heading:
        _make_heading(paragraph, run)


def _make_heading(paragraph: Any, run: Any) -> None:
    layout = paragraph.get_or_add_pPr()
    indent = layout.find(qn("w:ind"))
    if indent is not None:
        layout.remove(indent)
    layout.get_or_add_keepNext()
    # Word's outline shows it, whatever styles the template has.
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "0")
    layout.insert_element_before(level, "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange")
    looks = run.get_or_add_rPr()
    looks.get_or_add_b()
    looks.get_or_add_rFonts().set(qn("w:eastAsia"), HEAD)
