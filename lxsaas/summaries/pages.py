"""What the pages of summaries share: the school as counting needs it, a summary as it reads, its template."""

from flask import abort

from lxsaas.accounts.access import realm
from lxsaas.core import clock
from lxsaas.document_templates.languages import translator
from lxsaas.document_templates.queries import template_in_force, template_of_id
from lxsaas.extensions import db
from lxsaas.summaries import queries
from lxsaas.summaries.actions import Place
from lxsaas.summaries.document import KIND, Shown
from lxsaas.summaries.models import AnnualSummary


def place() -> Place:
    here = realm()
    return Place(here.id, here.district_id, here.name, here.timezone, clock.today(here.timezone))


def summary_or_404(summary_id: int) -> AnnualSummary:
    query = queries.summaries_of(realm().id).where(AnnualSummary.id == summary_id)
    return db.session.scalars(query).one_or_none() or abort(404)


def shown(summary: AnnualSummary) -> Shown:
    """A summary with its words, as it reads."""
    sections = db.session.scalars(queries.sections_of(summary))
    words = {one.code: one.body for one in sections}
    return Shown(summary, words, translator(summary.language), realm().timezone)


def template_of(summary: AnnualSummary) -> bytes | None:
    """The school's template for a summary: of a final one that of its day; None: the product's."""
    if summary.state == "frozen":
        if summary.template_id is None:
            return None
        query = template_of_id(realm().id, summary.template_id)
    else:
        query = template_in_force(realm().id, KIND.code)
    found = db.session.scalars(query).one_or_none()
    return found.content if found else None


def word_of(summary: AnnualSummary) -> bytes:
    """The Word document: of a final summary the one that was kept."""
    kept = summary.document if summary.state == "frozen" else None
    return kept or shown(summary).word(template_of(summary))
