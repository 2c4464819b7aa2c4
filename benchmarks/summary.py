"""A school's annual summary, counted anew and written as a Word document, against docxtpl alone."""

import argparse
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from docxtpl import DocxTemplate
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.harness import compare, fresh_app, show
from benchmarks.register_import import CODE, WORKBOOK
from lxsaas.core.clock import add_months, month_end
from lxsaas.core.scope import acting_for_school, operating
from lxsaas.document_templates.languages import translator
from lxsaas.documents.expanding import expanded
from lxsaas.extensions import session_for
from lxsaas.indicators.engine import run_as_of
from lxsaas.pupils.register import read_register
from lxsaas.pupils.register_actions import apply_register
from lxsaas.schools.models import Term
from lxsaas.summaries import actions, queries
from lxsaas.summaries.document import FIELDS, KIND, Shown
from tests.factories import Factory, Place

YEAR = 2025
MONTHS = [month_end(add_months(date(YEAR, 9, 1), number)) for number in range(11)]
TODAY = date(YEAR + 1, 11, 23)
ZONE = "Asia/Shanghai"
RECORDS = 48
"""Of each left-behind child in the year."""


def main(argv: Sequence[str] | None = None) -> None:
    """Each round counts every figure of the year and makes the document; the bytes must not differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.summary", description=__doc__)
    parser.add_argument("--workbook", type=Path, default=WORKBOOK)
    options = parser.parse_args(argv)
    with fresh_app() as app, app.test_request_context():
        school, size = build(app, options.workbook.read_bytes())
        with session_for(acting_for_school(school.id, district_id=school.district_id)) as session:
            measure(session, school, size)


def build(app: Flask, content: bytes) -> tuple[Place, str]:
    """A school of the workbook's pupils with a year of care, counted at each month's end; what it holds."""
    factory = Factory(app)
    district = factory.district()
    with factory.session(operating()) as session:
        for name, first, last in (("1", MONTHS[0].replace(day=1), date(YEAR + 1, 1, 20)),
                                  ("2", date(YEAR + 1, 2, 20), date(YEAR + 1, 7, 5))):  # fmt: skip
            session.add(Term(district_id=district.id, name=f"{YEAR}-{name}", starts_on=first, ends_on=last))
    school = factory.school(district)
    teacher = factory.staff(school)
    with factory.session(school.scope) as session:
        parsed = read_register(content, school_register_code=CODE, today=TODAY)
        apply_register(session, school_id=school.id, parsed=parsed, today=TODAY, by=None)
        session.execute(
            text(
                "insert into care_record (school_id, pupil_id, recorded_by, kind, occurred_on)"
                " select s.school_id, s.pupil_id, :by, 1 + n % 6, cast(:first as date) + n * 7"
                " from (select distinct school_id, pupil_id from left_behind_spell where school_id = :school)"
                " s cross join generate_series(0, :records - 1) n"
            ),
            {"by": teacher.id, "first": MONTHS[0].replace(day=1), "school": school.id, "records": RECORDS},
        )
        count = session.scalar(text("select count(*) from care_record"))
    for day in MONTHS:
        run_as_of(district.id, day)
    return school, f"{parsed.row_count} pupils, {count} care records"


def measure(session: Session, school: Place, size: str) -> None:
    translate = translator("zh")
    place = actions.Place(school.id, school.district_id, school.slug, ZONE, TODAY)
    summary = actions.begin_summary(
        session, place, year=YEAR, language="zh", translate=translate, by=staff_of(session, school)
    )
    session.commit()
    words = {one.code: one.body for one in session.scalars(queries.sections_of(summary))}

    def shown() -> Shown:
        return Shown(summary, words, translate, ZONE)

    def write() -> bytes:
        actions.renew_figures(session, place, summary, translate=translate, by=summary.begun_by)
        session.commit()
        return shown().word(None)

    template = KIND.starting_template(translate, "zh")
    laid_out, values = expanded(template, FIELDS, {}, translate), values_of(shown())

    def fill_only() -> None:
        document = DocxTemplate(io.BytesIO(laid_out))
        document.render(values, autoescape=True)
        document.save(io.BytesIO())

    show(name="summary", size=size, same_bytes=write() == write(), kilobytes=len(write()) // 1024)
    compare("summary", size, "docxtpl filling the same template with the same values", write, fill_only)


def values_of(shown: Shown) -> dict[str, object]:
    """What the template is filled with, under both names of each field."""
    return {name: value for code, value in shown.values().items() for name in (code, FIELDS[code].word)}


def staff_of(session: Session, school: Place) -> int:
    return int(session.scalar(text("select min(id) from staff where school_id = :id"), {"id": school.id}))


if __name__ == "__main__":
    main()
