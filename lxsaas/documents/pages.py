"""A template whose text stands in the document once for each child, on a page of its own.

Each page is a section: headers for a first page, margins and numbering begin anew with it. Headers and
footers belong to all pages alike; the check lets no field stand there that differs.
"""

from copy import deepcopy
from typing import Any

from docx.enum.section import WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from lxsaas.documents.fields import Fields
from lxsaas.documents.paragraphs import command

PAGES = "lx_pages"
_ONCE = ("bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "commentReference")
"""What has an id that may be there once; nobody follows it in what is printed."""
_IDS = ("paraId", "textId")
_BEHIND_NUMBERS = tuple(
    f"w:{name}"
    for name in (
        "cols", "formProt", "vAlign", "noEndnote", "titlePg", "textDirection", "bidi", "rtlGutter", "docGrid",
        "printerSettings", "sectPrChange",
    )
)  # fmt: skip
"""What follows the numbering in a section, in the format's order."""


def names_of(fields: Fields) -> list[tuple[str, str]]:
    """The names that differ from page to page, both of each field, with the field's code; in one order."""
    return [(name, one.code) for one in fields.values() if one.is_per_page for name in (one.code, one.word)]


def repeat_body(body: Any, fields: Fields) -> None:
    """Puts all of the body into a loop over `lx_pages`, lists of the values of `names_of`."""
    last = body.find(qn("w:sectPr"))
    _clear_ids(body)
    _on_a_new_page(next(body.iter(qn("w:sectPr"))))
    names = ", ".join(name for name, _ in names_of(fields))
    body.insert(0, command(f"for {names} in {PAGES}"))
    for one in (command("if not loop.last"), _section_end(last), command("endif"), command("endfor")):
        last.addprevious(one)


def _clear_ids(body: Any) -> None:
    for one in list(body.iter(*(qn(f"w:{name}") for name in _ONCE))):
        one.getparent().remove(one)
    for one in body.iter(qn("w:p"), qn("w:tr")):
        for name in [key for key in one.attrib if key.rpartition("}")[2] in _IDS]:
            del one.attrib[name]


def _on_a_new_page(section: Any) -> None:
    """How the first section of each child begins, whatever the template's own begins with: page 1 anew."""
    section.start_type = WD_SECTION.NEW_PAGE
    numbering = section.find(qn("w:pgNumType"))
    if numbering is None:
        numbering = OxmlElement("w:pgNumType")
        section.insert_element_before(numbering, *_BEHIND_NUMBERS)
    numbering.set(qn("w:start"), "1")


def _section_end(section: Any) -> Any:
    """A paragraph of no height that ends a section."""
    made, layout = OxmlElement("w:p"), OxmlElement("w:pPr")
    spacing = OxmlElement("w:spacing")
    for name, value in (("before", "0"), ("after", "0"), ("line", "20"), ("lineRule", "exact")):
        spacing.set(qn(f"w:{name}"), value)
    layout.extend([spacing, deepcopy(section)])
    made.append(layout)
    return made
