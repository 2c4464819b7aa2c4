"""The registers of nominations, declared."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement

from lxsaas.awards import forms, labels
from lxsaas.awards.actions import check_nomination
from lxsaas.awards.models import ChildNomination, Nominated, TeacherNomination
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.registers.register import Aside, Filter, Lead, Register
from lxsaas.schools.years import year_of

DECIDED = {"decision": (N_("Award decision"), labels.DECISIONS), "decided_on": (N_("Award decided on"), {})}


def _filters(model: type[Nominated]) -> tuple[Filter, ...]:
    def of_this_year(today: date) -> ColumnElement[bool]:
        return model.school_year == year_of(today)

    return (
        Filter("year", N_("This school year"), of_this_year),
        Filter("waiting", N_("Not decided"), lambda _today: model.decision.is_(None)),
        Filter("awarded", N_("Awarded"), lambda _today: model.decision == "awarded"),
    )


def _shared(model: type[Nominated]) -> dict[str, Any]:
    """What both registers declare alike."""
    return {
        "ordered_by": "nominated_on",
        "filters": _filters(model),
        "shown": DECIDED,
        "check": check_nomination,
        "defaults": lambda _session, _pupil, today: {
            "nominated_on": today, "school_year": year_of(today),
        },
        "is_fixed": lambda row: row.decision is not None,
        "withdraws_fixed": Permission.DECIDE_AWARDS,
        "leads_to": (Lead("awards.year", N_("Awards of the year"), "report", Permission.VIEW_PUPILS),),
        "aside": Aside("awards/_decision.html", lambda row: {"table": row.__tablename__}),
    }  # fmt: skip


TEACHERS = Register(
    "teacher-nominations", TeacherNomination, forms.TeacherNominationForm,
    N_("Nominations of homeroom teachers"), N_("Nomination of a homeroom teacher"), N_("Nominate a teacher"),
    "id", ("staff_id", "school_year", "nominated_on", "decision", "decided_on"),
    area="school", of_child=False,
    help=N_("Care done for children speaks for a teacher, not the number of entries."),
    **_shared(TeacherNomination),
)  # fmt: skip
CHILDREN = Register(
    "child-nominations", ChildNomination, forms.ChildNominationForm,
    N_("Nominations of children and parents"), N_("Nomination of a child or parent"), N_("Nominate"),
    "heart", ("kind", "school_year", "nominated_on", "decision", "decided_on"),
    help=N_("Self-reliant children, hand-in-hand pairs, outstanding parents: with what speaks for them."),
    **_shared(ChildNomination),
    area="school",
)  # fmt: skip
ALL = (TEACHERS, CHILDREN)
