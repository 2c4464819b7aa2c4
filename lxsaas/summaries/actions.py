"""Beginning a summary, renewing its figures, wording it, making it final."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.document_templates.queries import template_in_force
from lxsaas.summaries import messages as messages
from lxsaas.summaries import queries
from lxsaas.summaries.definitions import SECTIONS
from lxsaas.summaries.document import KIND
from lxsaas.summaries.figures import Kept, figures_of, span_of
from lxsaas.summaries.models import AnnualSummary, SummarySection
from lxsaas.summaries.wording import starting_words, with_codes

Translate = Callable[[str], str]


class Place:
    """The school whose summary it is, as counting needs it."""

    def __init__(self, school_id: int, district_id: int, name: str, timezone: str, today: date) -> None:
        self.school_id, self.district_id, self.name = school_id, district_id, name
        self.timezone, self.today = timezone, today


def begin_summary(
    session: Session, place: Place, *, year: int, language: str, translate: Translate, by: int
) -> AnnualSummary:
    """A first version with the starting words. Raises RuleError where the year has one, or no figures."""
    known = select(func.max(AnnualSummary.number)).where(
        AnnualSummary.school_id == place.school_id, AnnualSummary.year == year
    )
    if session.scalar(known) is not None:
        raise RuleError("summary_begun", field="year")
    return _begin(session, place, year, 1, language, translate, starting_words(language), None, by)


def begin_version(
    session: Session, place: Place, summary: AnnualSummary, *, translate: Translate, by: int
) -> AnnualSummary:
    """The next version of a final summary: its words, with the figures of now. Raises RuleError."""
    if summary.state != "frozen":
        raise RuleError("summary_not_frozen")
    sections = session.scalars(queries.sections_of(summary)).all()
    newest = select(func.max(AnnualSummary.number)).where(
        AnnualSummary.school_id == place.school_id, AnnualSummary.year == summary.year
    )
    number = (session.scalar(newest) or 0) + 1
    words = {one.code: one.body for one in sections}
    return _begin(session, place, summary.year, number, summary.language, translate, words, sections, by)


def _begin(
    session: Session, place: Place, year: int, number: int, language: str, translate: Translate,
    words: Any, kept: Sequence[SummarySection] | None, by: int,
) -> AnnualSummary:  # fmt: skip
    figures, counted_on = _counted(session, place, year, translate)
    summary = AnnualSummary(
        school_id=place.school_id, year=year, number=number, language=language, school_name=place.name,
        figures=figures, counted_on=counted_on, begun_by=by,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(summary)
            session.flush()
    except IntegrityError:
        # Two began one at the same time.
        raise RuleError("summary_begun", field="year") from None
    writers = {one.code: one.written_by for one in kept or ()}
    for code in SECTIONS:
        session.add(
            SummarySection(
                school_id=place.school_id, summary_id=summary.id, code=code, body=words.get(code, ""),
                written_by=writers.get(code),
            )
        )  # fmt: skip
    _note(session, "begin_summary", summary, by)
    return summary


def _counted(session: Session, place: Place, year: int, translate: Translate) -> tuple[list[Kept], date]:
    span, before = span_of(session, place.school_id, place.district_id, year, place.today)
    if span is None:
        raise RuleError("summary_no_figures", field="year")
    figures = figures_of(
        session, school_id=place.school_id, district_id=place.district_id, span=span, before=before,
        timezone=place.timezone, translate=translate,
    )  # fmt: skip
    return figures, span.last


def renew_figures(
    session: Session, place: Place, summary: AnnualSummary, *, translate: Translate, by: int
) -> None:
    """Counts a draft's figures anew; the words stay. Raises RuleError for a final one."""
    _check_draft(session, summary)
    summary.figures, summary.counted_on = _counted(session, place, summary.year, translate)
    summary.counted_at = func.now()
    summary.school_name = place.name
    summary.version += 1
    _note(session, "renew_figures", summary, by)


def write_section(
    session: Session,
    summary: AnnualSummary,
    section: SummarySection,
    *,
    text: str,
    seen: str | None = None,
    by: int,
) -> None:
    """Gives a section other words; figures stand in them by name in braces.

    `seen`: when the words that the page showed were written. Raises RuleError.
    """
    body = with_codes(text)
    _check_draft(session, summary)
    session.refresh(section)
    if body == section.body:
        return
    if seen is not None and seen != section.written_at.isoformat():
        raise RuleError("summary_section_stale", field="body")
    section.body, section.written_by, section.written_at = body, by, func.now()
    summary.version += 1
    audit(
        session, "write_section", "annual_summary", summary.id, school_id=summary.school_id, by=by,
        section=section.code,
    )  # fmt: skip
    session.flush()


def freeze_summary(
    session: Session,
    summary: AnnualSummary,
    *,
    version: int | None,
    missing: int,
    accepts_missing: bool,
    render: Callable[[AnnualSummary], bytes],
    by: int,
) -> None:
    """Makes a draft final as it was read; from then on the database refuses every change of it.

    `version`: that of the page that was read. `missing`: how many things stand in brackets. `render` makes
    the document, which is kept. Raises RuleError.
    """
    _check_draft(session, summary)
    if version != summary.version:
        raise RuleError("summary_stale")
    if missing and not accepts_missing:
        raise RuleError("summary_missing", field="accepts_missing")
    template = session.scalars(template_in_force(summary.school_id, KIND.code)).one_or_none()
    frozen_at = session.scalar(select(func.now()))
    # One UPDATE with all of it: the next one would be refused.
    with session.no_autoflush:
        summary.template_id = template.id if template else None
        summary.frozen_by, summary.frozen_at, summary.state = by, frozen_at, "frozen"
        summary.version += 1
        summary.document = render(summary)
    _note(session, "sign_summary", summary, by)


def _check_draft(session: Session, summary: AnnualSummary) -> None:
    session.refresh(summary, with_for_update=True)
    if summary.state != "draft":
        raise RuleError("summary_frozen")


def _note(session: Session, action: str, summary: AnnualSummary, by: int) -> None:
    audit(
        session, action, "annual_summary", summary.id, school_id=summary.school_id, by=by, year=summary.year,
        number=summary.number,
    )  # fmt: skip
    session.flush()
