"""The sentences for what counselling refuses, and its words."""

from collections.abc import Mapping

from lxsaas.core.messages import N_, register
from lxsaas.counselling.models import Risk

register(
    {
        "text_required": N_("Write something first."),
        "text_long": N_("The text is longer than %(limit)s characters."),
        "text_character": N_("The text holds a character that cannot be kept."),
        "case_open": N_(
            "A case of this child is open already. If it is not yours, ask your colleagues in counselling."
        ),
        "case_closed": N_("This case was closed in the meantime; open a new one to go on."),
        "case_not_yours": N_("This case was handed over in the meantime."),
        "case_risk": N_("Choose a level."),
        "case_opened_in_future": N_("This day has not come yet."),
        "case_opened_too_early": N_("This day is more than %(days)s days ago; check the date."),
        "case_not_enrolled": N_("The child was no pupil of the school on this day."),
        "review_past": N_("The next review lies ahead: give today or a later day."),
        "review_far": N_("Review a case at least once a year."),
        "session_minutes": N_("Give the minutes as a whole number from 1 to %(limit)s."),
        "handover_to": N_("Choose another active counsellor of the school."),
        "handover_from": N_("This colleague counsels still, and hands over the cases in person."),
        "reader_not_principal": N_("A case can be opened to an active principal of the school only."),
        "reader_until": N_("Give a day from today on, within a year."),
        "reader_twice": N_("The case is open to this person already; end that first."),
        "letterbox_code": N_(
            "This is not the code of the letterbox. Look at the poster again, or ask a teacher."
        ),
        "letter_code": N_("There is no letter with this code. Check each number."),
        "letter_stale": N_(
            "Somebody has written here in the meantime. Read it first; what you wrote is still in the box."
        ),
        "letter_taken": N_("This letter belongs to a case already."),
        "hours_order": N_("The end lies after the beginning."),
        "hours_twice": N_("This counsellor has hours at this time already."),
        "hours_counsellor": N_("Choose an active counsellor."),
    }
)

RISKS: Mapping[int, str] = {
    Risk.LOW: N_("low risk"),
    Risk.MEDIUM: N_("medium risk"),
    Risk.HIGH: N_("high risk"),
}
WEEKDAYS: Mapping[int, str] = {
    1: N_("Monday"),
    2: N_("Tuesday"),
    3: N_("Wednesday"),
    4: N_("Thursday"),
    5: N_("Friday"),
    6: N_("Saturday"),
    7: N_("Sunday"),
}
