"""What a family has erased reaches the works and photos of the growth portfolio."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lxsaas.core.crypto import school_cipher
from lxsaas.portfolio.models import PortfolioEntry
from lxsaas.pupils.hooks import secrets_erased
from lxsaas.registers.attachments import files_of, withdraw_file
from lxsaas.registers.forgetting import forget_versions

CONSENTED = ("work", "photo")
"""They rest on consent alone; conduct, mood and evaluations are the school's own records and stay."""


def erase_works(session: Session, school_id: int, pupil_id: int, by: int) -> None:
    """Empties a child's works and photos, files and earlier versions included, and withdraws them."""
    one = PortfolioEntry
    here = (one.school_id == school_id) & (one.pupil_id == pupil_id) & one.kind.in_(CONSENTED)
    entries = session.scalars(select(one).where(here).with_for_update()).all()
    for entry in entries:
        for file in session.scalars(files_of(entry)).all():
            withdraw_file(session, file, by=by)
        entry.text_sealed = None
        entry.withdrawn_at = entry.withdrawn_at or session.scalar(select(func.now()))
        entry.version += 1
    session.flush()
    forget_versions(session, school_cipher(session, school_id), entries)


secrets_erased.append(erase_works)
