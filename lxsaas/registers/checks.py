"""What must be true of the days of any register that is not about one child."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from lxsaas.core.errors import RuleError

AHEAD = timedelta(days=730)
"""How far ahead something can be planned; what lies further is a slip of the finger."""
BEHIND = timedelta(days=3653)
"""How far back something can be entered later."""


def check_days(values: Mapping[str, Any], today: date, *, past: tuple[str, ...] = ()) -> None:
    """No day ten years ago or two years ahead; the days of `past` have come; else RuleError at the field."""
    for name, value in values.items():
        if isinstance(value, date):
            if value < today - BEHIND:
                raise RuleError("too_long_ago", field=name)
            if value > today + AHEAD:
                raise RuleError("too_far", field=name)
            if name in past and value > today:
                raise RuleError("in_future", field=name)
