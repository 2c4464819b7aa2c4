"""Setting what each part of the evaluation weighs."""

from collections.abc import Mapping

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.evaluation.definitions import PARTS
from lxsaas.evaluation.models import EvaluationWeight
from lxsaas.evaluation.queries import weights_of

MOST = 100
"""The most that a part can weigh."""


def set_weights(
    session: Session, *, school_id: int, year: int, weights: Mapping[str, int], by: int
) -> tuple[str, ...]:
    """Sets what parts weigh in a school year; the codes of those that changed.

    Raises RuleError for a weight below 0 or above MOST, at its part, and where nothing would count.
    """
    for code, weight in weights.items():
        if not 0 <= weight <= MOST:
            raise RuleError("weight_range", field=code, most=MOST)
    known = weights_of(session, school_id, year)
    if not any({**known, **weights}.values()):
        raise RuleError("weights_nothing", field=next(iter(PARTS)))
    changed = tuple(code for code in PARTS if code in weights and weights[code] != known[code])
    for code in changed:
        values = {"weight": weights[code], "set_by": by, "set_at": func.now()}
        statement = insert(table_of(EvaluationWeight)).values(
            school_id=school_id, year=year, part=code, **values
        )
        session.execute(
            statement.on_conflict_do_update(index_elements=["school_id", "year", "part"], set_=values)
        )
    if changed:
        audit(
            session, "set_weights", "evaluation_weight", None, school_id=school_id, by=by,
            year=year, weights={code: [known[code], weights[code]] for code in changed},
        )  # fmt: skip
    return changed
