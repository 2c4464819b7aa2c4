"""The sentences for this feature's errors, and what the kinds of care are called."""

from lxsaas.care.models import CareKind
from lxsaas.core.messages import N_, register

register(
    {
        "care_nobody": N_("Choose at least one child."),
        "care_in_future": N_("This day has not come yet."),
        "care_too_old": N_("This day is more than %(days)s days ago; check the date."),
        "care_not_enrolled": N_("Not a pupil of the school on this day: %(names)s."),
        "care_note_too_long": N_("The note is longer than %(limit)s characters."),
    }
)

KINDS: dict[CareKind, str] = {
    CareKind.TALK: N_("Talk"),
    CareKind.HOME_VISIT: N_("Home visit"),
    CareKind.PARENT_CALL: N_("Call with a parent"),
    CareKind.PARENT_LETTER: N_("Letter to the parents"),
    CareKind.FAMILY_PHONE: N_("Family phone"),
    CareKind.GUARDIAN_CONTACT: N_("Contact with the guardian"),
    CareKind.COUNSELLING: N_("Counselling"),
    CareKind.TUTORING: N_("Tutoring"),
    CareKind.SCHOOL_VISIT: N_("Guardian came to the school"),
    CareKind.GIFT: N_("Gift or supplies"),
    CareKind.BIRTHDAY_GREETING: N_("Birthday greeting"),
    CareKind.OTHER: N_("Other care"),
}
"""In the order in which they are offered."""
MONTHLY: dict[CareKind, str] = {
    CareKind.TALK: N_("Talk"),
    CareKind.HOME_VISIT: N_("Home visit"),
    CareKind.PARENT_CALL: N_("Call"),
}
"""Owed to each care target each month (P11, P12), in words that fit three to a row on a phone."""
