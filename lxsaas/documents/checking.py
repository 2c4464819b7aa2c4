"""The check of an uploaded template: only declared fields, by their names, where they can be filled.

Every brace is accounted for twice: in the words of each paragraph, which can be named to a person, and in
what docxtpl makes of the whole part before Jinja sees it, where nothing else may be left over.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from docxtpl import DocxTemplate
from lxml import etree

from lxsaas.documents.faults import PLACES, Fault, TemplateRefused
from lxsaas.documents.fields import Fields, TemplateField
from lxsaas.documents.package import OUTSIDE, WORDS, elements, parts_of

TAG = re.compile(r"\{\{\s*(\w+)\s*\}\}")
"""A field as it may stand: a name in double braces."""
_BRACES = re.compile(r"\{[{%#]|[}%#]\}")
_OPENING, _CLOSING = re.compile(r"(\{[{%#])"), {"{{": "}}", "{%": "%}", "{#": "#}"}
_HARMLESS = re.compile(
    r"\s*(=|(PAGE|NUMPAGES|SECTION|SECTIONPAGES|PAGEREF|REF|NOTEREF|STYLEREF|SEQ|TOC|TC|DATE|TIME|"
    r"CREATEDATE|SAVEDATE|PRINTDATE|TITLE|SYMBOL|EQ|HYPERLINK\s+\\l)\b)",
    re.IGNORECASE,
)
"""Word's own fields that show a number, a day or a place; others fetch, ask or hide something."""
_LINKS, _OBJECTS = frozenset({"href", "src"}), frozenset({"mailMerge", "altChunk"})
"""Attributes and elements that lead outside or to another file, without a relation of the package."""
MOST, MOST_TEXT = 3, 50
"""How often a list, a table or a picture may stand in a template, and how often another field."""
REPEATED = 400 * 1024
"""Bytes of XML of the largest text that is repeated for each child; a letter hardly reaches a tenth."""
SHOWN = 60
"""Characters of what is quoted in a fault."""
MANY = 40
"""Faults that are told; nobody mends more at once."""


@dataclass(frozen=True)
class Usage:
    """What a template that is taken uses."""

    used: tuple[str, ...]
    unused: tuple[str, ...]
    """Codes of the fields that are worth a mention and that it leaves out."""


@dataclass(frozen=True)
class _Spot:
    """A paragraph: where it stands and what it says."""

    part: str
    number: int
    text: str

    @property
    def names(self) -> list[str]:
        return TAG.findall(self.text)

    def fault(self, code: str, found: str) -> Fault:
        return Fault(code, found.strip()[:SHOWN], self.part, self.number)


