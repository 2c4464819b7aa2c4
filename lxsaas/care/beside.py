"""What lies beside a care record: its sealed note, its details, its photos."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.care.details import Detail, detail_of
from lxsaas.care.models import CareDetail, CareFile, CareNote, CareRecord
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import RuleError
from lxsaas.registers.attachments import attach, withdraw_file
from lxsaas.registers.files import FILES, CleanFile
from lxsaas.registers.models import Attachment


def write_note(session: Session, school_id: int, record_id: int, note: str | None) -> None:
    """Puts the note of a record in place of what stood there; None: it has none."""
    if note is None:
        session.execute(delete(CareNote).where(_of(CareNote, school_id, record_id)))
        return
    cipher = school_cipher(session, school_id)
    sealed = cipher.seal(note, table="care_note", column="text_sealed", row_id=record_id)
    statement = insert(CareNote).values(school_id=school_id, care_record_id=record_id, text_sealed=sealed)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["school_id", "care_record_id"], set_={"text_sealed": sealed}
        )
    )


def write_detail(session: Session, school_id: int, record_id: int, detail: Detail) -> None:
    """Puts the details of a record in place of what stood there; most records keep none."""
    if detail.is_empty:
        session.execute(delete(CareDetail).where(_of(CareDetail, school_id, record_id)))
        return
    values = detail.as_values()
    statement = insert(CareDetail).values(school_id=school_id, care_record_id=record_id, **values)
    session.execute(
        statement.on_conflict_do_update(index_elements=["school_id", "care_record_id"], set_=values)
    )


def details_of(session: Session, record_ids: Iterable[int]) -> Mapping[int, Detail]:
    """The details of some records, by record, in one query."""
    rows = session.scalars(select(CareDetail).where(CareDetail.care_record_id.in_(list(record_ids))))
    return {row.care_record_id: detail_of(row) for row in rows}


def opened_notes(session: Session, school_id: int, record_ids: Iterable[int]) -> dict[int, str]:
    """The opened notes of some records, by record; the caller has checked who reads, and logs it."""
    sealed = session.scalars(select(CareNote).where(CareNote.care_record_id.in_(list(record_ids)))).all()
    if not sealed:
        return {}
    cipher = school_cipher(session, school_id)
    opened = {
        one.care_record_id: cipher.open(
            one.text_sealed, table="care_note", column="text_sealed", row_id=one.care_record_id
        )
        for one in sealed
    }
    return {record_id: text for record_id, text in opened.items() if text}


def add_files(
    session: Session,
    school_id: int,
    record_ids: Sequence[int],
    files: Sequence[CleanFile],
    *,
    client_key: UUID | None,
    by: int,
) -> None:
    """Keeps photos with records of one contact, once for all of them.

    With `client_key` a form that is sent twice leaves one set. Raises RuleError where a record would have
    more than FILES.
    """
    first = session.get_one(CareRecord, (school_id, min(record_ids)))
    made = attach(session, first, files, client_key=client_key, by=by)
    if not made:
        return
    rows = [
        {"school_id": school_id, "care_record_id": record_id, "attachment_id": attachment_id}
        for record_id in record_ids
        for attachment_id in made
    ]
    session.execute(insert(CareFile).values(rows))
    if max(len(held) for held in files_of_records(session, record_ids).values()) > FILES:
        raise RuleError("files_many", field="files", limit=FILES)


def files_of_records(session: Session, record_ids: Iterable[int]) -> Mapping[int, list[Attachment]]:
    """The photos and documents of some records, by record, in one query."""
    query = (
        select(CareFile.care_record_id, Attachment)
        .join(
            Attachment,
            (Attachment.school_id == CareFile.school_id) & (Attachment.id == CareFile.attachment_id),
        )
        .where(CareFile.care_record_id.in_(list(record_ids)), Attachment.withdrawn_at.is_(None))
        .order_by(Attachment.id)
    )
    found: dict[int, list[Attachment]] = {}
    for record_id, attachment in session.execute(query):
        found.setdefault(record_id, []).append(attachment)
    return found


def remove_file(session: Session, record: CareRecord, attachment: Attachment, *, by: int) -> None:
    """Takes a photo from a record; from the last record that shows it, its bytes are deleted."""
    here = (CareFile.attachment_id == attachment.id) & (CareFile.school_id == record.school_id)
    session.execute(delete(CareFile).where(here, CareFile.care_record_id == record.id))
    if not session.scalar(select(func.count()).select_from(CareFile).where(here)):
        withdraw_file(session, attachment, by=by)


def _of(model: type[CareNote] | type[CareDetail], school_id: int, record_id: int) -> ColumnElement[bool]:
    return (model.school_id == school_id) & (model.care_record_id == record_id)
