"""Each document: the product's template passes the check of uploads, a preview is whole and repeats."""

import re

import pytest
from flask import Flask

from lxsaas.demo.templates import letterhead
from lxsaas.document_templates.kinds import KINDS, DocumentKind, declare
from lxsaas.document_templates.languages import translator
from lxsaas.documents.checking import check_template
from lxsaas.documents.expanding import fill_fields
from tests.document_templates import words_of

CODES = (
    "annual_summary", "award_certificate", "contact_card", "letter", "minutes",
    "parents_school_certificate", "plan_document",
)  # fmt: skip


def test_these_are_the_documents(app: Flask) -> None:
    assert sorted(KINDS) == list(CODES)
    with pytest.raises(ValueError, match="letter"):
        declare(KINDS["letter"])


def test_the_demonstration_s_letterhead_is_one_that_a_school_could_bring() -> None:
    assert check_template(letterhead(), KINDS["letter"].fields).unused == ()


def preview(kind: DocumentKind, language: str) -> bytes:
    translate = translator(language)
    values = kind.samples(translate)
    assert values.keys() == set(kind.fields)
    return fill_fields(
        kind.starting_template(translate, language), kind.fields, values, title="t",
        pages=[values, values] if kind.fields.is_paged else None, translate=translate,
    )  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_the_product_s_template_is_of_the_kind_that_schools_upload(app: Flask, code: str) -> None:
    kind = KINDS[code]
    with app.test_request_context():
        english = kind.starting_template(translator("en"), "en")
        check_template(kind.starting_template(translator("zh"), "zh"), kind.fields)
        made = preview(kind, "zh")
        assert made == preview(kind, "zh")
    check_template(english, kind.fields)
    assert re.findall("[\u4e00-\u9fff]+", "".join(words_of(english))) == []
    said = "\n".join(words_of(made))
    assert re.findall("[A-Za-z{]+", said) == [], "neither English nor None nor a field"