def check_template(content: bytes, fields: Fields) -> Usage:
    """What the template uses; raises TemplateRefused with its faults, each naming its place."""
    faults: list[Fault] = []
    used: list[str] = []
    for name, root in parts_of(content).items():
        kind = etree.QName(root).localname
        spots = _spots(kind, root) if kind in PLACES else []
        in_words = (fault for spot in spots for fault in _faults_of(spot, fields))
        faults += [*islice(in_words, MANY)] or _hidden(content, name, root, spots)
        faults += islice(_reaching(name, root), MANY)
        if spots and fields.is_paged and len(etree.tostring(root, encoding="utf-8")) > REPEATED:
            faults.append(Fault("long", name, limit=REPEATED // 1024))
        used += [known.code for spot in spots for one in spot.names if (known := fields.find(one))]
    faults += _wrong_in_number(fields, used)
    if faults:
        raise TemplateRefused(faults[:MANY])
    unused = [one.code for one in fields.values() if one.is_told and one.code not in used]
    return Usage(tuple(dict.fromkeys(used)), tuple(unused))


def _wrong_in_number(fields: Fields, used: Sequence[str]) -> Iterator[Fault]:
    """Fields that must be there and are not, and those that would fill a document without end."""
    for one in fields.values():
        if one.is_required and one.code not in used:
            yield Fault("required", one.word)
        most = MOST_TEXT if one.kind == "text" else MOST
        if used.count(one.code) > most:
            yield Fault("often", one.word, limit=most)


def _spots(part: str, root: "etree._Element") -> list[_Spot]:
    return [_Spot(part, number, words) for number, words in enumerate(paragraphs_of(root).values(), 1)]


def paragraphs_of(root: "etree._Element") -> dict["etree._Element", str]:
    """Each paragraph with its own words; those of a text box within are paragraphs by themselves."""
    found: dict[etree._Element, list[str]] = {one: [] for one in elements(root, "p")}
    for one in elements(root, "t"):
        # Its own paragraph is the nearest around it; what stands in none is left for `_hidden`.
        inside = next(one.iterancestors(f"{WORDS}p"), None)
        if inside is not None:
            found[inside].append(one.text or "")
    return {paragraph: "".join(words) for paragraph, words in found.items()}


def _faults_of(spot: _Spot, fields: Fields) -> Iterator[Fault]:
    outside, *pieces = _OPENING.split(spot.text)
    for opening, piece in zip(pieces[::2], pieces[1::2], strict=True):
        inner, closing, rest = piece.partition(_CLOSING[opening])
        said = opening + inner + closing
        if not closing:
            yield spot.fault("open", said)
            return
        if opening != "{{":
            yield spot.fault("statement", said)
        elif not TAG.fullmatch(said):
            yield spot.fault(_kind_of(inner), said)
        else:
            yield from _field_faults(spot, inner.strip(), fields)
        outside += rest
    if found := _BRACES.search(outside):
        yield spot.fault("open", outside[max(0, found.start() - 10) :])


def _kind_of(inner: str) -> str:
    if re.search(r"\w\s*(\.|\[)", inner):
        return "attribute"
    return "expression"


def _field_faults(spot: _Spot, name: str, fields: Fields) -> Iterator[Fault]:
    field = fields.find(name)
    if field is None:
        yield spot.fault("unknown", name)
    elif field.kind != "text" and not _stands_alone(spot, field):
        yield spot.fault("alone", name)
    elif field.is_per_page and spot.part != "document":
        yield spot.fault("page", name)


def _stands_alone(spot: _Spot, field: TemplateField) -> bool:
    return spot.part == "document" and TAG.fullmatch(spot.text.strip()) is not None


def _hidden(content: bytes, name: str, root: "etree._Element", spots: Sequence[_Spot]) -> Iterator[Fault]:
    """Braces beside the fields in paragraphs: across them, in attributes, in a part that nobody fills."""
    text = "".join(root.itertext())
    values = " ".join(str(value) for one in root.iter() for value in one.attrib.values())
    for said in (TAG.sub("", text) if spots else text, values):
        if found := _OPENING.search(said):
            yield Fault("outside", said[found.start() :][:SHOWN], name)
            return
    if spots:
        # What Jinja will see, once docxtpl has put the runs together.
        patched = DocxTemplate(io.BytesIO(content)).patch_xml(etree.tostring(root, encoding="unicode"))
        names = sorted(one for spot in spots for one in spot.names)
        if _OPENING.search(TAG.sub("", patched)) or sorted(TAG.findall(patched)) != names:
            yield Fault("outside", "{{ }}", name)


def _reaching(name: str, root: "etree._Element") -> Iterator[Fault]:
    """What would fetch something, lead to it, or ask whoever opens the document."""
    kind = etree.QName(root).localname
    for one in root.iter():
        if etree.QName(one).localname in _OBJECTS:
            yield Fault("object", etree.QName(one).localname, name)
        for key, value in one.attrib.items():
            if etree.QName(key).localname in _LINKS and OUTSIDE.match(str(value)):
                yield Fault("external", str(value)[:SHOWN], name)
    for number, code in _commands(root):
        if not _HARMLESS.match(code):
            yield Fault("command", code.strip()[:SHOWN], kind if kind in PLACES else name, number)


def _commands(root: "etree._Element") -> Iterator[tuple[int, str]]:
    """The codes of Word's own fields, each with the number of the paragraph in which it begins.

    A code may be spread over runs; of one whose name is made by a field within, nothing is left.
    """
    number, begun = 0, [(1, [""])]
    for one in elements(root, "p", "fldSimple", "fldChar", "instrText"):
        kind, edge = etree.QName(one).localname, one.get(f"{WORDS}fldCharType")
        if kind == "p":
            number += 1
        elif kind == "fldSimple":
            yield number, one.get(f"{WORDS}instr") or ""
        elif kind == "instrText":
            begun[-1][1].append(one.text or "")
        elif edge == "begin":
            begun.append((number, []))
        elif edge == "end" and begun[1:]:
            place, code = begun.pop()
            yield place, "".join(code)
    yield from ((place, "".join(code)) for place, code in begun if code != [""])
