"""What is told about reports and mail."""

from lxsaas.core.messages import N_, register

register(
    {
        "smtp_url_invalid": N_("SMTP_URL must be like smtp://user:password@host:25 or smtps://host."),
        "channel_paused": N_(
            "Mail is paused, by hand or by a login that was refused, until “lxsaas reports resume”."
        ),
        "subscription_exists": N_("You have subscribed to this report already."),
        "unit_unknown": N_("Choose the district, a township or a school that you may see."),
        "subscription_empty": N_("Choose at least one indicator."),
        "message_in_hand": N_("The message is just being sent; look again in some minutes."),
        "message_unknown": N_("There is no message %(id)s."),
        "instant_invalid": N_("%(instant)s is not an instant like 2026-11-23T06:30:00+08:00."),
    }
)
