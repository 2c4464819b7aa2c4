"""Who gets which report: subscribed by oneself, officers by default."""

from datetime import time

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.reports import subscription_queries as queries
from lxsaas.reports.models import ReportSubscription


def subscribe_everybody(session: Session, district_id: int) -> None:
    """Subscribes officers who have an address and were never asked; who unsubscribed stays so."""
    for staff_id in session.scalars(queries.officers_with_email(district_id)).all():
        session.execute(
            insert(ReportSubscription)
            .values(
                district_id=district_id, staff_id=staff_id, report="night", level="district",
                unit_id=district_id,
            )
            .on_conflict_do_nothing()
        )  # fmt: skip


def subscribe(session: Session, *, district_id: int, staff_id: int, is_active: bool, send_at: time) -> None:
    """One's own choice about the digest."""
    values = {"is_active": is_active, "send_at": send_at}
    session.execute(
        insert(ReportSubscription)
        .values(
            district_id=district_id, staff_id=staff_id, report="night", level="district",
            unit_id=district_id, **values,
        )
        .on_conflict_do_update(constraint="uq_report_subscription_staff_id", set_=values)
    )  # fmt: skip
