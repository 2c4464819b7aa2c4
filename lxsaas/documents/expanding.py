"""Fills a template of declared fields: those that stand for a list, a table or a picture take its place.

The loops are written here, after the check has seen that the template brings none of its own.
"""

import io
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm
from docx.text.paragraph import Paragraph

from lxsaas.documents.checking import TAG, paragraphs_of
from lxsaas.documents.fields import Fields, TemplateField
from lxsaas.documents.filling import fill, sealed_in_time
from lxsaas.documents.paper import Paper, field

PICTURE_CM = 15.0
_ENTRY = "lx_entry"


def fill_fields(
    template: bytes,
    fields: Fields,
    values: Mapping[str, Any],
    *,
    title: str,
    pictures: Mapping[str, bytes] | None = None,
    made_at: datetime | None = None,
    translate: Callable[[str], str] = str,
) -> bytes:
    """The template with its fields filled; `values` by the fields' codes, `pictures` as PNG.

    The same input gives the same bytes. Raises LxsaasError as `fill` does.
    """
    laid_out = expanded(template, fields, pictures or {}, translate)
    both = {name: values[one.code] for one in fields.values() if one.code in values
            for name in (one.code, one.word)}  # fmt: skip
    return fill(laid_out, both, title=title, made_at=made_at, translate=translate)


def expanded(
    template: bytes, fields: Fields, pictures: Mapping[str, bytes], translate: Callable[[str], str] = str
) -> bytes:
    """The template with loops, tables and pictures where a field of such a kind stands alone."""
    document: Any = Document(io.BytesIO(template))
    paragraphs: dict[Any, str] = paragraphs_of(document.element.body)
    for paragraph, words in paragraphs.items():
        found = TAG.fullmatch(words.strip())
        known = fields.find(found[1]) if found else None
        if known is None or known.kind == "text":
            continue
        if known.kind == "lines":
            _repeat(paragraph, known)
        elif known.kind == "table":
            _lay_table(paragraph, known, translate)
        else:
            _draw(document, paragraph, pictures.get(known.code))
    return sealed_in_time(document)


def _repeat(paragraph: Any, known: TemplateField) -> None:
    """The paragraph once for each line, with the layout that it has in the template."""
    before, after = deepcopy(paragraph), deepcopy(paragraph)
    _say(before, f"{{%p for {_ENTRY} in {known.code} %}}")
    _say(paragraph, field(_ENTRY))
    _say(after, "{%p endfor %}")
    paragraph.addprevious(before)
    paragraph.addnext(after)


def _say(paragraph: Any, text: str) -> None:
    """Gives a paragraph one run of its first run's looks."""
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


def _lay_table(paragraph: Any, known: TemplateField, translate: Callable[[str], str]) -> None:
    paper = Paper()
    paper.table(
        [translate(one.heading) for one in known.columns],
        [field(f"{_ENTRY}.{one.code}") for one in known.columns],
        widths_cm=[one.width for one in known.columns], name=_ENTRY, of=known.code, size=9,
    )  # fmt: skip
    table = paper.document.tables[-1]._tbl
    for row in table.tr_lst:
        # A row that lies on two pages is read wrongly.
        row.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))
    _draw_lines(table)
    paragraph.addprevious(table)
    # A cell of a table must end with a paragraph, and two tables need one between them.
    _say(paragraph, "")


def _draw_lines(table: Any) -> None:
    """Borders of its own: a school's template need not know the style."""
    properties = table.tblPr
    style = properties.find(qn("w:tblStyle"))
    if style is not None:
        properties.remove(style)
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "auto")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    layout = properties.find(qn("w:tblLayout"))
    if layout is not None:
        layout.addprevious(borders)
    else:
        properties.append(borders)


def _draw(document: Any, paragraph: Any, picture: bytes | None) -> None:
    _say(paragraph, "")
    if picture is not None:
        Paragraph(paragraph, document._body).add_run().add_picture(io.BytesIO(picture), width=Cm(PICTURE_CM))
