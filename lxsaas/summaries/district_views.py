"""The district's own annual summary: made of what is published to it, for officers of the whole district."""

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.document_templates.languages import language, translator
from lxsaas.documents.answers import document_response
from lxsaas.evaluation.years import years_with_terms
from lxsaas.exports.answering import job_or_question
from lxsaas.exports.content import Whole
from lxsaas.exports.kinds import Kind, declare
from lxsaas.extensions import db
from lxsaas.indicators.queries import calendar_of
from lxsaas.schools.years import year_name, year_of
from lxsaas.summaries.district_document import SECTIONS, ShownDistrict
from lxsaas.summaries.district_figures import year_of_district

blueprint = Blueprint("district_summaries", __name__, url_prefix="/d/<district_slug>/summary")
AT_ONCE = 50
"""Schools up to which the document is made at once, in a second or two."""


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"year_name": year_name}


@blueprint.get("")
@requires(Permission.VIEW_DISTRICT_SUMMARY)
def summary() -> str:
    """The district's year as it reads, with what is missing."""
    today = clock.today(realm().timezone)
    calendar = calendar_of(db.session(), realm().id, [today])
    chosen = _year()
    years = sorted({*years_with_terms(calendar.terms, today), chosen}, reverse=True)
    return render_template(
        "summaries/district_summary.html", shown=_shown(chosen), sections=SECTIONS, chosen=chosen,
        years=[(one, year_name(one)) for one in years],
    )  # fmt: skip


@blueprint.route("/document.docx", methods=["GET", "POST"])
@requires(Permission.VIEW_DISTRICT_SUMMARY)
def document() -> BaseResponse:
    """The same as a Word document with its pictures and tables; of a large district a worker makes it."""
    content = document_content()
    if content.total > AT_ONCE:
        return job_or_question(SUMMARY, content, "docx")
    answer = document_response(content.make(), f"{gettext('Annual summary')} {year_name(_year())}")
    note_export(content.total)
    db.session.commit()
    return answer


def document_content() -> Whole:
    """The document of the year that the address names."""
    found = _shown(_year()) or abort(404)
    return Whole(found.word, len(found.year.schools))


def note_export(_schools: int) -> None:
    audit(
        db.session(), "export_summary", "annual_summary", None, district_id=realm().id, by=current_user.id,
        year=_year(),
    )  # fmt: skip


def _year() -> int:
    """The school year that the address names, else that of today; 404 for what is none."""
    newest = year_of(clock.today(realm().timezone))
    year = request.args.get("year", newest, type=int)
    return year if 2000 <= year <= newest else abort(404)


def _shown(year: int) -> ShownDistrict | None:
    found = year_of_district(db.session(), realm().id, year, clock.today(realm().timezone))
    if found is None:
        return None
    return ShownDistrict(realm().name, found, language() == "zh", translator(language()), realm().id)


SUMMARY = declare(
    Kind(
        "district.summary", N_("Annual summary of the district"), Permission.VIEW_DISTRICT_SUMMARY,
        document_content, "annual-summary", place="district", names_children=False, note=note_export,
    )
)  # fmt: skip
