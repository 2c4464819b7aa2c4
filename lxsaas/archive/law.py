"""What the law names: points to check before a child is entrusted, purposes that need consent, days.

Minors Protection Law, article 22: a child may be entrusted only to an adult of full capacity who is able to
care, never to somebody of whom one of the listed points is true; the child who can express a view is heard.
Article 21: no child under 16 lives alone. Article 23: parents tell the school in writing, and are in touch
with child and guardian at least once a week. Personal Information Protection Law, articles 28–31, 44–50.
"""

from dataclasses import dataclass

from lxsaas.core.messages import N_

POINTS = {
    "capacity": N_("An adult of full capacity who is able to look after a child"),
    "crimes": N_("Never committed abuse, abandonment, trafficking, violence or a sexual offence"),
    "addictions": N_("No drugs, no drunkenness, no gambling"),
    "neglect": N_("Never refused or long neglected the duties of a guardian"),
    "unfit": N_("Nothing else makes the person unfit: character, family, health, ties with the child"),
}
"""Code -> message id, as the person who keeps the file confirms them; all must hold."""
HEARD_FROM_AGE = 8
"""Years from which a child always can say whom it would live with (Civil Code, art. 19)."""
ALONE_BELOW_AGE = 16
ANSWER_DAYS = 15
"""Days in which the school answers a request to correct or delete."""


@dataclass(frozen=True)
class Purpose:
    """One purpose for which a child's data is used, as guardians are asked about it."""

    name: str
    """Message id."""
    text: str
    """Message id: what is collected, for what, who sees it, how long it is kept."""
    version: int = 1
    """Rises when the text changes; a consent names the version that was agreed to."""


PURPOSES = {
    "care": Purpose(
        N_("The file and daily care"),
        N_(
            "The school keeps a file on the child (basic data, character, interests, health, contacts of the "
            "family) and records talks, visits and calls, to care for the child. The homeroom teacher, the "
            "principal and the archive keeper see it; the law says how long it is kept."
        ),
    ),
    "photos": Purpose(
        N_("Photos and works"),
        N_(
            "Photos of the child and its works are kept with records of care and activities and may hang on "
            "the school’s wall. They are not put on the internet."
        ),
    ),
    "counselling": Purpose(
        N_("Counselling"),
        N_(
            "The school’s counsellor talks with the child and keeps confidential notes that only the "
            "counsellor reads."
        ),
    ),
    "handover": Purpose(
        N_("Handover to another school"),
        N_("If the child moves to another school, its file is handed over to that school."),
    ),
    "support": Purpose(
        N_("Support from outside the school"),
        N_(
            "Name, class and need of the child are told to charities, volunteers or authorities that "
            "support it."
        ),
    ),
}
LIVES_WITH = {
    "parent": N_("a parent"),
    "grandparents": N_("grandparents"),
    "relatives": N_("other relatives"),
    "others": N_("others"),
    "alone": N_("alone"),
}
GUARDIANSHIP = {
    "good": N_("good: all duties met"),
    "fair": N_("fair: the basics are met, with risks"),
    "poor": N_("poor: nobody, or a guardian who is not able"),
}
"""As the statistics table asks for it (domain document)."""
GIVEN_BY = {
    "both": N_("both parents"),
    "father": N_("father"),
    "mother": N_("mother"),
    "guardian": N_("another guardian"),
}
REQUESTS = {"correct": N_("Correct something"), "delete": N_("Delete something")}
OUTCOMES = {"accepted": N_("Granted"), "refused": N_("Turned down")}
FIELD_NAMES = {
    "name": N_("Name"),
    "relation": N_("Relation"),
    "phone": N_("Telephone"),
    "address": N_("Address"),
    "identity": N_("Identity number"),
    "workplace": N_("Place of work"),
    "duty": N_("Occupation"),
    "is_guardian": N_("Guardian"),
    "is_at_home": N_("Lives with the child"),
    "is_gone": N_("Dead, or out of touch for good"),
    "verified_on": N_("Checked"),
    "character": N_("Character"),
    "interests": N_("Interests"),
    "health": N_("Health"),
    "history": N_("Past illnesses, allergies, medicines"),
    "no_history": N_("Asked: there are none"),
    "lives_with": N_("Lives with"),
    "guardianship": N_("Guardianship"),
    "is_registered": N_("Household registration"),
    "is_rural": N_("Household"),
    "is_boarding": N_("Boarding"),
    "is_orphan": N_("Orphan"),
    "needs_aid": N_("Needs aid"),
    "receives_aid": N_("Receives aid"),
}
"""What the fields of the file are called in its history."""
