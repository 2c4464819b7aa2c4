"""The mail of an alarm that is told at once: words and numbers of its page; no text that people wrote."""

from dataclasses import dataclass

import mrml
from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.alarms import labels, queries
from lxsaas.alarms.models import Alarm
from lxsaas.config import Settings
from lxsaas.schools.models import District

DEFAULT_LANGUAGE = "zh_Hans_CN"


@dataclass(frozen=True)
class AlarmLetter:
    """A mail's parts in one language."""

    subject: str
    text: str
    html: str


def write(
    session: Session,
    alarm_id: int,
    language: str | None,
    unsubscribe: str | None = None,
    reach: queries.Reach = queries.EVERYTHING,
) -> AlarmLetter | None:
    """The letter about an alarm, Chinese where no language is chosen; None where there is none in reach.

    `unsubscribe` is the address at which its reader gets no more of them.
    """
    district_id = session.scalar(select(Alarm.district_id).where(Alarm.id == alarm_id))
    if district_id is None:
        return None
    found = session.execute(queries.alarm_with(district_id, alarm_id, reach)).one_or_none()
    if found is None:
        return None
    alarm, rule, unit_name = found
    district = session.scalars(select(District).where(District.id == district_id)).one()
    settings: Settings = current_app.extensions["lxsaas.settings"]
    address = f"{settings.base_url.rstrip('/')}/d/{district.slug}/"
    with force_locale(language or DEFAULT_LANGUAGE):
        context = {
            "district": district,
            "unit_name": unit_name,
            "alarm": alarm,
            "title": labels.alarm_title(alarm, rule),
            "value": labels.alarm_value(alarm, rule),
            "about": labels.about(alarm, rule),
            "page": f"{address}alarms/{alarm.id}",
            "reports": f"{address}reports",
            "unsubscribe_address": unsubscribe,
            "html_lang": "en" if language == "en" else "zh-CN",
        }
        folder = "email/alarm"
        return AlarmLetter(
            " ".join(render_template(f"{folder}/subject.txt", **context).split()),
            render_template(f"{folder}/body.txt", **context),
            mrml.to_html(render_template(f"{folder}/body.mjml.html", **context)).content,
        )
