"""The sentences for this feature's errors."""

from lxsaas.core.messages import N_, register

register(
    {
        "duty_of_two": N_("Two different colleagues are on duty."),
        "home_is_open": N_("The children’s home is open already."),
        "home_is_closed": N_("The children’s home was closed in the meantime."),
        "home_nobody": N_("Say who is on duty."),
        "notice_after": N_("Families are told before the session, not after it."),
        "amount_missing": N_("Give an amount above 0."),
        "wall_names_child": N_("The wall names no child: sign with something else, or leave it empty."),
        "photo_unknown_faces": N_("Say who is on the photo, or that nobody can be recognised."),
    }
)
