"""Terms are called by their school year in words, as far as their names say it."""

import pytest
from flask import Flask
from flask_babel import force_locale

from lxsaas.schools.labels import term_label


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("2026-2027-1", "2026–2027, first term", "2026–2027学年第一学期"),
        ("2026-2027-2", "2026–2027, second term", "2026–2027学年第二学期"),
        ("夏季学期", "夏季学期", "夏季学期"),
        ("2026-2027-3", "2026-2027-3", "2026-2027-3"),
    ],
)
def test_a_term_in_words(app: Flask, name: str, english: str, chinese: str) -> None:
    with app.test_request_context():
        for language, said in (("en", english), ("zh_Hans_CN", chinese)):
            with force_locale(language):
                assert term_label(name) == said
