"""A plan's plain text as what it is read as: headings, paragraphs and lists; nothing of it is markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "items"]


@dataclass(frozen=True)
class Block:
    """One heading, one paragraph, or the items of one list."""

    kind: Kind
    lines: Sequence[str]


def blocks_of(body: str) -> list[Block]:
    """The blocks of a text: '#' begins a heading, '-' an item; every other line is a paragraph."""
    blocks: list[Block] = []
    for line in filter(None, (one.strip() for one in body.splitlines())):
        if line.startswith("#"):
            blocks.append(Block("heading", [line.lstrip("#").strip()]))
        elif line.startswith(("-", "•", "·")):
            item = line[1:].strip()
            if blocks and blocks[-1].kind == "items":
                blocks[-1] = Block("items", [*blocks[-1].lines, item])
            else:
                blocks.append(Block("items", [item]))
        else:
            blocks.append(Block("paragraph", [line]))
    return blocks
