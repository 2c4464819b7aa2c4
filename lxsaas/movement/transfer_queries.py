"""Reads of transfers, each from one side of them."""

from datetime import date

from sqlalchemy import Select, or_, select

from lxsaas.movement.transfer_models import FormerFile, TransferPackage
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import School


def sent(school_id: int) -> Select[TransferPackage, Pupil]:
    """(offer, child) of the former school, the newest first."""
    return (
        select(TransferPackage, Pupil)
        .join(Pupil, (Pupil.school_id == TransferPackage.school_id) & (Pupil.id == TransferPackage.pupil_id))
        .where(TransferPackage.school_id == school_id)
        .order_by(TransferPackage.id.desc())
    )


def offered(school_id: int, on: date) -> Select[TransferPackage]:
    """What other schools offer to this one and is still open."""
    return (
        select(TransferPackage)
        .where(
            TransferPackage.to_school_id == school_id,
            TransferPackage.state == "open",
            TransferPackage.expires_on > on,
        )
        .order_by(TransferPackage.id)
    )


def arrived(school_id: int) -> Select[FormerFile, Pupil]:
    """(file of the former school, child) of those who came, the newest first."""
    return (
        select(FormerFile, Pupil)
        .join(Pupil, (Pupil.school_id == FormerFile.school_id) & (Pupil.id == FormerFile.pupil_id))
        .where(FormerFile.school_id == school_id)
        .order_by(FormerFile.id.desc())
    )


def former_files(school_id: int, pupil_id: int) -> Select[FormerFile]:
    return (
        select(FormerFile)
        .where(FormerFile.school_id == school_id, FormerFile.pupil_id == pupil_id)
        .order_by(FormerFile.id.desc())
    )


def school_called(words: str) -> Select[School]:
    """Schools with this address or exact name; in the directory's scope."""
    return select(School).where(or_(School.slug == words.strip().lower(), School.name == words.strip()))
