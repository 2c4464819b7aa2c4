"""The sentences for this feature's errors, and what kinds of care and their details are called."""

from collections.abc import Mapping

from lxsaas.care.details import FourCares, Giver, Item, Means, Party
from lxsaas.care.models import CareKind
from lxsaas.core.messages import N_, register

register(
    {
        "care_nobody": N_("Choose at least one child."),
        "care_in_future": N_("This day has not come yet."),
        "care_too_old": N_("This day is more than %(days)s days ago; check the date."),
        "care_not_enrolled": N_("Not a pupil of the school on this day: %(names)s."),
        "care_note_too_long": N_("The note is longer than %(limit)s characters."),
        "care_note_character": N_("This holds a character that cannot be kept."),
        "care_minutes": N_("Give the minutes as a whole number from 1 to %(limit)s."),
        "letter_too_long": N_("The text is longer than %(limit)s characters."),
        "letter_placeholder": N_("There is no placeholder %(names)s; see the list below."),
        "letter_brace": N_("A placeholder is not closed: each { needs its }."),
        "phone_twice": N_("This child has a call booked at this time already."),
        "phone_past": N_("This day is over; book a day from today on."),
        "phone_far": N_("Book at most %(weeks)s weeks ahead."),
        "phone_to_come": N_("This day has not come yet; note the call once it was made."),
        "phone_midnight": N_("The last of these calls would be after midnight."),
        "phone_not_own": N_("This call was noted by somebody else; the principal can take it back."),
        "phone_noted": N_("The outcome of this call was noted already."),
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
PARTIES: Mapping[int, str] = {
    Party.FATHER: N_("father"),
    Party.MOTHER: N_("mother"),
    Party.BOTH: N_("both parents"),
    Party.GRANDPARENT: N_("grandparents"),
    Party.OTHER: N_("other relative"),
}
MEANS: Mapping[int, str] = {
    Means.PHONE: N_("by telephone"),
    Means.VIDEO: N_("by video"),
    Means.MESSAGE: N_("by message"),
    Means.BY_CHILD: N_("given to the child to take home"),
    Means.POST: N_("by post"),
    Means.MEETING: N_("handed over at school"),
}
ITEMS: Mapping[int, str] = {
    Item.STATIONERY: N_("stationery"),
    Item.BOOKS: N_("books"),
    Item.CLOTHES: N_("clothes"),
    Item.FOOD: N_("food"),
    Item.DAILY_NEEDS: N_("things of daily use"),
    Item.MONEY: N_("money"),
    Item.OTHER: N_("something else"),
}
GIVERS: Mapping[int, str] = {
    Giver.SCHOOL: N_("the school"),
    Giver.TEACHER: N_("a teacher"),
    Giver.CLASSMATES: N_("classmates"),
    Giver.VOLUNTEERS: N_("volunteers or caring mothers"),
    Giver.ENTERPRISE: N_("an enterprise"),
    Giver.GOVERNMENT: N_("a public office"),
    Giver.OTHER: N_("somebody else"),
}
FOUR_CARES: Mapping[int, str] = {
    FourCares.THOUGHT: N_("thought"),
    FourCares.STUDY: N_("study"),
    FourCares.LIFE: N_("life"),
    FourCares.HEALTH: N_("health"),
}
FIELDS: Mapping[str, str] = {
    "occurred_on": N_("Day"),
    "kind": N_("What was done"),
    "note": N_("Note"),
    "party": N_("With whom"),
    "means": N_("How"),
    "item": N_("What was given"),
    "giver": N_("From whom"),
    "minutes": N_("Minutes"),
    "tags": N_("The four cares"),
}
"""What the fields of a record are called."""
CODES: Mapping[str, Mapping[int, str]] = {
    "party": PARTIES,
    "means": MEANS,
    "item": ITEMS,
    "giver": GIVERS,
}
"""The words for the codes of a record's details, by field."""
