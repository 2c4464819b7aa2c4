"""Files of a row: kept sealed, found by the row, opened for who may read it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID, uuid5

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.crypto import SchoolCipher, school_cipher
from lxsaas.core.db import SchoolOwned, table_of
from lxsaas.core.errors import NotFoundError, RuleError
from lxsaas.registers.files import FILES, CleanFile
from lxsaas.registers.models import Attachment, AttachmentContent
from lxsaas.registers.rows import next_id


def attach(
    session: Session,
    row: SchoolOwned,
    files: Sequence[CleanFile],
    *,
    client_key: UUID | None = None,
    by: int,
) -> list[int]:
    """Keeps files with a row, and returns the ids of those that are new.

    With `client_key` the same form sent twice keeps one set, told by the files themselves: whoever adds one
    before sending again adds one. Raises RuleError where the row would have more than FILES.
    """
    held = session.scalar(select(func.count()).select_from(files_of(row).subquery())) or 0
    made = []
    for file in files:
        told = f"{row.__tablename__}:{row.id}:{hashlib.sha256(file.whole).hexdigest()}"
        key = uuid5(client_key, told) if client_key else None
        attachment_id = _insert(session, row, file, key, by)
        if attachment_id is not None:
            made.append(attachment_id)
    if held + len(made) > FILES:
        raise RuleError("files_many", field="files", limit=FILES)
    if made:
        audit(
            session, "attach_files", row.__tablename__, row.id,
            school_id=row.school_id, by=by, files=len(made),
        )  # fmt: skip
    return made


def _insert(session: Session, row: SchoolOwned, file: CleanFile, key: UUID | None, by: int) -> int | None:
    attachment_id = next_id(session, "attachment")
    statement = insert(Attachment).values(
        school_id=row.school_id, id=attachment_id, subject=row.__tablename__, subject_id=row.id,
        media_type=file.media_type, byte_count=len(file.whole), uploaded_by=by, client_key=key,
    )  # fmt: skip
    statement = statement.on_conflict_do_nothing(index_elements=["school_id", "client_key"])
    if session.scalar(statement.returning(Attachment.id)) is None:
        return None
    cipher = school_cipher(session, row.school_id)
    rows = [
        {
            "school_id": row.school_id,
            "attachment_id": attachment_id,
            "variant": variant,
            "content_sealed": cipher.seal_bytes(
                content, table="attachment_content", column="content_sealed", row_id=attachment_id
            ),
        }
        for variant, content in (("whole", file.whole), ("small", file.small))
        if content is not None
    ]
    session.execute(insert(table_of(AttachmentContent)), rows)
    return attachment_id


def files_of(row: SchoolOwned) -> Select[Attachment]:
    """The files of one row, in the order in which they were added."""
    return files_of_rows(row.__tablename__, [row.id]).where(Attachment.school_id == row.school_id)


def files_of_rows(subject: str, row_ids: Iterable[int]) -> Select[Attachment]:
    """The files of some rows of a table."""
    return (
        select(Attachment)
        .where(
            Attachment.subject == subject,
            Attachment.subject_id.in_(list(row_ids)),
            Attachment.withdrawn_at.is_(None),
        )
        .order_by(Attachment.id)
    )


def files_by_row(session: Session, subject: str, row_ids: Iterable[int]) -> Mapping[int, list[Attachment]]:
    """The files of some rows of a table, by row, in one query."""
    found: dict[int, list[Attachment]] = {}
    for one in session.scalars(files_of_rows(subject, row_ids)):
        found.setdefault(one.subject_id, []).append(one)
    return found


def content_of(session: Session, attachment: Attachment, variant: str = "whole") -> bytes:
    """The opened bytes of a file; raises NotFoundError where it has no such variant."""
    held = session.get(AttachmentContent, (attachment.school_id, attachment.id, variant))
    if held is None:
        raise NotFoundError("not_found")
    cipher = school_cipher(session, attachment.school_id)
    return cipher.open_bytes(
        held.content_sealed,
        table="attachment_content",
        column="content_sealed",
        row_id=attachment.id,
    )


def opened_content(
    session: Session, cipher: SchoolCipher, attachments: Iterable[Attachment]
) -> Mapping[int, bytes]:
    """The opened bytes of some files of one school, by their ids, in one query."""
    ids = [one.id for one in attachments]
    query = select(AttachmentContent).where(
        AttachmentContent.attachment_id.in_(ids), AttachmentContent.variant == "whole"
    )
    place = {"table": "attachment_content", "column": "content_sealed"}
    return {
        held.attachment_id: cipher.open_bytes(held.content_sealed, **place, row_id=held.attachment_id)
        for held in session.scalars(query)
    }


def withdraw_file(session: Session, attachment: Attachment, *, by: int) -> None:
    """Takes a file away for good: its bytes are deleted, that it was there stays known."""
    attachment.withdrawn_at = session.scalar(select(func.now()))
    for variant in ("whole", "small"):
        held = session.get(AttachmentContent, (attachment.school_id, attachment.id, variant))
        if held is not None:
            session.delete(held)
    audit(
        session, "withdraw_file", attachment.subject, attachment.subject_id,
        school_id=attachment.school_id, by=by, attachment_id=attachment.id,
    )  # fmt: skip
    session.flush()
