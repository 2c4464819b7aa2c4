"""What a family has erased reaches the love corner and the photos that show the child."""

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from lxsaas.activities.models import CornerEntry, ShownPhoto, ShownPhotoChild
from lxsaas.core.crypto import school_cipher
from lxsaas.pupils.hooks import secrets_erased
from lxsaas.registers.attachments import files_of, withdraw_file
from lxsaas.registers.forgetting import forget_versions
from lxsaas.registers.models import Attachment


def erase_shown(session: Session, school_id: int, pupil_id: int, by: int) -> None:
    """Empties a child's messages and works, files and earlier versions included, and takes its photos down.

    These rest on consent alone. A photo on which other children can be recognised too stays in the records of
    the activity and is shown no more.
    """
    here = (CornerEntry.school_id == school_id) & (CornerEntry.pupil_id == pupil_id)
    entries = session.scalars(select(CornerEntry).where(here).with_for_update()).all()
    for entry in entries:
        for file in session.scalars(files_of(entry)).all():
            withdraw_file(session, file, by=by)
        entry.title, entry.words, entry.by_line, entry.state = "", None, None, "hidden"
        entry.withdrawn_at = entry.withdrawn_at or session.scalar(select(func.now()))
        entry.version += 1
    session.flush()
    forget_versions(session, school_cipher(session, school_id), entries)
    for photo_id in session.scalars(_photos_of(school_id, pupil_id)).all():
        _take_down(session, session.get_one(ShownPhoto, (school_id, photo_id)), by)


def _photos_of(school_id: int, pupil_id: int) -> Select[int]:
    one = ShownPhotoChild
    return select(one.photo_id).where(one.school_id == school_id, one.pupil_id == pupil_id)


def _take_down(session: Session, photo: ShownPhoto, by: int) -> None:
    child = ShownPhotoChild
    here = (child.school_id == photo.school_id) & (child.photo_id == photo.id)
    is_alone = session.scalar(select(func.count()).where(here)) == 1
    session.execute(delete(child).where(here))
    session.delete(photo)
    session.flush()
    file = session.get_one(Attachment, (photo.school_id, photo.attachment_id))
    if is_alone and file.withdrawn_at is None:
        withdraw_file(session, file, by=by)


secrets_erased.append(erase_shown)
