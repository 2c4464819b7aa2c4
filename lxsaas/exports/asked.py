"""What somebody asked for, as it is kept with a job: what stood in the address and in the form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

Pairs = Sequence[Sequence[str]]
IGNORED = ("csrf_token", "page")
"""Fields that change nothing of what goes into the file."""


@dataclass(frozen=True)
class Asked:
    """The request, without who sent it."""

    args: Pairs = ()
    form: Pairs = ()
    view: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the kind's `content`."""

    @classmethod
    def of(cls, args: Pairs, form: Pairs, view: Mapping[str, Any]) -> Self:
        """The same wish has the same form, in whatever order its fields were sent."""
        return cls(_kept(args), _kept(form), dict(sorted(view.items())))

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(**json.loads(text))

    @property
    def text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def _kept(pairs: Pairs) -> list[list[str]]:
    return sorted([name, value] for name, value in pairs if name not in IGNORED and value)
