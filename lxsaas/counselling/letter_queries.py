"""Reads of the letterbox and of the room's hours."""

from sqlalchemy import Select, and_, or_, select

from lxsaas.accounts.models import Staff
from lxsaas.counselling.models import CounsellingCase, LetterboxLetter, LetterboxMessage, RoomHour


def letters_of_case(case_id: int) -> Select[LetterboxLetter]:
    return select(LetterboxLetter).where(LetterboxLetter.case_id == case_id).order_by(LetterboxLetter.id)


def letters_for(staff_id: int, show: str = "all") -> Select[LetterboxLetter]:
    """The letters that a counsellor may read: all, but those that belong to a colleague's case.

    `show`: 'waiting' for those whose child waits for an answer. The longest waiting first, then the newest.
    """
    letter = LetterboxLetter
    own = select(CounsellingCase.id).where(CounsellingCase.counsellor_id == staff_id)
    query = select(letter).where(or_(letter.case_id.is_(None), letter.case_id.in_(own)))
    if show == "waiting":
        query = query.where(letter.waiting_since.is_not(None))
    return query.order_by(letter.waiting_since.asc().nulls_last(), letter.id.desc())


def messages_of(letter_id: int) -> Select[LetterboxMessage, str | None]:
    """(message, who answered) of a letter in the order in which they were written."""
    message = LetterboxMessage
    return (
        select(message, Staff.name)
        .outerjoin(Staff, and_(Staff.school_id == message.school_id, Staff.id == message.staff_id))
        .where(message.letter_id == letter_id)
        .order_by(message.id)
    )


def hours(school_id: int) -> Select[RoomHour, str]:
    """(hours, counsellor) of the counselling room through the week."""
    return (
        select(RoomHour, Staff.name)
        .join(Staff, and_(Staff.school_id == RoomHour.school_id, Staff.id == RoomHour.counsellor_id))
        .where(RoomHour.school_id == school_id, RoomHour.withdrawn_at.is_(None), Staff.is_active)
        .order_by(RoomHour.weekday, RoomHour.starts_at, RoomHour.id)
    )
