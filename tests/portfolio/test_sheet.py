"""Pasted lines, whatever stands in them."""

from hypothesis import given
from hypothesis import strategies as st

from lxsaas.core.errors import RuleError
from lxsaas.portfolio.messages import LINE_PROBLEMS
from lxsaas.portfolio.sheet import Child, Column, lines_of, read_marks

ROSTER = [Child(1, "汤文博", "01"), Child(2, "陈雨桐", None), Child(3, "王芳", "3"), Child(4, "王 芳", "4")]
SUBJECTS = [Column(11, "语文", 100), Column(12, "数学", 120)]
words = st.sampled_from(
    [
        "汤文博",
        "陈雨桐",
        "王芳",
        "1",
        "3",
        "姓名",
        "学号",
        "语文",
        "数学",
        "总分",
        "90",
        "85.5",
        "缺",
        "",
        "x",
    ]
)
lines = st.lists(st.lists(st.one_of(words, st.text(max_size=8)), max_size=6), max_size=8)


@given(lines, st.sampled_from(["\t", ",", " "]))
def test_every_mark_has_one_child_and_every_problem_a_sentence(rows: list[list[str]], between: str) -> None:
    text = "\n".join(between.join(row) for row in rows)
    try:
        found = read_marks(lines_of(text), ROSTER, SUBJECTS)
    except RuleError:
        return
    assert {child for child, _ in found.texts} <= {1, 2, 3, 4}
    assert {subject for _, subject in found.texts} <= {11, 12}
    assert {one.code for one in found.problems} <= set(LINE_PROBLEMS)
    assert found.children <= len(ROSTER)


@given(st.permutations(["姓名", "学号", "语文", "数学", "备注"]), st.integers(0, 100), st.integers(0, 120))
def test_with_headings_the_order_of_columns_does_not_matter(
    order: list[str], chinese: int, maths: int
) -> None:
    values = {"姓名": "王芳", "学号": "04", "语文": str(chinese), "数学": str(maths), "备注": "好"}
    rows = ["\t".join(order), "\t".join(values[one] for one in order)]
    found = read_marks(lines_of("\n".join(rows)), ROSTER, SUBJECTS)
    assert found.texts == {(4, 11): str(chinese), (4, 12): str(maths)}
    assert not found.problems
