"""What is done with letters to parents: filled for the children of a class, noted as sent once."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from lxsaas.care.actions import record_care
from lxsaas.care.details import Detail
from lxsaas.care.hooks import letter_counts
from lxsaas.care.models import CareKind, LetterTemplate
from lxsaas.care.queries import latest_by_kind
from lxsaas.core.audit import audit
from lxsaas.pupils.models import Pupil

_SENT = UUID("6f1f8a3e-31b0-4c52-9d53-8e0c7b5f8a11")
"""The namespace of keys by which a letter is noted once for a child and a term."""
_COUNTED = {
    "talks": (CareKind.TALK,),
    "visits": (CareKind.HOME_VISIT,),
    "calls": (CareKind.PARENT_CALL, CareKind.FAMILY_PHONE),
    "tutoring": (CareKind.TUTORING,),
}


def figures_of(
    session: Session, pupil_ids: Sequence[int], first: date, last: date
) -> Mapping[int, Mapping[str, str]]:
    """The figures of some children in a time, by pupil and placeholder, in a constant number of queries."""
    counts: dict[int, dict[CareKind, int]] = {pupil_id: {} for pupil_id in pupil_ids}
    for pupil_id, kind, _day, count in session.execute(latest_by_kind(pupil_ids, first, last)):
        counts[pupil_id][CareKind(kind)] = count
    found: dict[int, dict[str, str]] = {
        pupil_id: {code: str(sum(done.get(kind, 0) for kind in kinds)) for code, kinds in _COUNTED.items()}
        for pupil_id, done in counts.items()
    }
    for more in letter_counts:
        for code, by_pupil in more(session, pupil_ids, first, last).items():
            for pupil_id in pupil_ids:
                found[pupil_id][code] = str(by_pupil.get(pupil_id, 0))
    return found


def send_letters(
    session: Session,
    *,
    template: LetterTemplate,
    pupils: Sequence[Pupil],
    term_start: date,
    means: int | None,
    on: date,
    by: int,
) -> list[int]:
    """Notes for each child that the letter went to its parents; each child once a term and letter.

    Returns the new records: none where all of them had it already. Raises RuleError as `record_care` does.
    """
    once = uuid5(_SENT, f"{template.school_id}:{template.id}:{term_start}")
    made = record_care(
        session, pupils=pupils, kind=CareKind.PARENT_LETTER, occurred_on=on,
        detail=Detail(means=means), once=once, by=by,
    )  # fmt: skip
    audit(
        session, "send_letters", "letter_template", template.id,
        school_id=template.school_id, by=by, records=len(made),
    )  # fmt: skip
    session.flush()
    return made
