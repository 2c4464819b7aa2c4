"""Marks as they are typed and shown again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lxsaas.core.errors import RuleError
from lxsaas.portfolio.scores import ABSENT, parse_score, show_score


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("89.5", 895), ("90", 900), (" 90.0 ", 900), ("８９．５", 895), ("89。5", 895), ("0", 0),
        ("100", 1000), ("", None),
        ("  ", None), ("缺考", ABSENT), ("缺", ABSENT), ("-", ABSENT), ("Absent", ABSENT),
    ],
)  # fmt: skip
def test_marks_are_read_as_teachers_write_them(text: str, score: object) -> None:
    assert parse_score(text, 100) == score


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("100.5", "score_over"), ("101", "score_over"), ("89.25", "score_decimals"), ("-5", "score_form"),
        ("九十", "score_form"), ("=1+1", "score_form"), ("9e1", "score_form"), ("1,5", "score_form"),
        ("\0", "score_form"), ("9" * 100_000, "score_form"), ("<script>", "score_form"), (".", "score_form"),
        (".5", "score_form"), ("٩٠", "score_form"), ("9.٥", "score_form"), ("1.2.3", "score_form"),
    ],
)  # fmt: skip
def test_what_is_no_mark_is_refused(text: str, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse_score(text, 100)
    assert refused.value.code == code


@given(st.one_of(st.none(), st.just(ABSENT), st.integers(0, 1500)))
def test_what_is_shown_reads_as_the_same(score: object) -> None:
    assert parse_score(show_score(score), 150) == score  # type: ignore[arg-type]


@given(st.text(max_size=15))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        score = parse_score(text, 100)
    except RuleError:
        return
    assert score is None or score == ABSENT or 0 <= score <= 1000
