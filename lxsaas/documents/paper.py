"""Lays out a template of declared fields: an A4 page in the fonts of Chinese official papers."""

from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from lxsaas.documents.filling import sealed_in_time

SERIF, FORMAL, HEAD = "宋体", "仿宋", "黑体"
"""Table and small text; running text; headings."""
LATIN = "Times New Roman"
# What else these faces are called: by Word in other languages, by WPS, on Linux and in LibreOffice.
ALIASES = {
    SERIF: "SimSun,Noto Serif CJK SC,Songti SC",
    FORMAL: "FangSong,仿宋_GB2312,STFangsong,Noto Serif CJK SC",
    HEAD: "SimHei,Noto Sans CJK SC,Heiti SC",
}
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_CENTER, _RIGHT, _LEFT = (getattr(WD_ALIGN_PARAGRAPH, one) for one in ("CENTER", "RIGHT", "LEFT"))


def field(name: str) -> str:
    """The place of a value."""
    return f"{{{{ {name} }}}}"


class Paper:
    """A template that grows from top to bottom."""

    def __init__(self, *, landscape: bool = False) -> None:
        self.document: Any = Document()
        self._page(landscape)
        self._fonts()

    def title(self, text: str, *, size: float = 22) -> None:
        """The document's name, large and in the middle."""
        self._paragraph(text, font=HEAD, size=size, align=_CENTER, after=14, style="Title")

    def heading(self, text: str) -> None:
        """A part's name; Word's outline shows it."""
        self._paragraph(text, font=HEAD, size=14, before=10, after=4, style="Heading 1")

    def line(
        self, text: str, *, size: float = 14, center: bool = False, right: bool = False, indent: bool = False,
        after: float = 4,
    ) -> None:  # fmt: skip
        """A paragraph of running text; `indent` by two characters, as in print; `after` in points."""
        align = _CENTER if center else _RIGHT if right else _LEFT
        self._paragraph(text, font=FORMAL, size=size, align=align, indent=indent, after=after)

    def gap(self, points: float = 14) -> None:
        """Empty space between two parts."""
        self._paragraph("", font=FORMAL, size=points)

    def facts(self, rows: Sequence[tuple[str, str]], *, label_cm: float = 3.2) -> None:
        """A table of two columns: what something is called, what it is."""
        table = self._table([label_cm, self._width - label_cm])
        for label, value in rows:
            cells = table.add_row().cells
            self._cell(cells[0], label, bold=True)
            self._cell(cells[1], value)
        self.gap(6)

    def table(self, headings: Sequence[str], cells: Sequence[str], *, widths_cm: Sequence[float],
              name: str = "row", of: str = "rows", size: float = 11,
              width_cm: float | None = None) -> None:  # fmt: skip
        """A table whose one row of cells repeats for each entry of a list; its headings on every page.

        `width_cm`: of all columns; without it that of the page's text.
        """
        scale = (width_cm or self._width) / sum(widths_cm)
        table = self._table([one * scale for one in widths_cm])
        head = table.add_row()
        head_mark = OxmlElement("w:tblHeader")
        head._tr.get_or_add_trPr().append(head_mark)
        for cell, text in zip(head.cells, headings, strict=True):
            self._cell(cell, text, bold=True, size=size)
        for texts in ([f"{{%tr for {name} in {of} %}}"], cells, ["{%tr endfor %}"]):
            for cell, text in zip(table.add_row().cells, texts, strict=False):
                self._cell(cell, text, size=size)
        self.gap(6)

    def signatures(self, labels: Sequence[str]) -> None:
        """Lines to sign on, each with who signs."""
        for label in labels:
            made = self._paragraph(
                f"{label}____________________", font=FORMAL, size=14, align=_RIGHT, before=12
            )
            # All who sign do so on one page.
            made.paragraph_format.keep_with_next = True

    def template(self) -> bytes:
        """The bytes for `fill`."""
        return sealed_in_time(self.document)

    def _page(self, landscape: bool) -> None:
        section = self.document.sections[0]
        size = (Cm(29.7), Cm(21)) if landscape else (Cm(21), Cm(29.7))
        section.page_width, section.page_height = size
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.top_margin = section.bottom_margin = Cm(2.5)
        section.left_margin = section.right_margin = Cm(2.6)
        self._width = (29.7 if landscape else 21) - 5.2

    def _fonts(self) -> None:
        styles = self.document.styles
        for name, font in (("Normal", FORMAL), ("Title", HEAD), ("Heading 1", HEAD)):
            _set_font(styles[name].element.get_or_add_rPr(), font)
        for part in self.document.part.package.iter_parts():
            if part.partname == "/word/fontTable.xml":
                _name_fonts(part)
        # Without a language a program may take the Japanese forms of characters.
        for language in styles.element.iter(qn("w:lang")):
            language.set(qn("w:eastAsia"), "zh-CN")
        # The default template's titles are blue and underlined by a rule.
        for name in ("Title", "Heading 1"):
            styles[name].font.color.rgb = None
            for border in styles[name].element.findall(f".//{qn('w:pBdr')}"):
                border.getparent().remove(border)

    def _paragraph(
        self, text: str, *, font: str, size: float, align: Any = None, before: float = 0, after: float = 0,
        indent: bool = False, style: str = "Normal",
    ) -> Any:  # fmt: skip
        made = self.document.add_paragraph(style=style)
        _write(made, text, font=font, size=size)
        made.alignment = align
        layout = made.paragraph_format
        layout.space_before, layout.space_after, layout.line_spacing = Pt(before), Pt(after), 1.35
        if indent:
            layout.first_line_indent = Pt(size * 2)
        return made

    def _table(self, widths_cm: Sequence[float]) -> Any:
        table = self.document.add_table(rows=0, cols=len(widths_cm), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths_cm, strict=True):
            column.width = Cm(width)
        return table

    def _cell(self, cell: Any, text: str, *, bold: bool = False, size: float = 11) -> None:
        made = cell.paragraphs[0]
        _write(made, text, font=SERIF, size=size, bold=bold)
        around = Pt(3 if size >= 11 else 1.5)
        made.paragraph_format.space_before = made.paragraph_format.space_after = around


def _write(paragraph: Any, text: str, *, font: str, size: float, bold: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    _set_font(run._r.get_or_add_rPr(), font)


def _set_font(properties: Any, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    # A theme's font would win over the named one.
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for kind, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", font)):
        fonts.set(qn(f"w:{kind}"), name)


def _name_fonts(part: Part) -> None:
    """Says in the file what else its fonts are called, so that a machine without them takes a like one."""
    entries = "".join(
        f'<w:font xmlns:w="{_W}" w:name="{name}"><w:altName w:val="{aliases}"/><w:charset w:val="86"/>'
        f'<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, aliases in ALIASES.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")
