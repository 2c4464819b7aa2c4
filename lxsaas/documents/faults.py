"""What is wrong with an uploaded template, and where; told to whoever uploaded it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lxsaas.core.errors import RuleError
from lxsaas.core.messages import N_, register

PLACES = {
    "document": N_("Text, paragraph %(number)s"),
    "hdr": N_("Page header, paragraph %(number)s"),
    "ftr": N_("Page footer, paragraph %(number)s"),
    "footnotes": N_("Footnotes, paragraph %(number)s"),
}
"""By the name of an XML part's root, where a paragraph stands."""
OTHER_PLACES = {
    "word/document.xml": N_("the text, across paragraphs or in the description of a picture"),
    "word/comments.xml": N_("the comments"),
    "word/endnotes.xml": N_("the endnotes"),
    "docProps/core.xml": N_("the properties of the file"),
}
"""By the name of a part, where something stands that is in no paragraph to be filled."""
SENTENCES = {
    "size": N_("The file is larger than %(limit)s MB."),
    "zip": N_("The file is not a Word document (.docx), or it is damaged."),
    "kind": N_("The file is not a .docx document: “%(found)s”."),
    "macros": N_("The file holds macros: “%(found)s”. Save it as .docx without macros."),
    "object": N_("The file holds an embedded object or another file: “%(found)s”. Take it out."),
    "external": N_("The file leads to something outside of it: “%(found)s”. Take the link out."),
    "bomb": N_("The file unpacks to far more than a document needs: “%(found)s”."),
    "path": N_("The file has a part with an improper name: “%(found)s”."),
    "xml": N_("A part of the file cannot be read: “%(found)s”."),
    "picture": N_("A picture cannot be read: “%(found)s”. Insert it anew as PNG or JPEG."),
    "missing": N_("The file names a part that it does not hold: “%(found)s”. Save it anew in Word."),
    "unfillable": N_("Word’s own marks in the file are broken: it cannot be filled. Save it anew in Word."),
    "doctype": N_("A part of the file declares entities: “%(found)s”."),
    "command": N_("%(place)s: the Word field “%(found)s” is not allowed."),
    "statement": N_("%(place)s: “%(found)s” is a loop, condition or other command; only fields are allowed."),
    "attribute": N_("%(place)s: “%(found)s” reaches into a field; only its name is allowed."),
    "expression": N_("%(place)s: “%(found)s” computes something; only a field's name is allowed."),
    "open": N_("%(place)s: braces are not closed: “%(found)s”."),
    "unknown": N_("%(place)s: there is no field “%(found)s”."),
    "alone": N_("%(place)s: the field “%(found)s” must stand alone in its paragraph of the text."),
    "page": N_(
        "%(place)s: the field “%(found)s” differs from child to child; it may stand in the text only."
    ),
    "long": N_("“%(found)s” is larger than %(limit)s KB: too much to be repeated for each child."),
    "often": N_("The field “%(found)s” stands in the template more than %(limit)s times."),
    "outside": N_("“%(found)s” stands where no field is filled: in %(place)s."),
    "required": N_("The template does not use the field “%(found)s”, without which no document may be."),
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong."""

    code: str
    found: str = ""
    """The part of the file, or the words, that are wrong."""
    part: str = ""
    """Name of the XML root in whose paragraph it stands, or of the part."""
    number: int = 0
    """Which paragraph, from 1; 0: none."""
    limit: int = 0

    def told(self, translate: Callable[[str], str] = str) -> str:
        """The sentence that names the place."""
        place = PLACES.get(self.part)
        shown = translate(OTHER_PLACES.get(self.part, self.part))
        if place and self.number:
            shown = translate(place) % {"number": self.number}
        values = {"place": shown, "found": self.found, "limit": self.limit}
        return translate(SENTENCES[self.code]) % values


class TemplateRefused(RuleError):
    """A template that is not taken, with everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("template_refused", field="file", count=len(faults))
        self.faults = tuple(faults)


register({"template_refused": N_("The template is not taken; %(count)s faults were found.")})
