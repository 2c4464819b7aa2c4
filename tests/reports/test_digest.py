"""The digest says the night's figures, in both bodies and both languages, and names no child."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from lxsaas.care.models import CareKind
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.figures import Figure
from lxsaas.indicators.units import Key, NightFigures
from lxsaas.reports.digest import DigestData, digest_data, write_digest
from tests.factories import Factory

NIGHT = date(2026, 5, 31)
CHILD = "留守童不可见"
"""A name that stands nowhere but in the archive."""


@pytest.fixture
def night(app: Flask, factory: Factory) -> Iterator[DigestData]:
    """Two schools of a township: twelve care targets of whom nine were talked with, and two care targets."""
    district = factory.district()
    township = factory.township(district)
    for size, targets, talks in ((24, 12, 9), (8, 2, 0)):
        school = factory.school(district, township)
        teacher = factory.staff(school)
        class_id = factory.school_class(school, teacher)
        for number in range(size):
            pupil = factory.pupil(school, class_id, name=CHILD)
            if number < targets:
                factory.left_behind(school, pupil)
            if number < talks:
                factory.care(school, pupil, teacher, CareKind.TALK, NIGHT)
    with app.app_context():
        engine.work_off(district.id, engine.begin_run(district.id, NIGHT))
        with session_for(aggregating(district.id, ())) as session:
            data = digest_data(session, district.id, NIGHT)
            assert data is not None
            yield data


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["Number of care targets: 13–14", "Left-behind share: 42.2% (13–14/32)", "Talks: 75% (9/12)"]),
        ("zh_Hans_CN", ["关爱对象人数: 13–14", "留守儿童占比: 42.2% (13–14/32)", "谈心覆盖率: 75% (9/12)"]),
    ],
)  # fmt: skip
def test_the_text_says_the_figures(night: DigestData, language: str, lines: list[str]) -> None:
    """Of the smaller school, whose two children are too few to be shown, with the least that it can be."""
    text = write_digest(night, language).text
    for line in lines:
        assert f"\n{line}" in text
    assert night.reporting == 2


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN", None])
def test_the_html_says_the_same_and_links_to_the_overview(night: DigestData, language: str | None) -> None:
    letter = write_digest(night, language)
    assert "75%" in letter.html
    assert "9/12" in letter.html
    assert f"/d/{night.district.slug}/" in letter.html
    assert 'name="color-scheme"' in letter.html
    assert CHILD not in letter.html + letter.subject + letter.text
    assert ("Talks" in letter.html) == (language == "en")


class OnlyThis(NightFigures):
    """One and the same figure, wherever it is asked for."""

    def __init__(self, figure: Figure) -> None:
        super().__init__((), {})
        self.figure = figure

    def get(self, key: Key) -> Figure | None:
        return self.figure if key[2] == self.figure.indicator.code else None


def test_a_small_figure_is_shown_as_such_in_both_bodies(night: DigestData) -> None:
    """Beside others that miss their target; an angle bracket of its own would break the HTML."""
    row = next(row for row in night.schools if row.missed)
    talk = row.figures["talk_monthly"]
    assert talk is not None
    hidden = replace(talk, numerator=None, denominator=None, hidden="all")
    night.schools[night.schools.index(row)] = replace(row, figures={**row.figures, "talk_monthly": hidden})
    night = replace(night, night=replace(night.night, figures=OnlyThis(hidden)))
    letter = write_digest(night, "en")
    assert "&lt;3" in letter.html
    assert "Talks: <3" in letter.text


def test_a_night_that_lacks_a_school_says_so(night: DigestData) -> None:
    assert "incomplete" not in write_digest(night, "en").text
    night.schools.pop()
    letter = write_digest(night, "en")
    assert "(incomplete)" in letter.subject
    assert "The night is incomplete" in letter.text
    assert "The night is incomplete" in letter.html
