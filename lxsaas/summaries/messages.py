"""What is said when something about a summary is refused."""

from lxsaas.core.messages import N_, register

register(
    {
        "summary_long": N_("The text is longer than %(limit)s characters."),
        "summary_figure": N_("There is no figure %(names)s; see the list of fields."),
        "summary_brace": N_("A figure's name is not closed: each { needs its }."),
        "summary_no_figures": N_("No figures were counted in this school year yet."),
        "summary_begun": N_("This school year has a draft already."),
        "summary_frozen": N_("This summary is final and changes no more; begin a new version."),
        "summary_not_frozen": N_("Only a final summary has a further version."),
        "summary_not_final": N_("Only a final summary is sent."),
        "summary_not_confirmed": N_("Confirm that the words name no child."),
        "summary_superseded": N_("A later version was sent already."),
        "summary_sent": N_("This version was sent already."),
        "summary_due_outside": N_(
            "The due day lies between today and two years after the school year’s end."
        ),
        "summary_nobody_missing": N_("Every school has sent its summary."),
        "summary_stale": N_("The summary was changed meanwhile; look at it once more."),
        "summary_section_stale": N_(
            "Somebody has changed these words meanwhile: open the summary in a second window and compare;"
            " sent once more, yours replace them."
        ),
        "summary_missing": N_("Something is missing still; tick the box to make it final all the same."),
    }
)
