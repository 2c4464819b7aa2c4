"""What is said of an entry of the log: a verb and a noun, so that a new register needs no text here."""

from flask_babel import gettext

from lxsaas.core.messages import N_
from lxsaas.registers.register import REGISTERS

VERBS = {
    "answer": N_("Answered"),
    "apply": N_("Took over"),
    "assign": N_("Assigned classes to"),
    "attach": N_("Added files to"),
    "begin": N_("Began"),
    "book": N_("Booked"),
    "change": N_("Changed"),
    "close": N_("Closed"),
    "confirm": N_("Confirmed"),
    "create": N_("Created"),
    "decide": N_("Decided"),
    "destroy": N_("Destroyed"),
    "edit": N_("Changed"),
    "end": N_("Ended"),
    "erase": N_("Erased secrets of"),
    "export": N_("Took out"),
    "expire": N_("Let expire"),
    "forget": N_("Forgot all of"),
    "find": N_("Searched by number"),
    "hand": N_("Handed over"),
    "invite": N_("Invited"),
    "move": N_("Moved"),
    "note": N_("Noted"),
    "offer": N_("Offered"),
    "open": N_("Opened"),
    "pause": N_("Paused"),
    "print": N_("Printed"),
    "put": N_("Put aside"),
    "raise": N_("Raised"),
    "read": N_("Read"),
    "receive": N_("Received"),
    "record": N_("Entered"),
    "refuse": N_("Refused"),
    "remove": N_("Removed"),
    "request": N_("Asked for"),
    "resume": N_("Resumed"),
    "review": N_("Reviewed"),
    "rotate": N_("Rotated"),
    "send": N_("Sent"),
    "set": N_("Set"),
    "share": N_("Shared"),
    "sign": N_("Signed"),
    "undo": N_("Undid"),
    "upload": N_("Uploaded"),
    "verify": N_("Verified"),
    "view": N_("Saw"),
    "withdraw": N_("Withdrew"),
    "add": N_("Added"),
    "survey": N_("Surveyed"),
    "take": N_("Took up"),
}
NOUNS = {
    "attachment": N_("a file"),
    "school_indicator": N_("the list behind a figure"),
    "care_record": N_("care record"),
    "child_profile": N_("the child's file"),
    "mandatory_report": N_("a mandatory report"),
    "mandatory_step": N_("a step of a mandatory report"),
    "counselling_case": N_("confidential case"),
    "counselling_session": N_("confidential talk"),
    "case_reader": N_("confidential case"),
    "correspondence_thread": N_("notice, request or difficulty"),
    "duty_setting": N_("duty calendar"),
    "exam": N_("exam"),
    "exam_rule": N_("exam rule"),
    "filing": N_("the term’s statistics"),
    "guardian": N_("family"),
    "letter_template": N_("letter text"),
    "letterbox_code": N_("letterbox"),
    "letterbox_letter": N_("letter of the letterbox"),
    "parent_absence": N_("parent's absence"),
    "phone_booking": N_("family phone"),
    "pupil": N_("pupil"),
    "promotion": N_("moving up"),
    "handover": N_("handover"),
    "survey": N_("survey"),
    "survey_answer": N_("survey"),
    "transfer_package": N_("transfer"),
    "register_import": N_("register"),
    "report_subscription": N_("report by email"),
    "room_hour": N_("counselling hours"),
    "school_class": N_("class"),
    "school_key": N_("key"),
    "staff": N_("account"),
    "staff_session": N_("sign-in"),
    "parent_contact_week": N_("contact of the week"),
}


def words(action: str, subject: str) -> str:
    """An entry in words: 'Changed: help plan'."""
    verb = VERBS.get(action.split("_")[0])
    register = REGISTERS.get(subject)
    noun = register[0].one if register else NOUNS.get(subject)
    said = str(gettext(verb)) if verb else action
    return f"{said}{gettext(': ')}{gettext(noun) if noun else subject}"
