"""The whole file of a child, taken out for handover: features add their part when they are imported.

Counselling adds none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from lxsaas.core.crypto import SchoolCipher
from lxsaas.core.export import Table
from lxsaas.pupils.models import Pupil


@dataclass(frozen=True)
class FilePart:
    """A chapter of the file: facts, tables, and documents kept beside it; texts in the reader's language."""

    title: str
    facts: Sequence[tuple[str, str]] = field(default=(), repr=False)
    tables: Sequence[Table] = field(default=(), repr=False)
    documents: Sequence["Document"] = field(default=(), repr=False)

    @property
    def is_empty(self) -> bool:
        return not self.facts and not self.documents and not any(table.rows for table in self.tables)


@dataclass(frozen=True)
class Document:
    """A photo or a document that goes along."""

    name: str
    """File name made of letters, digits, '-' and '.': nothing that a person typed."""
    caption: str
    content: bytes = field(repr=False)

    @property
    def is_photo(self) -> bool:
        return self.name.endswith((".jpeg", ".jpg"))


PartSource = Callable[[Session, SchoolCipher, Pupil, date], FilePart]
"""Called with the school's cipher, a child whose whole file the reader keeps, and the day at the school.

It may open sealed fields: the export has one audit entry that names all parts.
"""

_parts: list[PartSource] = []


def add_part(source: PartSource) -> None:
    """Adds a chapter to every child's file, once."""
    if source not in _parts:
        _parts.append(source)


def parts_of_file(session: Session, cipher: SchoolCipher, pupil: Pupil, today: date) -> list[FilePart]:
    """The chapters of a child's file, without empty ones."""
    parts = [source(session, cipher, pupil, today) for source in _parts]
    return [part for part in parts if not part.is_empty]
