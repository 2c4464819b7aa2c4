"""The contact card (联系卡) in words, for the page and for Word: one page a child (P5)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from lxsaas.archive import law
from lxsaas.archive.cards import Card
from lxsaas.core.messages import N_
from lxsaas.document_templates import samples
from lxsaas.document_templates.kinds import DocumentKind, Put, Translate, declare
from lxsaas.document_templates.making import in_its_language, word_of
from lxsaas.documents.fields import Column, Fields, TemplateField
from lxsaas.documents.paper import Paper
from lxsaas.pupils.labels import HEALTH, RELATIONS, SEXES

ROWS = (
    ("name", "姓名", N_("Name")), ("class", "班级", N_("Class")), ("sex", "性别", N_("Sex")),
    ("born_on", "出生日期", N_("Born on")), ("teachers", "班主任", N_("Homeroom teacher")),
    ("phone", "联系电话", N_("Telephone")), ("address", "住址", N_("Address")),
    ("boarding", "住宿情况", N_("Boarding")), ("lives_with", "与谁同住", N_("Lives with")),
    ("health", "健康状况", N_("State of health")),
    ("history", "既往病史", N_("Past illnesses, allergies, medicines")),
    ("character", "性格", N_("Character")), ("interests", "兴趣爱好", N_("Interests")),
)  # fmt: skip
"""What the card says of the child: code, Chinese name, and as what it stands there (message id)."""
COLUMNS = (
    Column("name", N_("Name"), 2.6), Column("relation", N_("Relation"), 3.6),
    Column("phone", N_("Telephone"), 3.4), Column("place", N_("Place of work"), 4.2),
    Column("checked", N_("Checked"), 3.0),
)  # fmt: skip
PRINTED = N_("Printed on %(day)s. Keep it locked away; shred it when a new one is printed.")
FIELDS = Fields(
    TemplateField("school", "学校", N_("Name of the school.")),
    *(
        TemplateField(code, word, label, is_required=code == "name", is_per_page=True)
        for code, word, label in ROWS
    ),
    TemplateField(
        "family", "家庭成员", N_("Parents, guardians and who is entrusted, with telephones."), "table",
        columns=COLUMNS, none=N_("No member of the family is known."), is_per_page=True,
    ),
    TemplateField("printed_on", "打印日期", N_("The day of printing.")),
)  # fmt: skip


def starting_template(translate: Translate, put: Put) -> bytes:
    paper = Paper()
    paper.title(f"{put('school')} · {translate(N_('Contact card'))}", size=18)
    paper.facts([(translate(label), put(code)) for code, _, label in ROWS], label_cm=4)
    paper.heading(translate(N_("Family")))
    paper.line(put("family"), size=10)
    paper.line(translate(PRINTED) % {"day": put("printed_on")}, size=10)
    return paper.template()


def sample_values(translate: Translate) -> dict[str, Any]:
    words, day = translate(samples.SHORT), "2026-09-01"
    row = {
        "name": translate(samples.PARENT), "relation": translate(RELATIONS["51"]), "phone": "000 0000 0000",
        "place": words, "checked": day,
    }  # fmt: skip
    return {
        **{code: words for code, _, _ in ROWS}, "name": translate(samples.CHILD), "born_on": day,
        "class": translate(samples.CLASS), "teachers": translate(samples.TEACHER), "phone": "000 0000 0000",
        "sex": translate(SEXES["female"]), "school": translate(samples.SCHOOL), "family": [row, row],
        "printed_on": day,
    }  # fmt: skip


KIND = declare(
    DocumentKind(
        "contact_card", N_("Contact card"), N_("A page a child, of one child or of a class."), FIELDS,
        starting_template, sample_values,
    )
)  # fmt: skip


def word_cards(session: Session, cards: Sequence[Card], *, school_id: int, school: str, today: date) -> bytes:
    """The cards as one document, each on a page of its own."""
    with in_its_language(session, KIND, school_id=school_id):
        values = {"school": school, "printed_on": _day(today)}
        return word_of(
            session, KIND, values, school_id=school_id, title=gettext("Contact card"),
            pages=[told(one) for one in cards],
        )  # fmt: skip


def told(card: Card) -> dict[str, Any]:
    """A card in words, by the codes of its fields; a dash for what is not known."""
    pupil, profile = card.pupil, card.profile
    own, texts = card.opened.of(pupil), card.opened.of(profile)
    boarding = {True: gettext("boards at the school"), False: gettext("day pupil")}
    lives_with = law.LIVES_WITH.get(profile.lives_with or "") if profile else None
    no_history = gettext("asked: there are none") if profile and profile.no_history else None
    values = {
        "name": pupil.name, "class": card.school_class.code, "sex": gettext(SEXES[pupil.sex]),
        "born_on": _day(pupil.born_on), "teachers": card.teachers, "phone": own.get("phone"),
        "address": own.get("address"),
        "boarding": boarding[pupil.is_boarding] if pupil.is_boarding is not None else None,
        "lives_with": gettext(lives_with) if lives_with else None,
        "health": _health(pupil.health, texts.get("health")),
        "history": texts.get("history") or no_history,
        "character": texts.get("character"), "interests": texts.get("interests"),
    }  # fmt: skip
    return {**{code: value or "–" for code, value in values.items()}, "family": list(_family(card))}


def _health(code: str | None, words: str | None) -> str:
    known = HEALTH.get(code or "")
    return " ".join(filter(None, (gettext(known) if known else None, words)))


def _family(card: Card) -> Iterator[dict[str, str]]:
    for one in card.family:
        at_home = gettext("at home") if one.is_at_home else None
        checked = _day(one.verified_on) if one.verified_on else "–"
        yield _member(card, one, at_home, one.workplace or "–", checked)
    others: list[tuple[Any, str]] = [(one, gettext("temporary guardian")) for one in card.temporary]
    if card.entrustment:
        others.append((card.entrustment, gettext("entrusted")))
    for one, role in others:
        until = gettext("until %(day)s", day=_day(one.ends_on)) if one.ends_on else "–"
        yield _member(card, one, role, card.opened.of(one).get("address") or "–", until)


def _member(card: Card, one: Any, role: str | None, place: str, checked: str) -> dict[str, str]:
    known = RELATIONS.get(one.relation)
    relation = gettext(known) if known else getattr(one, "relation_note", None) or one.relation
    return {
        "name": one.name, "relation": " · ".join(filter(None, (relation, role))),
        "phone": card.opened.of(one).get("phone") or "–", "place": place, "checked": checked,
    }  # fmt: skip


def _day(on: date) -> str:
    return str(format_date(on, "yyyy-MM-dd"))
