"""The sentences for this feature's errors."""

from lxsaas.core.messages import N_, register

register(
    {
        "known_in_future": N_("This instant has not come yet."),
        "known_too_early": N_("This is more than a year ago; check the date."),
        "done_before_known": N_("This lies before the school knew of it."),
        "closed_as_missing": N_("Say why it is closed."),
        "authorities_not_told": N_(
            "Tell police, civil affairs and the education bureau first; only a report that was opened by"
            " mistake can be closed without."
        ),
        "report_closed": N_("The report is closed; open it again first."),
        "report_not_closed": N_("The report is not closed."),
        "step_words_missing": N_("Say what was done."),
        "recipient_missing": N_("Say who was told: the office and the person."),
        "due_before": N_("The due day lies before the beginning."),
        "settled_with_outcome": N_("Give the day on which it was settled, and what came of it."),
        "contact_of_other_network": N_("This contact belongs to another network."),
        "share_nothing": N_("Write what the district may read, or choose the report's own text."),
        "share_names_child": N_("This text names the child: leave the name out."),
    }
)
