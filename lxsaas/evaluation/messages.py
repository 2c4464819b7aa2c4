"""The sentences for this feature's errors."""

from lxsaas.core.messages import N_, register

register(
    {
        "weight_range": N_("Give a whole number from 0 to %(most)s."),
        "weights_nothing": N_("Something must count: give at least one part a weight."),
    }
)
