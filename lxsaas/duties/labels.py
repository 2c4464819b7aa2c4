"""What owed things are called, and the form that settles each; in few characters, for a phone."""

from typing import Any

from flask import url_for

from lxsaas.core.messages import N_
from lxsaas.pupils import reach

OWED_NAMES = {
    "must_visit": N_("Must-visit"),
    "talk": N_("Talk"),
    "home_visit": N_("Home visit"),
    "parent_call": N_("Call"),
    "family_phone": N_("Family phone"),
    "three_way": N_("Three ways"),
    "parent_letter": N_("Letter"),
    "birthday": N_("Birthday"),
    "plan": N_("Help plan"),
    "review": N_("Plan review"),
    "teacher": N_("Teacher helper"),
    "classmate": N_("Classmate helper"),
    "check": N_("Effect check"),
    "known": N_("Five things"),
    "entrustment": N_("Entrustment"),
}
_KINDS = {
    "must_visit": "home_visit",
    "talk": "talk",
    "home_visit": "home_visit",
    "parent_call": "parent_call",
    "family_phone": "family_phone",
    "parent_letter": "parent_letter",
    "birthday": "birthday_greeting",
}


def form_for(owed: str, row: Any) -> str:
    """The address of the form by which something owed to a child is settled."""
    if owed in _KINDS:
        return url_for("care.record_form", pupil=row.id, kind=_KINDS[owed], back="week")
    if owed == "three_way":
        return url_for("care.record_form", pupil=row.id, kind=_missing_way(row), back="week")
    if owed in ("plan", "teacher", "classmate") and not reach.keeps(row.id):
        # Seen to by who keeps the child's file.
        return url_for("pupils.pupil_detail", pupil_id=row.id)
    if owed == "plan":
        return url_for("support.help_plan_new", pupil=row.id)
    if owed == "review":
        return url_for("support.plan_review_new", parent=row.plan_id)
    if owed in ("teacher", "classmate"):
        return url_for("support.pairing_new", pupil=row.id)
    if owed == "check":
        return url_for("support.pairing_of_child", pupil_id=row.id)
    return url_for("pupils.pupil_detail", pupil_id=row.id)


def _missing_way(row: Any) -> str:
    """The kind of care that closes the first gap among child, parent and guardian."""
    if not row.with_child:
        return "talk"
    return "guardian_contact" if row.with_parent else "parent_call"
