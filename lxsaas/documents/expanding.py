"""Fills a template of declared fields: those that stand for a list, a table or a picture take its place.

The loops are written here, after the check has seen that the template brings none of its own.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length
from docx.text.paragraph import Paragraph

from lxsaas.documents.checking import TAG, paragraphs_of
from lxsaas.documents.fields import Fields, TemplateField
from lxsaas.documents.filling import fill, sealed_in_time
from lxsaas.documents.pages import PAGES, names_of, repeat_body
from lxsaas.documents.paper import Paper, field
from lxsaas.documents.paragraphs import command, say

PICTURE_CM = 15.0
TABLE_SIZE = 9.0
"""Points."""
_ENTRY = "lx_entry"


def fill_fields(
    template: bytes,
    fields: Fields,
    values: Mapping[str, Any],
    *,
    title: str,
    pages: Sequence[Mapping[str, Any]] | None = None,
    pictures: Mapping[str, bytes] | None = None,
    made_at: datetime | None = None,
    translate: Callable[[str], str] = str,
) -> bytes:
    """The template with its fields filled; `values` by the fields' codes, `pictures` as PNG.

    With `pages` its text stands there once for each of them, on a page of its own, filled with what it says
    of the fields that differ. The same input gives the same bytes. Raises LxsaasError as `fill` does.
    """
    laid_out = expanded(template, fields, pictures or {}, translate, is_repeated=pages is not None)
    both: dict[str, Any] = {name: value for one, value in _told(fields, values, translate)
                            for name in (one.code, one.word)}  # fmt: skip
    if pages is not None:
        both[PAGES] = [_of_page(fields, page, translate) for page in pages]
    return fill(laid_out, both, title=title, made_at=made_at)


def _told(
    fields: Fields, values: Mapping[str, Any], translate: Callable[[str], str]
) -> Iterator[tuple[TemplateField, Any]]:
    """The fields that have a value, with what stands there where it is an empty list."""
    for one in fields.values():
        if one.code in values:
            value = values[one.code]
            if one.kind == "lines" and one.none and not value:
                value = [translate(one.none)]
            yield one, value


def _of_page(fields: Fields, page: Mapping[str, Any], translate: Callable[[str], str]) -> list[Any]:
    told = {one.code: value for one, value in _told(fields, page, translate)}
    return [told[code] for _, code in names_of(fields)]


def expanded(
    template: bytes,
    fields: Fields,
    pictures: Mapping[str, bytes],
    translate: Callable[[str], str] = str,
    *,
    is_repeated: bool = False,
) -> bytes:
    """The template with loops, tables and pictures where a field of such a kind stands alone."""
    document: Any = Document(io.BytesIO(template))
    # A document may be without a section of its own.
    document.element.body.get_or_add_sectPr()
    paragraphs: dict[Any, str] = paragraphs_of(document.element.body)
    for paragraph, words in paragraphs.items():
        found = TAG.fullmatch(words.strip())
        known = fields.find(found[1]) if found else None
        if known is None or known.kind == "text":
            continue
        if known.kind in ("lines", "blocks"):
            _repeat(paragraph, known)
        elif known.kind == "table":
            _lay_table(document, paragraph, known, translate)
        else:
            _draw(document, paragraph, pictures.get(known.code))
    if is_repeated:
        repeat_body(document.element.body, fields)
    return sealed_in_time(document)


def _repeat(paragraph: Any, known: TemplateField) -> None:
    """The paragraph once for each line, with the layout that it has in the template."""
    blank = deepcopy(paragraph)
    say(blank, "")
    lines = [paragraph]
    if known.kind == "blocks":
        heading = deepcopy(paragraph)
        say(heading, field(f"{_ENTRY}.heading"), is_heading=True)
        lines = [command(f"if {_ENTRY}.heading"), heading, command("else"), paragraph, command("endif")]
    say(paragraph, field(f"{_ENTRY}.line" if known.kind == "blocks" else _ENTRY))
    around = [command(f"for {_ENTRY} in {known.code}"), *lines, command("endfor")]
    if paragraph.getparent().tag != qn("w:body"):
        # Word opens no cell without a paragraph.
        around += [command(f"if not {known.code}"), blank, command("endif")]
    _replace(paragraph, around)


def _replace(paragraph: Any, others: Sequence[Any]) -> None:
    """Puts others, among which it may be, in the place of a paragraph."""
    place = OxmlElement("w:p")
    paragraph.getparent().replace(paragraph, place)
    for one in others:
        place.addprevious(one)
    place.getparent().remove(place)


def _lay_table(document: Any, paragraph: Any, known: TemplateField, translate: Callable[[str], str]) -> None:
    paper = Paper()
    paper.table(
        [translate(one.heading) for one in known.columns],
        [field(f"{_ENTRY}.{one.code}") for one in known.columns],
        widths_cm=[one.width for one in known.columns], name=_ENTRY, of=known.code,
        size=_size_of(paragraph), width_cm=_text_width(document),
    )  # fmt: skip
    table = paper.document.tables[-1]._tbl
    for row in table.tr_lst:
        # A row that lies on two pages is read wrongly.
        row.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))
    _draw_lines(table)
    nothing = deepcopy(paragraph)
    say(nothing, translate(known.none) if known.none else "")
    # A cell of a table must end with a paragraph, and two tables need one between them.
    say(paragraph, "")
    around = (command(f"if {known.code}"), table, paragraph, command("else"), nothing, command("endif"))
    _replace(paragraph, around)


def _size_of(paragraph: Any) -> float:
    """The size of type in points that the field has, where it is set at the field itself."""
    found = next(paragraph.iter(qn("w:sz")), None)
    size = str(found.get(qn("w:val"))) if found is not None else ""
    return min(max(int(size) / 2, 6), 16) if size.isdecimal() else TABLE_SIZE


def _text_width(document: Any) -> float | None:
    """Centimetres between the page's margins; None where the template does not say."""
    page = document.sections[-1]
    lengths = (page.page_width, page.left_margin, page.right_margin)
    if any(one is None for one in lengths):
        return None
    return float(max(Length(lengths[0] - lengths[1] - lengths[2]).cm, 4))


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
    say(paragraph, "")
    if picture is not None:
        Paragraph(paragraph, document._body).add_run().add_picture(io.BytesIO(picture), width=Cm(PICTURE_CM))
