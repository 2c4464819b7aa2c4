"""The sentences for this feature's errors."""

from lxsaas.core.messages import N_, register

register(
    {
        "absence_overlaps": N_("This parent is entered as away in these days already."),
        "absence_none": N_("This parent is not entered as away."),
        "place_wrong": N_("No more than 100 characters, please."),
        "day_wrong": N_("Give the day as year-month-day."),
        "answered_already": N_("%(name)s has answered for this child already; look and answer again."),
        "survey_twice": N_("The survey of this term is open already."),
        "survey_no_term": N_("There is no term to survey."),
        "moved_already": N_(
            "The school was moved up on %(day)s already; undo that before you move it again."
        ),
        "nothing_to_move": N_("There is nobody to move up."),
        "undo_too_late": N_("The new term has begun: this moving up cannot be undone any more."),
        "undo_touched": N_(
            "Since then %(count)s pupils were moved otherwise: put that right first, then undo."
        ),
        "undo_teachers": N_("Since then homeroom teachers were changed: put that right first, then undo."),
        "undone_already": N_("This was undone already."),
        "handover_same": N_("The files go to somebody else: choose another colleague."),
        "handover_open": N_("A handover of this class is open already."),
        "handover_given": N_("The files were given already: only who receives them can be changed."),
        "handover_not_yours": N_("Only the colleague named can sign."),
        "handover_not_given": N_("The files must be given before they are received."),
        "transfer_twice": N_("This child’s file is offered to a school already: withdraw that offer first."),
        "transfer_own_school": N_("This is your own school."),
        "transfer_school_unknown": N_("No school of this name or address; give it as on its sign-in page."),
        "transfer_code_wrong": N_("This is not the code. Ask the former school or the family for it."),
        "transfer_settled": N_("This transfer is settled already."),
        "transfer_expired": N_("The offer has expired: ask the former school for a new one."),
    }
)
