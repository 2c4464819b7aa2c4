"""The nightly digest: a district's last night in figures and links, never a child's name."""

from dataclasses import dataclass
from datetime import date

import mrml
from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.night import Night, last_night, school_rows, township_rows
from lxsaas.indicators.units import UnitRow
from lxsaas.reports.letter import Letter
from lxsaas.schools.models import District

WORST = 10
IN_TABLES = (
    "talk_monthly", "home_visit_monthly", "parent_call_monthly", "three_way_monthly", "must_visit_on_time",
    "archive_complete", "drop_outs",
)  # fmt: skip
"""The indicators in the tables of townships and schools: as many columns as a mail has room for."""
DEFAULT_LANGUAGE = "zh_Hans_CN"


@dataclass(frozen=True)
class DigestData:
    """What the digest of a night says; the same for every recipient of the district."""

    district: District
    night: Night
    schools: list[UnitRow]
    townships: list[UnitRow]

    @property
    def is_incomplete(self) -> bool:
        """Whether schools are missing from the night."""
        return self.reporting < self.night.run.schools_expected

    @property
    def reporting(self) -> int:
        """Schools that the night has counted (small ones too, whose figures are not shown)."""
        return sum(row.reports for row in self.schools)


def digest_data(session: Session, district_id: int, as_of: date) -> DigestData | None:
    """The figures of a night; None where no run of that day has finished."""
    night = last_night(session, as_of, change_of=("district", district_id))
    if night is None:
        return None
    district = session.scalars(select(District).where(District.id == district_id)).one()
    return DigestData(district, night, school_rows(session, night), township_rows(session, night))


def write_digest(data: DigestData, language: str | None) -> Letter:
    """The mail in a recipient's language, Chinese where none is chosen."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    address = f"{settings.base_url.rstrip('/')}/d/{data.district.slug}/"
    context = {
        "district": data.district,
        "run": data.night.run,
        "data": data,
        "headline": [data.night.figures.get(("district", data.district.id, code)) for code in INDICATORS],
        "in_tables": [INDICATORS[code] for code in IN_TABLES],
        "townships": data.townships,
        "schools": [row for row in data.schools if row.missed][:WORST],
        "missing_count": sum(row.missed > 0 for row in data.schools),
        "address": address,
        "html_lang": "en" if language == "en" else "zh-CN",
    }
    with force_locale(language or DEFAULT_LANGUAGE):
        folder = "email/nightly_digest"
        subject = " ".join(render_template(f"{folder}/subject.txt", **context).split())
        text = render_template(f"{folder}/body.txt", **context)
        return Letter(
            subject, text, mrml.to_html(render_template(f"{folder}/body.mjml.html", **context)).content
        )
