"""What must be true of what counsellors and children enter."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from lxsaas.care.queries import district_of
from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.counselling.models import Risk
from lxsaas.counselling.queries import active_staff_with
from lxsaas.pupils.models import Pupil

OLDEST = timedelta(days=400)
"""A case kept on paper may be entered later; what is older is a slip in the date."""
YEAR = timedelta(days=366)
TEXT_LENGTH = 5000
"""Characters of the longest text about a child."""
LETTER_LENGTH = 3000


def today(session: Session, school_id: int) -> date:
    """The calendar day at the school."""
    return clock.today(session.scalars(district_of(school_id)).one().timezone)


def checked_text(text: str | None, field: str, limit: int = TEXT_LENGTH) -> str:
    """The text without blanks around it; raises RuleError for none, a long one, one with a NUL character."""
    text = (text or "").strip()
    if not text:
        raise RuleError("text_required", field=field)
    if "\0" in text:
        raise RuleError("text_character", field=field)
    if len(text) > limit:
        raise RuleError("text_long", field=field, limit=limit)
    return text


def checked_risk(risk: int | None) -> Risk:
    try:
        return Risk(risk or 0)
    except ValueError:
        raise RuleError("case_risk", field="risk") from None


def check_opening(pupil: Pupil, opened_on: date, on: date) -> None:
    """Raises RuleError for a day in the future, long ago, or on which the child was not at the school."""
    if opened_on > on:
        raise RuleError("case_opened_in_future", field="opened_on")
    if opened_on < on - OLDEST:
        raise RuleError("case_opened_too_early", field="opened_on", days=OLDEST.days)
    if opened_on < pupil.enrolled_on or (pupil.left_on and pupil.left_on <= opened_on):
        raise RuleError("case_not_enrolled", field="opened_on")


def check_review(review_on: date, on: date) -> None:
    """Raises RuleError for a review in the past, or more than a year ahead."""
    if review_on < on:
        raise RuleError("review_past", field="review_on")
    if review_on > on + YEAR:
        raise RuleError("review_far", field="review_on")


def check_staff(session: Session, staff_id: int, roles: tuple[str, ...], code: str) -> None:
    """Raises RuleError(code) where this is no active colleague with one of the roles."""
    if all(one.id != staff_id for one in session.scalars(active_staff_with(roles))):
        raise RuleError(code, field="staff_id")
