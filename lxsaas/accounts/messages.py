"""What is told about accounts."""

from lxsaas.core.messages import N_, register

register(
    {
        "password_short": N_("A password has at least %(shortest)s characters."),
        "password_common": N_("This password is too easy to guess."),
        "password_wrong": N_("The password is not right."),
        "password_attempts": N_("Too many wrong passwords. Try again in %(minutes)s minutes."),
        "username_required": N_("A user name is required."),
        "username_taken": N_("The user name %(username)s is taken."),
        "person_name_required": N_("The person’s name is required."),
        "email_invalid": N_("This is not an email address."),
        "roles_required": N_("Choose at least one role."),
        "role_unknown": N_("There is no role %(role)s here."),
        "township_unknown": N_("There is no such township in this district."),
        "class_unknown": N_("There is no class %(code)s."),
        "user_unknown": N_("There is no user %(username)s."),
        "classes_at_school": N_("Only schools have classes."),
        "own_access": N_("You cannot take this away from yourself: ask a colleague who manages the staff."),
        "last_lead": N_("One active account must keep this role, or nobody could manage the staff."),
        "invitation_invalid": N_(
            "This code is not valid: it was used, has expired, or was replaced by another."
        ),
        "password_source": N_("Give a password with --password-stdin, or ask for a link with --invite."),
    }
)
