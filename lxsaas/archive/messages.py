"""The sentences for what the child's file refuses."""

from lxsaas.core.messages import N_, register

register(
    {
        "fact_unknown": N_("There is no such choice."),
        "phone_form": N_(
            "This is no telephone number: a mobile has 11 digits, a fixed line its area code and 7 or 8"
            " digits."
        ),
        "entrustment_twice": N_(
            "On some of these days another entrustment holds; end that one first, or begin later."
        ),
        "entrustment_points": N_(
            "The law lets nobody be entrusted of whom one of these points is not true; confirm each of them."
        ),
        "entrustment_unheard": N_("Hear the child first; from %(age)s years on it must be asked."),
        "entrustment_long": N_("An entrustment holds for a term, a year at most; then it is renewed."),
        "starts_too_late": N_("This begins more than %(days)s days from now."),
        "consent_twice": N_("There is a consent to this already; revoke that one first."),
        "decision_day": N_("A decision has a day, and a day a decision."),
        "answer_required": N_("Say why the request is refused."),
        "identity_form": N_("An identity number has 17 digits and a last digit or X."),
        "check_digit": N_("The last digit of the identity number does not fit the others."),
        "birth_date_mismatch": N_("The identity number names another day of birth than the file."),
        "identity_taken": N_("Another pupil of the school has this identity number."),
        "week_to_come": N_("This week has not come yet."),
        "week_too_old": N_("The ledger goes back %(weeks)s weeks; older weeks stay as they are."),
    }
)
