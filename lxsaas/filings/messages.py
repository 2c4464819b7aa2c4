"""What is told about filings."""

from lxsaas.core.messages import N_, register

register(
    {
        "filing_no_term": N_("There is no such term."),
        "filing_does_not_add_up": N_("The table does not add up: %(count)s children lack something."),
        "filing_too_early": N_("The cut-off day is not over yet."),
        "filing_password_wrong": N_("This is not your password."),
        "filing_unchanged": N_("Nothing differs from the version that was sent."),
        "filing_reason_missing": N_("Say what was corrected."),
        "filing_changed": N_("The figures changed while you looked at them. Look again before you sign."),
        "filing_decided": N_("This version was decided already."),
        "filing_superseded": N_("The school has sent a later version."),
        "filing_remark_missing": N_("Say what is to be corrected: in a remark, or below."),
        "filing_cut_off_outside": N_("The cut-off day lies in the term."),
        "filing_due_outside": N_("The due day lies between today and the end of the term."),
        "filing_due_before_cut_off": N_(
            "Schools sign from the cut-off day on; the due day is not before it."
        ),
        "filing_term_over": N_("The term is over; what was asked for in it stays."),
        "filing_call_sent": N_(
            "Schools that have filed already: %(count)s. What was asked for can be changed, not withdrawn."
        ),
        "filing_call_reason_missing": N_("Schools have filed already and have to sign again: tell them why."),
        "filing_call_stale": N_("Somebody has changed it meanwhile; look at it once more."),
        "filing_outdated": N_(
            "It was made under an earlier request and is not summed; the school has to send again."
        ),
        "filing_definition_unknown": N_("There is no such definition."),
        "fact_parents_away": N_("Both parents are said to be away: nobody lives with a parent then."),
        "filing_nobody_late": N_("No school is to be reminded, or all were told today."),
    }
)
