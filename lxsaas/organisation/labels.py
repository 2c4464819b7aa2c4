"""What codes of this feature are called; message ids, in the order in which they are offered."""

from lxsaas.core.messages import N_

POSITIONS = {
    "head": N_("Head of the group"),
    "deputy": N_("Deputy head"),
    "member": N_("Member"),
}
DOCUMENTS = {"plan": N_("Plan"), "rule": N_("Rule"), "other": N_("Another document")}
AGENDA = (N_("Study"), N_("Life"), N_("Psychology"), N_("Open decisions"))
"""What a meeting speaks about each month (P1)."""
