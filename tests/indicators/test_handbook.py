"""The handbook page is the declarations, in both languages."""

from pathlib import Path

from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.handbook import handbook

PAGE = Path(__file__).parents[2] / "docs" / "indicators.md"


def test_the_page_is_as_the_definitions_write_it() -> None:
    """Else: `lxsaas indicators handbook > docs/indicators.md`."""
    assert PAGE.read_text() == handbook()


def test_each_of_the_26_is_there_with_a_chinese_name() -> None:
    text = handbook()
    assert len(INDICATORS) == 26
    for one in INDICATORS.values():
        line = next(line for line in text.splitlines() if line.startswith(f"### `{one.code}` "))
        name = line.removeprefix(f"### `{one.code}` ").split(" · ")[0]
        assert name != one.name
        assert not name.isascii()
