"""The sentences for this feature's errors."""

from lxsaas.core.messages import N_, register

register(
    {
        "member_twice": N_("This colleague is in the group of this term already."),
        "one_head": N_("The group of this term has a head already."),
        "group_there": N_("The group of this term has members already: change it one by one."),
        "no_group_before": N_("No group of an earlier term is there to carry over."),
        "no_term": N_("The district has set no term."),
        "nobody_attended": N_("Tap who was there."),
        "decided_before": N_("It is due before the meeting that decided it."),
        "decision_done": N_("This is done already."),
        "edition_open": N_("Another edition of this document is begun already: open that one."),
        "not_published": N_("Only what was published can have another edition."),
        "published_before": N_("This document is published already."),
        "newer_edition": N_("A newer edition of this document is in force: read that one."),
        "not_a_monday": N_("A week begins on a Monday."),
        "outside_week": N_("This day lies outside the week."),
        "activity_day_missing": N_("Give the day on which it was done."),
    }
)
