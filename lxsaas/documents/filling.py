"""Fills a .docx template with plain values: nothing else can be reached, and what is missing is named."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from docx.opc.constants import CONTENT_TYPE
from docxtpl import DocxTemplate
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.loaders import DictLoader
from jinja2.runtime import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lxsaas.core.errors import LxsaasError
from lxsaas.core.messages import N_, register

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
"""Media type of a .docx file."""
# XML 1.0 has no place for these, and docxtpl reads some of them as commands (\a, \f).
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_SAID = re.compile(r"(<w:t(?: [^>]*[^/>])?>)([^<]*[\n\t][^<]*)(?=</w:t>)")
_KEEPING = '<w:t xml:space="preserve">'
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can name."""

register(
    {
        "document_field": N_("The document's template asks for “%(name)s”, which is not known."),
        "document_template": N_("The document's template is faulty: %(fault)s."),
    }
)


class _Word(DocxTemplate):
    """docxtpl, which fills footnotes once for each section, so that a value would be read as a template;
    fills the file's properties, where no field may stand; and takes hours for what `resolve_listing` does."""

    def render_properties(self, context: Any, jinja_env: Any = None) -> None:
        """The properties are ours (`_sign_off`)."""

    def render_footnotes(self, context: Any, jinja_env: Any = None) -> None:
        for part in self.docx.part.package.iter_parts():
            if part.content_type == CONTENT_TYPE.WML_FOOTNOTES:
                patched = self.patch_xml(self.get_part_xml(part))
                part._blob = self.render_xml_part(patched, part, context, jinja_env).encode()

    def resolve_listing(self, xml: str) -> str:
        """Line ends and tabs in texts as Word writes them."""
        return _SAID.sub(_as_word_writes, xml)


def _as_word_writes(found: re.Match[str]) -> str:
    again = f"</w:t>{{}}{_KEEPING}"
    lines = found[2].replace("\n", again.format("<w:br/>")).replace("\t", again.format("<w:tab/>"))
    return found[1] + lines


class _Values(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, in which `row.items` is the field 'items' of a row and never a mapping's method."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


def fill(
    template: bytes,
    values: Mapping[str, Any],
    *,
    title: str,
    made_at: datetime | None = None,
) -> bytes:
    """The template as a .docx with its fields filled; the same input gives the same bytes.

    `values` are texts, numbers, truth values, None, and lists and mappings of these; dates come as words.
    `title` and `made_at` (without it: 1980) stand in the
    file's properties, which name no author. Raises LxsaasError 'document_field' with the name of a field
    that is not among `values`, 'document_template' for what is no template or reaches for more than values,
    and TypeError for values that are not plain.
    """
    # Escaped always: a text with '<' is a text.
    environment = _Values(autoescape=True, undefined=StrictUndefined, loader=DictLoader({}))
    environment.globals.clear()
    document = _Word(io.BytesIO(template))
    context = {name: _plain(value) for name, value in values.items()}
    try:
        document.render(context, environment, autoescape=True)
    except UndefinedError as error:
        raise LxsaasError("document_field", name=_named(error)) from error
    except (TemplateSyntaxError, SecurityError) as error:
        raise LxsaasError("document_template", fault=str(error)) from error
    except TemplateError as error:
        raise LxsaasError("document_template", fault=type(error).__name__) from error
    _sign_off(document, title, made_at or datetime(*_EPOCH, tzinfo=UTC))
    return sealed_in_time(document)


def sealed_in_time(document: Any) -> bytes:
    """The bytes of a python-docx document or a filled template, without the hour at which it was saved."""
    buffer = io.BytesIO()
    document.save(buffer)
    again = io.BytesIO()
    with zipfile.ZipFile(buffer) as made, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, made.read(name))
    return again.getvalue()


def _sign_off(document: Any, title: str, made_at: datetime) -> None:
    properties = document.docx.core_properties
    properties.title = _CONTROL.sub("", title)[:255]
    properties.created = properties.modified = made_at.astimezone(UTC).replace(tzinfo=None)
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.revision = 1


def _plain(value: Any) -> Any:
    """A value without anything that a template could walk along."""
    if isinstance(value, str):
        return _CONTROL.sub("", value.replace("\r\n", "\n"))
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(one) for one in value]
    raise TypeError(f"a document is filled with plain values, not with {type(value).__name__}")


def _named(error: UndefinedError) -> str:
    """The field that Jinja missed, from its message: 'x' is undefined, … has no attribute 'x'."""
    found = re.findall(r"'([^']+)'", error.message or "")
    return found[-1] if found else str(error)
