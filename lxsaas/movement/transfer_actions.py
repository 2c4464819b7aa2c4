"""A transfer: the former school offers, the receiving one accepts or refuses, the former one forgets (P6)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.clock import now
from lxsaas.core.errors import RuleError
from lxsaas.exports.actions import forget_files_with_children
from lxsaas.movement.transfer_file import gather, new_code, open_with_code, seal_with_code
from lxsaas.movement.transfer_models import TransferPackage
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.whole_file import FilePart
from lxsaas.registers.actions import refusals_told

DAYS = 30
"""How long a file waits to be received."""


def offer_pupil(
    session: Session,
    pupil: Pupil,
    *,
    to_school_id: int | None,
    to_name: str,
    from_name: str,
    chapters: Sequence[FilePart],
    today: date,
    by: int,
) -> tuple[TransferPackage, str]:
    """Offers a child's file to another school, and returns the code by which that school opens it.

    The code is kept nowhere. For a school outside the system there is nothing to open: code ''. Raises
    RuleError for one's own school, and where an offer for this child is open.
    """
    if to_school_id == pupil.school_id:
        raise RuleError("transfer_own_school", field="to_school")
    code = new_code() if to_school_id is not None else ""
    package = TransferPackage(
        school_id=pupil.school_id, pupil_id=pupil.id, to_school_id=to_school_id, to_name=to_name,
        from_name=from_name, requested_by=by, expires_on=today + timedelta(days=DAYS), state="open",
    )  # fmt: skip
    if code:
        file = gather(session, pupil, chapters)
        package.content = seal_with_code(file, code, _place(pupil.school_id, to_school_id))
    with refusals_told(session, TransferPackage):
        session.add(package)
        session.flush()
    audit(
        session, "offer_transfer", "transfer_package", package.id,
        school_id=pupil.school_id, by=by, pupil_id=pupil.id, to_school=to_school_id,
    )  # fmt: skip
    return package, code


def withdraw_offer(session: Session, package: TransferPackage, *, by: int) -> None:
    """The former school takes its offer back; the child stays. Raises RuleError where it is settled."""
    _settle(session, package, "withdrawn")
    audit(
        session, "withdraw_transfer", "transfer_package", package.id,
        school_id=package.school_id, by=by, pupil_id=package.pupil_id,
    )  # fmt: skip
    session.flush()


def refuse_offer(session: Session, package: TransferPackage, *, by: int) -> None:
    """The receiving school does not take the child. Raises RuleError where it is settled."""
    assert package.to_school_id is not None
    _settle(session, package, "refused")
    audit(session, "refuse_transfer", "transfer_package", package.id, school_id=package.to_school_id, by=by)
    session.flush()


def open_offer(package: TransferPackage, code: str, *, today: date) -> dict[str, Any]:
    """The file, for the receiving school. Raises RuleError for a wrong code, a settled or expired offer."""
    if package.state != "open" or package.content is None:
        raise RuleError("transfer_settled")
    if today >= package.expires_on:
        raise RuleError("transfer_expired")
    return open_with_code(package.content, code, _place(package.school_id, package.to_school_id))


def take_offer(session: Session, package: TransferPackage, code: str, *, today: date) -> Mapping[str, Any]:
    """Opens the file and marks it received, in the transaction that makes the child. Raises RuleError."""
    hold(session, package)
    file = open_offer(package, code, today=today)
    _settle(session, package, "received")
    return file


def confirm_outside(session: Session, package: TransferPackage, *, by: int) -> None:
    """A school outside the system has told that it has child and file. Raises RuleError where settled."""
    _settle(session, package, "received")
    audit(
        session, "confirm_transfer", "transfer_package", package.id,
        school_id=package.school_id, by=by, pupil_id=package.pupil_id,
    )  # fmt: skip
    session.flush()


def forget_received(session: Session, *, school_id: int, today: date) -> int:
    """The former school forgets the children whose files were received; how many.

    Run in the former school's scope. Repeating it is harmless: what is forgotten is marked so. The database
    itself clears the rows (`lx_forget_pupil`): what the nightly count may read stays, nothing else.
    """
    query = select(TransferPackage).where(
        TransferPackage.school_id == school_id, TransferPackage.state == "received"
    )
    packages = session.scalars(query.with_for_update(skip_locked=True)).all()
    for package in packages:
        pupil = session.get_one(Pupil, (school_id, package.pupil_id), with_for_update=True)
        if pupil.left_on is None or pupil.left_on > today:
            pupil.left_on = max(today, pupil.enrolled_on)
            note_change(session, school_id=school_id, starts_on=pupil.left_on, ends_on=None)
        session.flush()
        session.execute(text("select lx_forget_pupil(:id)"), {"id": package.id})
        session.expire_all()
        audit(session, "forget_pupil", "pupil", pupil.id, school_id=school_id, by=package.requested_by)
        forget_files_with_children(session, school_id, by=package.requested_by)
        package.state = "forgotten"
        session.flush()
    return len(packages)


def drop_expired(session: Session, *, school_id: int, today: date) -> None:
    """Takes back what nobody has received in time, and with it its content."""
    query = select(TransferPackage).where(
        TransferPackage.school_id == school_id,
        TransferPackage.state == "open",
        TransferPackage.expires_on <= today,
        TransferPackage.to_school_id.is_not(None),
    )
    for package in session.scalars(query.with_for_update(skip_locked=True)):
        _settle(session, package, "withdrawn")
        audit(
            session, "expire_transfer", "transfer_package", package.id,
            school_id=school_id, by=None, pupil_id=package.pupil_id,
        )  # fmt: skip
    session.flush()


def hold(session: Session, package: TransferPackage) -> None:
    """Locks the offer: of two who settle it at the same time the second is told."""
    session.refresh(package, with_for_update=True)


def _settle(session: Session, package: TransferPackage, state: str) -> None:
    hold(session, package)
    if package.state != "open":
        raise RuleError("transfer_settled")
    package.state, package.content, package.settled_at = state, None, now()
    session.flush()


def _place(from_school: int, to_school: int | None) -> str:
    return f"transfer:{from_school}:{to_school}"
