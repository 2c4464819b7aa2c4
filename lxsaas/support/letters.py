"""What letters to parents say of a child's attendance."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lxsaas.care.hooks import letter_counts
from lxsaas.support.models import AttendanceEvent

_CODES = {"absent": "absences", "late": "late"}


def attendance_counts(
    session: Session, pupil_ids: Collection[int], first: date, last: date
) -> Mapping[str, Mapping[int, int]]:
    """Placeholder -> pupil -> how often the child was absent or late from `first` to `last`; one query."""
    event = AttendanceEvent
    rows = session.execute(
        select(event.kind, event.pupil_id, func.count())
        .where(
            event.pupil_id.in_(list(pupil_ids)),
            event.kind.in_(_CODES),
            event.occurred_on.between(first, last),
            event.withdrawn_at.is_(None),
        )
        .group_by(event.kind, event.pupil_id)
    )
    found: dict[str, dict[int, int]] = {code: {} for code in _CODES.values()}
    for kind, pupil_id, count in rows:
        found[_CODES[kind]][pupil_id] = count
    return found


letter_counts.append(attendance_counts)
