"""Setting what is owed how often."""

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.duty_rules.definitions import DUTIES
from lxsaas.duty_rules.models import DistrictDutySetting, DutySetting


def set_duty(
    session: Session,
    *,
    duty: str,
    risk: str,
    season: str,
    amount: int,
    by: int,
    school_id: int | None = None,
    district_id: int | None = None,
) -> None:
    """Sets an amount for a school, or for all schools of a district that have not set their own.

    Raises RuleError for an amount beyond the duty's most, or a cell that the duty has not.
    """
    rule = DUTIES.get(duty)
    if rule is None or (risk, season) not in rule.cells:
        raise RuleError("duty_unknown")
    if not 0 <= amount <= rule.most:
        raise RuleError("duty_amount", field=f"{duty}-{risk}-{season}", most=rule.most)
    table = DutySetting if school_id is not None else DistrictDutySetting
    owner = {"school_id": school_id} if school_id is not None else {"district_id": district_id}
    values = {"amount": amount, "set_by": by}
    session.execute(
        insert(table)
        .values(**owner, duty=duty, risk=risk, season=season, **values)
        .on_conflict_do_update(
            index_elements=[*owner, "duty", "risk", "season"], set_=values | {"set_at": func.now()}
        )
    )
    audit(
        session, "set_duty", table.__tablename__, None,
        school_id=school_id, district_id=district_id, by=by,
        duty=duty, risk=risk, season=season, amount=amount,
    )  # fmt: skip
