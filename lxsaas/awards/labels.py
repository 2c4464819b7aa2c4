"""What codes of this feature are called; message ids, in the order in which they are offered."""

from lxsaas.core.messages import N_

TEACHER = N_("Outstanding homeroom teacher")
KINDS = {
    "self_reliant": N_("Self-reliant child"),
    "pair": N_("Hand-in-hand pair"),
    "parent": N_("Outstanding parent"),
}
DECISIONS = {"awarded": N_("Awarded"), "declined": N_("Not this time")}
