"""The sentences for this feature's errors."""

from lxsaas.core.messages import N_, register

register(
    {
        "pairing_twice": N_("This helper is paired with the child already in these days."),
        "pairing_helper": N_("Choose the helper: a colleague, a classmate, or the name of somebody else."),
        "pairing_staff": N_("This kind of helper is a colleague."),
        "pairing_classmate": N_("A classmate helps here: choose the child."),
        "helper_full": N_("This helper carries %(carried)s children already; the limit is %(limit)s."),
        "end_reason_missing": N_("Say why it ended."),
        "plan_twice": N_("The child has a plan for this term already: open and change that one."),
        "must_visit_open": N_("A must-visit for this reason is open already."),
        "must_visit_since": N_(
            "This visit closed a must-visit, and another one for the same reason was raised since: withdraw"
            " that one first."
        ),
        "attendance_twice": N_("This is entered for that day already."),
        "drop_out_twice": N_("The child is reported as dropped out in these days already."),
        "outcome_missing": N_("Say what came of it when you close it."),
        "same_helper": N_("Choose somebody else."),
    }
)
