"""What the pages of summaries share: the school as counting needs it, texts in a summary's language."""

from collections.abc import Callable
from typing import cast

from flask import abort
from flask_babel import force_locale, get_locale, get_translations
from sqlalchemy import select

from lxsaas.accounts.access import realm
from lxsaas.core import clock
from lxsaas.extensions import db
from lxsaas.summaries import queries
from lxsaas.summaries.actions import Place
from lxsaas.summaries.document import Shown
from lxsaas.summaries.models import AnnualSummary, SummaryTemplate

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def language() -> str:
    """'zh' or 'en': the language of the page, in which a new summary is written."""
    return "en" if str(get_locale()) == "en" else "zh"


def translator(code: str) -> Callable[[str], str]:
    """Texts in a summary's own language, whatever the reader's."""
    with force_locale(LOCALES[code]):
        return cast(Callable[[str], str], get_translations().ugettext)


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
    query = queries.template_in_force(realm().id)
    if summary.state == "frozen":
        query = select(SummaryTemplate).where(
            SummaryTemplate.school_id == realm().id, SummaryTemplate.id == summary.template_id
        )
    found = db.session.scalars(query).one_or_none()
    return found.content if found else None
