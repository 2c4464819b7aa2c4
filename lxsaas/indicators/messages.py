"""What is told about indicators and their runs."""

from lxsaas.core.messages import N_, register

register(
    {
        "indicator_unknown": N_("There is no indicator %(code)s."),
        "target_range": N_("A target lies between 0 and 100."),
        "definition_unknown": N_("There is no definition %(code)s."),
        "days_reversed": N_("The last day lies before the first."),
    }
)
