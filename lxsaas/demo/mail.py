"""Who gets which report in the demonstration: officers and the first schools' principals."""

from datetime import time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.core import clock
from lxsaas.core.scope import acting_for_district, acting_for_school
from lxsaas.extensions import session_for
from lxsaas.reports.owing import clock_of
from lxsaas.reports.subscription_actions import Choice, Owner, create_subscription
from lxsaas.schools.models import School, Township

EARLY = time(1, 30)
"""So that the first mails lie in the mail catcher whenever the demonstration starts."""
PRINCIPALS = 3


def add_subscriptions(district_id: int) -> None:
    """The district's and some schools' reports by email; the newest of each is due at once."""
    with session_for(acting_for_district(district_id)) as session:
        townships = list(session.scalars(select(Township.id).order_by(Township.id).limit(1)))
        officers = session.scalars(select(DistrictStaff.id).where(DistrictStaff.email.is_not(None))).all()
        for staff_id in officers:
            owner = Owner(district_id, staff_id)
            _subscribe(session, owner, Choice("night", "district", district_id, EARLY))
            _subscribe(session, owner, Choice("week", "district", district_id, EARLY, weekday=1))
            month = Choice("month", "district", district_id, EARLY, day_of_month=1, with_workbook=True)
            _subscribe(session, owner, month)
            _subscribe(session, owner, Choice("alarms", "district", district_id))
            _subscribe(session, owner, Choice("term", "district", district_id, EARLY, days_after=7))
            for unit_id in townships:
                _subscribe(session, owner, Choice("week", "township", unit_id, EARLY, weekday=1))
        session.commit()
        schools = session.scalars(select(School.id).order_by(School.id).limit(PRINCIPALS)).all()
    for school_id in schools:
        with session_for(acting_for_school(school_id, district_id=district_id)) as session:
            principal = session.scalars(select(Staff).where(Staff.roles.contains(["principal"]))).one()
            principal.email = f"principal-{school_id}@qinghe.invalid"
            owner = Owner(district_id, principal.id, school_id)
            _subscribe(session, owner, Choice("week", "school", school_id, EARLY, weekday=1))
            month = Choice("month", "school", school_id, EARLY, day_of_month=1, with_workbook=True)
            _subscribe(session, owner, month)
            session.commit()


def _subscribe(session: Session, owner: Owner, choice: Choice) -> None:
    place = clock_of(session, owner.district_id)
    one = create_subscription(session, owner, choice, place=place, now=clock.now())
    # As if asked for in time for the newest: of nights only the last.
    one.since = clock.today(place.zone) - timedelta(days=1) if choice.report == "night" else None
    session.flush()
