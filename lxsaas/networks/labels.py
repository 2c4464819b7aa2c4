"""What codes of this feature are called; message ids, in the order in which they are offered."""

from lxsaas.core.messages import N_

HARMS = {
    "violence": N_("Injuries, malnutrition or loss of consciousness; violence, bullying or abuse suspected"),
    "private_injury": N_("Unusual injury of private parts, or suspicion of it"),
    "sexual_young": N_("Girl under 14: sexual assault, pregnancy or abortion, or suspicion of it"),
    "sexual_older": N_("Girl of 14 or over: pregnancy or abortion after suspected sexual assault"),
    "unnatural": N_("Disability or death by suicide, self-harm, work injury, poisoning, beating and such"),
    "neglect": N_("Abandoned, or without anybody's care for long"),
    "missing": N_("Missing, of unknown origin, abducted or bought"),
    "begging": N_("Made to beg"),
    "other": N_("Another serious harm, or danger of one"),
}
"""The nine situations of the Opinions on mandatory reporting (2020), art. 4."""
TOLD = {
    "police": N_("Police told"),
    "civil_affairs": N_("Civil affairs told"),
    "education": N_("Education bureau told"),
}
"""The authorities that the law names (Minors Protection Law, art. 11)."""
AUTHORITIES = {
    "police": N_("Police"),
    "civil_affairs": N_("Civil affairs"),
    "education": N_("Education bureau"),
}
STEPS = {
    **TOLD,
    "follow_up": N_("Follow-up"),
    "outcome": N_("Outcome"),
    "closed": N_("Close the report"),
    "reopened": N_("Open it again"),
}
STEP_NAMES = {
    **STEPS,
    "closed": N_("Report closed"),
    "reopened": N_("Opened again"),
    "shared": N_("Shared with the district"),
}
CLOSED_AS = {
    "settled": N_("Settled: the child is safe"),
    "handed_over": N_("In the hands of the authorities"),
    "unfounded": N_("The authorities found no harm"),
    "mistake": N_("Opened by mistake"),
}
STATES = {
    "opened": N_("Nobody told yet"),
    "partly_told": N_("Not everybody told yet"),
    "told": N_("All told, in progress"),
    "closed": N_("Report closed"),
}
LOOKS = {"opened": "poor", "partly_told": "warn", "told": "info", "closed": "quiet"}
"""How a state's badge looks."""
NETWORKS = {
    "relatives": N_("Relatives"),
    "village": N_("Village"),
    "school": N_("School"),
    "society": N_("Social groups and volunteers"),
    "law": N_("Police and law"),
}
"""The five networks (P27)."""
NEEDS = {
    "care": N_("Care in life"),
    "safety": N_("Safety"),
    "health": N_("Health"),
    "mind": N_("Psychology"),
    "study": N_("Study"),
    "money": N_("Lack of money"),
    "law": N_("Legal help"),
    "other": N_("Something else"),
}
OUTCOMES = {
    "helped": N_("It helped"),
    "partly": N_("It helped in part"),
    "not_helped": N_("It did not help"),
    "not_needed": N_("No longer needed"),
}
