"""The check of an uploaded template: only declared fields, by their names, where they can be filled.

Every brace is accounted for twice: in the words of each paragraph, which can be named to a person, and in
what docxtpl makes of the whole part before Jinja sees it, where nothing else may be left over.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docxtpl import DocxTemplate
from lxml import etree

from lxsaas.documents.faults import PLACES, Fault, TemplateRefused
from lxsaas.documents.fields import Fields, TemplateField
from lxsaas.documents.package import elements, parts_of

TAG = re.compile(r"\{\{\s*(\w+)\s*\}\}")
"""A field as it may stand: a name in double braces."""
_BRACES = re.compile(r"\{[{%#]|[}%#]\}")
_ANY = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}|\{#(.*?)#\}", re.DOTALL)
_COMMAND = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|EMBED|MACROBUTTON|DATABASE|GOTOBUTTON|RD|"
    r"MERGEFIELD|FILLIN|ASK)\b",
    re.IGNORECASE,
)
"""Fields of Word that fetch something or ask whoever opens the document."""
MOST, MOST_TEXT = 3, 50
"""How often a list, a table or a picture may stand in a template, and how often another field."""
REPEATED = 400 * 1024
"""Bytes of XML of the largest text that is repeated for each child; a letter hardly reaches a tenth."""
SHOWN = 60
"""Characters of what is quoted in a fault."""


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

    def fault(self, code: str, found: str) -> Fault:
        return Fault(code, found.strip()[:SHOWN], self.part, self.number)


def check_template(content: bytes, fields: Fields) -> Usage:
    """What the template uses; raises TemplateRefused with every fault, each naming its place."""
    faults: list[Fault] = []
    used: list[str] = []
    for name, root in parts_of(content).items():
        kind = etree.QName(root).localname
        if kind not in PLACES:
            faults += _stray(name, root)
            continue
        before = len(faults)
        names = []
        for spot in _spots(kind, root):
            faults += _faults_of(spot, fields)
            names += TAG.findall(spot.text)
        if len(faults) == before:
            faults += _hidden(content, name, root, names)
        if fields.is_paged and len(etree.tostring(root, encoding="utf-8")) > REPEATED:
            faults.append(Fault("long", name, limit=REPEATED // 1024))
        used += [found.code for one in names if (found := fields.find(one))]
    faults += _wrong_in_number(fields, used)
    if faults:
        raise TemplateRefused(faults)
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


def _spots(part: str, root: "etree._Element") -> Iterator[_Spot]:
    for number, paragraph in enumerate(elements(root, "p"), 1):
        yield _Spot(part, number, words_of(paragraph))


def words_of(paragraph: "etree._Element") -> str:
    """A paragraph's own words; those of a text box within are paragraphs by themselves."""
    words = []
    for one in elements(paragraph, "t"):
        if next(one.iterancestors(paragraph.tag)) is paragraph:
            words.append(one.text or "")
    return "".join(words)


def _faults_of(spot: _Spot, fields: Fields) -> Iterator[Fault]:
    for found in _ANY.finditer(spot.text):
        if found[1] is None:
            yield spot.fault("statement", found[0])
        elif not TAG.fullmatch(found[0]):
            yield spot.fault(_kind_of(found[1]), found[0])
        else:
            yield from _field_faults(spot, found[1].strip(), fields)
    if rest := _BRACES.search(_ANY.sub("", spot.text)):
        yield spot.fault("open", spot.text[max(0, rest.start() - 10) :])


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


def _stray(name: str, root: "etree._Element") -> Iterator[Fault]:
    """Braces in a part that nobody fills: comments, properties, settings."""
    text = _text_of(root)
    if found := _BRACES.search(text):
        yield Fault("outside", text[found.start() :][:SHOWN], name)
    yield from _commands(name, root)


def _hidden(content: bytes, name: str, root: "etree._Element", names: list[str]) -> Iterator[Fault]:
    """What Jinja would see beside the fields in the paragraphs: in attributes, or across them."""
    patched = DocxTemplate(io.BytesIO(content)).patch_xml(etree.tostring(root, encoding="unicode"))
    rest = TAG.sub("", patched)
    if found := re.search(r"\{[{%#]", rest):
        yield Fault("outside", rest[found.start() :][:SHOWN], name)
    elif sorted(TAG.findall(patched)) != sorted(names):
        yield Fault("outside", "{{ }}", name)
    yield from _commands(etree.QName(root).localname, root)


def _text_of(root: "etree._Element") -> str:
    values = (str(value) for one in root.iter() if isinstance(one.tag, str) for value in one.attrib.values())
    return "".join(str(one) for one in root.itertext()) + " ".join(values)


def _commands(part: str, root: "etree._Element") -> Iterator[Fault]:
    """Word's own fields that reach outside; their letters may be spread over runs."""
    for number, paragraph in enumerate(elements(root, "p"), 1):
        said = "".join(one.text or "" for one in elements(paragraph, "instrText"))
        simple = [
            str(value)
            for one in elements(paragraph, "fldSimple")
            for key, value in one.attrib.items()
            if str(key).endswith("}instr")
        ]
        for text in (said, *simple):
            if _COMMAND.search(text):
                yield Fault("command", text.strip()[:SHOWN], part, number)
    if any(True for _ in elements(root, "altChunk")):
        yield Fault("object", "altChunk", part)
