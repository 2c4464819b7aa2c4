"""The sentences for this feature's errors."""

from lxsaas.core.messages import N_, register

register(
    {
        "duty_unknown": N_("There is no such duty."),
        "duty_amount": N_("Give a whole number from 0 to %(most)s."),
    }
)
