"""The sentences for this feature's errors."""

from lxsaas.core.messages import N_, register

register(
    {
        "nominated_twice": N_("This nomination exists already for the school year."),
        "partner_missing": N_("Choose the other child of the pair."),
        "parent_missing": N_("Write the parent's name."),
        "no_partner": N_("Only a pair has another child."),
        "decided_before_nominated": N_("This lies before the nomination."),
        "decided_already": N_("This was decided already."),
    }
)
