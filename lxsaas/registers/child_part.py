"""The rows of a register about one child as a chapter of the child's whole file."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.core.crypto import SchoolCipher
from lxsaas.core.export import Cell, Table
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.whole_file import Document, FilePart, PartSource
from lxsaas.registers.attachments import files_by_row, opened_content
from lxsaas.registers.listing import Names, fields_shown
from lxsaas.registers.models import Attachment
from lxsaas.registers.register import Register
from lxsaas.registers.rows import values_of


def part_of_register(register: Register) -> PartSource:
    """A chapter with every row of a register about the child, all fields opened, and the rows' files.

    For `add_part`. Withdrawn rows are left out: they count nowhere.
    """

    def part(session: Session, cipher: SchoolCipher, pupil: Pupil, _today: date) -> FilePart:
        rows = rows_about(session, register, pupil)
        names = Names(session, register, rows)
        fields = fields_shown(register)
        lines = [_line(register, row, names, fields, cipher) for row in rows]
        headings = [*(names.label(name) for name in fields), gettext("Recorded by")]
        table = Table(gettext(register.title), [], headings, ["text"] * len(headings), lines)
        files = files_by_row(session, register.key, [row.id for row in rows]) if register.with_files else {}
        return FilePart(
            gettext(register.title), tables=[table], documents=documents_of(session, cipher, register, files)
        )

    return part


def rows_about(session: Session, register: Register, pupil: Pupil) -> Sequence[Any]:
    """The rows of a register about one child that were not withdrawn, the oldest first."""
    model: Any = register.model
    query = select(model).where(
        model.school_id == pupil.school_id, model.pupil_id == pupil.id, model.withdrawn_at.is_(None)
    )
    return session.scalars(query.order_by(getattr(model, register.ordered_by), model.id)).all()


def documents_of(
    session: Session, cipher: SchoolCipher, register: Register, files: Mapping[int, Sequence[Attachment]]
) -> list[Document]:
    """The files of some rows, opened."""
    contents = opened_content(session, cipher, [one for held in files.values() for one in held])
    return [
        Document(
            f"{register.key.replace('_', '-')}-{row_id}-{at}.{one.media_type.rpartition('/')[2]}",
            gettext("%(title)s, file %(number)s", title=gettext(register.one), number=at),
            contents[one.id],
        )
        for row_id, held in files.items()
        for at, one in enumerate(held, 1)
    ]


def _line(
    register: Register, row: Any, names: Names, fields: Sequence[str], cipher: SchoolCipher
) -> list[Cell]:
    values = values_of(row, cipher)
    return [*(names.text(name, values.get(name)) for name in fields), names.author(row)]
