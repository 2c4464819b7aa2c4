"""What codes of this feature are called; message ids, in the order in which they are offered."""

from lxsaas.core.messages import N_

PAIRING_KINDS = {
    "teacher": N_("Teacher"),
    "pupil": N_("Classmate"),
    "acting_parent": N_("Acting parent"),
    "caring_mother": N_("Caring mother"),
    "neighbour": N_("Neighbour"),
    "party_member": N_("Party member"),
    "volunteer": N_("Volunteer"),
}
STAFF_KINDS = ("teacher", "acting_parent")
"""Kinds of helper that are always colleagues."""
END_REASONS = {
    "term_over": N_("The term is over"),
    "helper_left": N_("The helper has left"),
    "helper_ill": N_("The helper is ill"),
    "handed_over": N_("Handed over to somebody else"),
    "not_needed": N_("No longer needed"),
    "other": N_("Another reason"),
}
FINDINGS = {"good": N_("It helps"), "fair": N_("It helps a little"), "poor": N_("It does not help")}
LEVELS = {
    "usual": N_("Usual care"),
    "attention": N_("Particular attention"),
    "priority": N_("Priority"),
}
LACKS = {
    "care": N_("Lack of care in life"),
    "discipline": N_("Lack of discipline"),
    "tutoring": N_("Lack of tutoring"),
    "morals": N_("Lack of moral guidance"),
    "safety": N_("Lack of safety"),
}
PRIORITIES = {
    "safety": N_("Safety first"),
    "study": N_("Study first"),
    "life": N_("Life first"),
    "activities": N_("Activities first"),
}
RESULTS = {"reached": N_("Goals reached"), "partly": N_("Partly reached"), "missed": N_("Not reached")}
STANDINGS = {
    "ahead": N_("Better than planned"),
    "as_planned": N_("As planned"),
    "behind": N_("Behind the plan"),
}
PROBLEMS = {
    "truancy": N_("Truancy"),
    "fighting": N_("Fighting or bullying"),
    "lying": N_("Lying or stealing"),
    "screens": N_("Phone and games"),
    "smoking": N_("Smoking or drinking"),
    "lessons": N_("Disturbing lessons"),
    "withdrawn": N_("Withdrawn from others"),
    "other": N_("Something else"),
}
OUTCOMES = {"mended": N_("Mended"), "better": N_("Better"), "unchanged": N_("Unchanged")}
VISIT_REASONS = {
    "mood": N_("Low mood"),
    "illness": N_("Illness"),
    "marks": N_("Falling marks"),
    "lateness": N_("Lateness or early leaving"),
    "quarrel": N_("Quarrel with classmates"),
}
VISIT_ORIGINS = {
    "staff": N_("Raised by staff"),
    "exam": N_("From exam results"),
    "attendance": N_("From attendance"),
}
ATTENDANCE = {"absent": N_("Absent"), "late": N_("Late"), "left_early": N_("Left early")}
DROP_OUT_REASONS = {
    "unwilling": N_("Does not want to learn"),
    "work": N_("Went to work"),
    "poverty": N_("Poverty"),
    "illness": N_("Illness"),
    "family": N_("Family"),
    "unknown": N_("Not known yet"),
    "other": N_("Another reason"),
}
STEP_MEANS = {
    "visit": N_("Home visit"),
    "call": N_("Call"),
    "village": N_("With the village"),
    "report": N_("Reported to the authorities"),
    "other": N_("Something else"),
}
AIDS = {
    "boarding": N_("Boarding subsidy"),
    "nutrition": N_("Nutrition meals"),
    "living": N_("Living allowance"),
    "scholarship": N_("Scholarship"),
    "donation": N_("Donation"),
    "goods": N_("Goods"),
    "other": N_("Other support"),
}
