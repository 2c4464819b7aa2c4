"""A subscription ended from one of its mails, or paused because they come back."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.reports.models import ReportSubscription

UNSUBSCRIBED = "unsubscribed"


def unsubscribe(session: Session, *, district_id: int, subscription_id: int) -> None:
    """Ends a subscription that is active; who it is for can resume it on their page. Idempotent."""
    ended = session.scalar(
        update(ReportSubscription)
        .where(
            ReportSubscription.district_id == district_id,
            ReportSubscription.id == subscription_id,
            ReportSubscription.is_active,
        )
        .values(is_active=False, paused_reason=UNSUBSCRIBED)
        .returning(ReportSubscription.id)
        .execution_options(synchronize_session=False)
    )
    if ended is not None:
        audit(
            session, "pause_subscription", "report_subscription", subscription_id,
            district_id=district_id, by=None, reason=UNSUBSCRIBED,
        )  # fmt: skip
