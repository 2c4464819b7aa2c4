"""Care in a child's timeline and whole file: counts a month; every record with its note and its photos.

Counselling is in neither.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lxsaas.accounts.models import Staff
from lxsaas.care.beside import details_of, files_of_records, opened_notes
from lxsaas.care.messages import KINDS
from lxsaas.care.models import CareFile, CareKind, CareRecord
from lxsaas.care.pages import detail_words
from lxsaas.core.crypto import SchoolCipher
from lxsaas.core.export import Cell, Table
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.timeline import Moment, add_source
from lxsaas.pupils.whole_file import Document, FilePart, add_part
from lxsaas.registers.attachments import opened_content


def care_lanes(session: Session, pupil: Pupil, _today: date) -> Iterable[Moment]:
    """How often what was done in each month, in the order in which the kinds are offered."""
    record = CareRecord
    month = func.date_trunc("month", record.occurred_on)
    counted = session.execute(
        select(record.kind, func.min(record.occurred_on), func.count())
        .where(
            record.school_id == pupil.school_id,
            record.pupil_id == pupil.id,
            record.kind != CareKind.COUNSELLING,
            record.withdrawn_at.is_(None),
        )
        .group_by(record.kind, month)
    ).all()
    order = list(KINDS)
    for kind, day, count in sorted(counted, key=lambda row: (order.index(CareKind(row[0])), row[1])):
        yield Moment(gettext(KINDS[CareKind(kind)]), "count", day, count=count)


def care_part(session: Session, cipher: SchoolCipher, pupil: Pupil, _today: date) -> FilePart:
    """Every record that stands, with its note; photos that show this child alone go along."""
    same = (Staff.school_id == CareRecord.school_id) & (Staff.id == CareRecord.recorded_by)
    query = (
        select(CareRecord, Staff.name)
        .join(Staff, same)
        .where(
            CareRecord.school_id == pupil.school_id,
            CareRecord.pupil_id == pupil.id,
            CareRecord.kind != CareKind.COUNSELLING,
            CareRecord.withdrawn_at.is_(None),
        )
        .order_by(CareRecord.occurred_on, CareRecord.id)
    )
    records = [(record, author) for record, author in session.execute(query)]
    ids = [record.id for record, _ in records]
    notes, details = opened_notes(session, pupil.school_id, ids), details_of(session, ids)
    headings = [
        gettext("Day"), gettext("What was done"), gettext("Details"), gettext("Note"), gettext("Recorded by"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            record.occurred_on.isoformat(),
            gettext(KINDS[CareKind(record.kind)]),
            detail_words(details.get(record.id)),
            notes.get(record.id),
            author,
        ]
        for record, author in records
    ]
    title = gettext("Care records")
    table = Table(title, [], headings, ["text"] * len(headings), rows)
    return FilePart(title, tables=[table], documents=_own_documents(session, cipher, ids))


def _own_documents(session: Session, cipher: SchoolCipher, record_ids: Sequence[int]) -> list[Document]:
    """The files of these records; one that belongs to other children's records too is not handed over."""
    files = {one.id: one for held in files_of_records(session, record_ids).values() for one in held}
    shared = set(
        session.scalars(
            select(CareFile.attachment_id).where(
                CareFile.attachment_id.in_(files), CareFile.care_record_id.not_in(record_ids)
            )
        )
    )
    own = [one for one in files.values() if one.id not in shared]
    contents = opened_content(session, cipher, own)
    return [
        Document(
            f"care-{one.id}.{one.media_type.rpartition('/')[2]}",
            gettext("Care record, file %(number)s", number=at),
            contents[one.id],
        )
        for at, one in enumerate(own, 1)
    ]


add_source(care_lanes)
add_part(care_part)
