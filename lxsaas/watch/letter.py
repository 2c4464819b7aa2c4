"""The mail of an alarm, in Chinese and English: the installation does not know the operator's language."""

from email.message import EmailMessage
from html import escape

from flask_babel import force_locale, gettext

from lxsaas.config import Settings
from lxsaas.core.mail_text import compose
from lxsaas.watch.nights import DistrictState, Night

LANGUAGES = ("zh_Hans_CN", "en")


def letter_of(settings: Settings, district: DistrictState, night: Night, *, recipient: str) -> EmailMessage:
    """What the operator reads of a night; numbers and the district, nothing of a school's people."""
    subjects, bodies = [], []
    for language in LANGUAGES:
        with force_locale(language):
            subjects.append(gettext("night of %(day)s late", day=night.as_of))
            bodies.append("\n".join(_lines(district, night)))
    host = settings.mail_sender.partition("@")[2]
    text = "\n\n".join(bodies)
    return compose(
        sender=settings.mail_from,
        recipient=recipient,
        subject=f"lxsaas {district.slug}: {' / '.join(subjects)}",
        text=text,
        html=f"<pre>{escape(text)}</pre>",
        message_id=f"<night-{district.id}-{night.as_of}@{host}>",
        list_id="<alarms.lxsaas>",
    )


def _lines(district: DistrictState, night: Night) -> list[str]:
    units = night.judged_by.units if night.judged_by else None
    return [
        gettext(
            "%(district)s: the night of %(day)s is not complete.", district=district.name, day=night.as_of
        ),
        gettext(
            "It was due at %(instant)s (%(zone)s).",
            instant=f"{night.deadline:%Y-%m-%d %H:%M}", zone=str(night.deadline.tzinfo),
        ),
        gettext("The night has not begun.") if units is None else gettext(
            "Schools: %(done)s done, %(pending)s pending, %(claimed)s at work, %(dead)s given up.", **units
        ),
        gettext("See: %(command)s", command=f"lxsaas indicators status --district {district.slug}"),
    ]  # fmt: skip
