"""What a phone keeps of a form goes once the server has it, wherever a form has a draft."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2] / "lxsaas"


def test_whoever_keeps_a_draft_says_when_it_is_saved() -> None:
    """A draft that stays brings back old words with their key: what is sent then is taken for a repeat."""
    kept = {
        found
        for path in (ROOT / "templates").rglob("*.html")
        for found in re.findall(r'draft="([a-z-]+)', path.read_text(encoding="utf-8"))
    }
    said = "\n".join(
        line
        for path in ROOT.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r'flash\(.*, "draft"\)', line)
    )
    assert len(kept) > 5
    assert [one for one in sorted(kept) if f'"{one}' not in said] == []
