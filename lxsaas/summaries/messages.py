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
        "summary_stale": N_("The summary was changed meanwhile; look at it once more."),
        "summary_missing": N_("Something is missing still; tick the box to make it final all the same."),
    }
)
