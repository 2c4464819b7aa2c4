"""What codes of this feature are called; message ids, in the order in which they are offered."""

from lxsaas.core.messages import N_

WEEKDAYS = {
    1: N_("Monday"),
    2: N_("Tuesday"),
    3: N_("Wednesday"),
    4: N_("Thursday"),
    5: N_("Friday"),
    6: N_("Saturday"),
    7: N_("Sunday"),
}
ITEMS = {
    "telephone": N_("Telephone set"),
    "computer": N_("Computer or tablet"),
    "television": N_("Television"),
    "books": N_("Books"),
    "sport": N_("Sports equipment"),
    "games": N_("Games and toys"),
    "music": N_("Musical instruments"),
    "furniture": N_("Furniture"),
    "other": N_("Something else"),
}
CONDITIONS = {
    "good": N_("In order"),
    "worn": N_("Worn"),
    "broken": N_("Broken"),
    "missing": N_("Lost"),
}
ACTIVITIES = {
    "theme_class": N_("Theme class"),
    "symposium": N_("Symposium"),
    "hand_in_hand": N_("Hand in hand"),
    "festival": N_("Festival"),
    "contest": N_("Contest"),
    "donation": N_("Donation drive"),
    "lecture": N_("Lecture on safety or law"),
    "birthday": N_("Birthday party"),
    "other": N_("Something else"),
}
WORKS = {
    "message": N_("Message"),
    "writing": N_("Essay or poem"),
    "drawing": N_("Drawing"),
    "craft": N_("Handicraft"),
    "photo": N_("Photo"),
    "other": N_("Something else"),
}
AUTHORS = {
    "child": N_("The child"),
    "family": N_("The family"),
    "school": N_("A teacher"),
    "friend": N_("A classmate or friend"),
}
STATES = {
    "submitted": N_("Waiting for the school"),
    "approved": N_("On the wall"),
    "hidden": N_("Not on the wall"),
}
SIDES = {"leading": N_("Leading group"), "committee": N_("Parents’ committee")}
POSITIONS = {"head": N_("Head"), "deputy": N_("Deputy"), "member": N_("Member")}
TEACHERS = {
    "retired_teacher": N_("Retired teacher"),
    "own_staff": N_("Own staff"),
    "outside_expert": N_("Outside expert"),
    "successful_parent": N_("Successful parent"),
}
MONEY = {"budget": N_("Budget"), "spending": N_("Spending")}
MATERIAL = {
    "textbook": N_("Textbook"),
    "handout": N_("Handout"),
    "video": N_("Video"),
    "other": N_("Something else"),
}
EVENTS = {
    "parents_meeting": N_("Parents’ meeting"),
    "open_day": N_("Open day"),
    "visit_day": N_("Collective visit day"),
    "other": N_("Something else"),
}
