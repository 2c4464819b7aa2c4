"""The district's own annual summary: made of what is published to it, for officers of the whole district."""

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext
from flask_login import current_user

from lxsaas.accounts.access import realm, requires
from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.core.permissions import Permission
from lxsaas.document_templates.languages import language, translator
from lxsaas.documents.answers import document_response
from lxsaas.evaluation.years import year_of, years_with_terms
from lxsaas.extensions import db
from lxsaas.indicators.queries import calendar_of
from lxsaas.summaries.district_document import SECTIONS, ShownDistrict
from lxsaas.summaries.district_figures import year_of_district
from lxsaas.summaries.spans import year_name

blueprint = Blueprint("district_summaries", __name__, url_prefix="/d/<district_slug>/summary")


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


@blueprint.get("/document.docx")
@requires(Permission.VIEW_DISTRICT_SUMMARY)
def document() -> Response:
    """The same as a Word document with its pictures and tables; its making is logged."""
    chosen = _year()
    found = _shown(chosen) or abort(404)
    content = found.word()
    audit(
        db.session(), "export_summary", "annual_summary", None, district_id=realm().id, by=current_user.id,
        year=chosen,
    )  # fmt: skip
    db.session.commit()
    return document_response(content, f"{gettext('Annual summary')} {year_name(chosen)}")


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
