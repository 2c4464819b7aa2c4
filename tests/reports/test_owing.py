"""What is due comes into the outbox once: by the district's clock, after outages, for a night that failed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.core.errors import RuleError
from lxsaas.core.scope import aggregating, operating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.reports import subscription_queries
from lxsaas.reports.due import due_and_next
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.reports.owing import clock_of, owe_alarm, owe_due
from lxsaas.reports.subscription_actions import (
    Choice,
    Owner,
    change_subscription,
    create_subscription,
    delete_subscription,
    pause_subscription,
    resume_subscription,
)
from lxsaas.reports.writing import Read, write_letter
from lxsaas.schools.models import District
from tests.factories import Factory, Person, Place
from tests.reports.places import NIGHT, count

SIX = time(6)
MONDAY = datetime(2026, 5, 31, 22, 31, tzinfo=UTC)
"""06:31 of June 1, 2026, in Shanghai, a Monday, the morning after NIGHT."""
DAY = timedelta(days=1)


@pytest.fixture
def district(app: Flask, factory: Factory) -> Iterator[Place]:
    place = factory.district()
    factory.school(place)
    with app.app_context():
        yield place


@pytest.fixture
def analyst(factory: Factory, district: Place) -> Person:
    """Nobody whom the district subscribes by default."""
    return factory.officer(district, "analyst", email="analyst@example.org")


def subscribe(
    factory: Factory, person: Person, report: str, *, now: datetime = MONDAY - 3 * DAY, **more: object
) -> ReportSubscription:
    owner = Owner(person.place.id, person.id)
    choice = Choice(report, "district", person.place.id, **more)  # type: ignore[arg-type]
    with factory.session(person.place.scope) as session:
        place = clock_of(session, person.place.id)
        one = create_subscription(session, owner, choice, place=place, now=now)
        session.flush()
        session.expunge(one)
    return one


def owe(district: Place, now: datetime = MONDAY, schools: Sequence[Place] = ()) -> int:
    with session_for(aggregating(district.id, [one.id for one in schools])) as session:
        new = owe_due(session, district.id, now, deadline=SIX)
        session.commit()
    return new


def owed(district: Place) -> list[tuple[str, date]]:
    query = (
        select(ReportSubscription.report, OutboxMessage.period_on)
        .join(OutboxMessage, OutboxMessage.subscription_id == ReportSubscription.id)
        .order_by(OutboxMessage.period_on, ReportSubscription.report)
    )
    with session_for(aggregating(district.id, ())) as session:
        return [(row[0], row[1]) for row in session.execute(query)]


def test_a_week_is_owed_on_its_morning_once(factory: Factory, district: Place, analyst: Person) -> None:
    subscribe(factory, analyst, "week", weekday=1)
    count(district, NIGHT)
    assert owe(district, MONDAY - timedelta(minutes=2)) == 0
    assert owe(district) == 1
    assert owe(district) == owe(district, MONDAY + timedelta(hours=8)) == 0
    assert owed(district) == [("week", date(2026, 5, 25))]


def test_what_was_due_while_everything_was_down_is_caught_up_once(
    factory: Factory, district: Place, analyst: Person
) -> None:
    subscribe(factory, analyst, "night", now=MONDAY - 20 * DAY)
    subscribe(factory, analyst, "week", weekday=1, now=MONDAY - 20 * DAY)
    subscribe(factory, analyst, "month", day_of_month=1, now=MONDAY - 20 * DAY)
    count(district, *(NIGHT - number * DAY for number in (2, 1, 0)))
    assert owe(district, MONDAY + timedelta(hours=20)) == 5
    assert owe(district, MONDAY + timedelta(hours=20)) == 0
    assert owed(district) == [
        ("month", date(2026, 5, 1)),
        ("week", date(2026, 5, 25)),
        *(("night", NIGHT - number * DAY) for number in (2, 1, 0)),
    ]


def test_a_night_that_does_not_come_is_told_at_its_deadline(
    factory: Factory, district: Place, analyst: Person
) -> None:
    subscribe(factory, analyst, "night", send_at=time(5))
    count(district, NIGHT - DAY)
    owe(district, MONDAY - DAY)
    assert owed(district) == [("night", NIGHT - DAY)]
    # 05:30: its hour has come, the night may still.
    assert owe(district, MONDAY - timedelta(hours=1)) == 0
    assert owe(district, MONDAY - timedelta(minutes=30)) == 1
    engine.work_off(district.id, engine.begin_run(district.id, NIGHT))
    assert owed(district)[1:] == [("night", NIGHT)]


def test_where_nights_never_came_none_is_missed(factory: Factory, district: Place, analyst: Person) -> None:
    subscribe(factory, analyst, "night")
    assert owe(district, MONDAY + DAY) == 0


def test_a_change_of_zone_neither_repeats_nor_skips(
    factory: Factory, district: Place, analyst: Person
) -> None:
    subscribe(factory, analyst, "night", now=MONDAY - 3 * DAY)
    count(district, *(NIGHT + number * DAY for number in (-2, -1, 0, 1)))
    owe(district)
    for zone, hours in (("America/New_York", 6), ("Pacific/Kiritimati", 7), ("Asia/Shanghai", 24)):
        with factory.session(operating()) as session:
            session.execute(update(District).where(District.id == district.id).values(timezone=zone))
        owe(district, MONDAY + timedelta(hours=hours))
    nights = [day for _, day in owed(district)]
    assert nights == [NIGHT + number * DAY for number in (-2, -1, 0, 1)]


def test_what_fell_due_during_a_pause_is_not_sent(factory: Factory, district: Place, analyst: Person) -> None:
    one = subscribe(factory, analyst, "night", now=MONDAY - 3 * DAY)
    owner = Owner(district.id, analyst.id)
    count(district, *(NIGHT + number * DAY for number in (-1, 0, 1)))
    with factory.session(district.scope) as session:
        pause_subscription(session, owner, session.get_one(ReportSubscription, (district.id, one.id)))
    assert owe(district) == 0
    with factory.session(district.scope) as session:
        found = session.get_one(ReportSubscription, (district.id, one.id))
        place = clock_of(session, district.id)
        resume_subscription(session, owner, found, place=place, now=MONDAY + timedelta(hours=2))
    assert owe(district, MONDAY + timedelta(hours=3)) == 0
    assert owe(district, MONDAY + DAY) == 1
    assert owed(district) == [("night", NIGHT + DAY)]


def test_another_weekday_repeats_no_week_and_skips_none(
    factory: Factory, district: Place, analyst: Person
) -> None:
    """From Friday to Monday on a Wednesday: the week that Friday would have told is told at once."""
    one = subscribe(factory, analyst, "week", weekday=5, now=MONDAY - 20 * DAY)
    owner, wednesday = Owner(district.id, analyst.id), MONDAY + 2 * DAY
    count(district, NIGHT - 7 * DAY, NIGHT)
    owe(district, MONDAY - 2 * DAY)
    assert owed(district) == [("week", date(2026, 5, 18))]
    with factory.session(district.scope) as session:
        found = session.get_one(ReportSubscription, (district.id, one.id))
        choice, place = Choice("week", "district", district.id, weekday=1), clock_of(session, district.id)
        change_subscription(session, owner, found, choice, place=place, now=wednesday)
    owe(district, wednesday)
    owe(district, MONDAY + 5 * DAY)
    assert owed(district)[1:] == [("week", date(2026, 5, 25))]


def test_who_asks_twice_at_once_is_told_so(
    factory: Factory, district: Place, analyst: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(factory, analyst, "night")
    # Neither sees what the other has not committed.
    unseen = select(ReportSubscription).where(ReportSubscription.id < 0)
    monkeypatch.setattr(subscription_queries, "same_subscription", lambda *_given: unseen)
    with pytest.raises(RuleError, match="subscription_exists"):
        subscribe(factory, analyst, "night")


def test_a_deleted_default_does_not_come_back(factory: Factory, district: Place) -> None:
    officer = factory.officer(district, email="officer@example.org")
    count(district, NIGHT)
    assert owe(district) == 1
    owner = Owner(district.id, officer.id)
    with factory.session(district.scope) as session:
        one = session.scalars(select(ReportSubscription)).one()
        delete_subscription(session, owner, one, now=MONDAY)
    count(district, NIGHT + DAY)
    assert owe(district, MONDAY + DAY) == 0


def test_who_left_or_has_no_address_is_owed_nothing_until_that_changes(
    factory: Factory, district: Place
) -> None:
    """An operator looking for mail that failed would else find one more each night for each of them."""
    school = factory.school(district)
    officers = [factory.officer(district, email="o@example.org") for _ in range(2)]
    principals = [factory.staff(school, "principal", email="p@example.org") for _ in range(3)]
    with factory.session(school.scope) as session:
        place = clock_of(session, district.id)
        for person in principals:
            owner, choice = Owner(district.id, person.id, school.id), Choice("night", "school", school.id)
            create_subscription(session, owner, choice, place=place, now=MONDAY - 3 * DAY)
    set_account(factory, officers[0], is_active=False)
    set_account(factory, principals[0], is_active=False)
    set_account(factory, principals[1], email=None)
    count(district, NIGHT)
    assert owe(district, schools=[school]) == 2
    set_account(factory, principals[1], email="p@example.org")
    set_account(factory, principals[2], roles=["teacher"])
    count(district, NIGHT + DAY)
    assert owe(district, MONDAY + DAY, [school]) == 3
    assert len(owed(district)) == 5


def set_account(factory: Factory, person: Person, **values: object) -> None:
    table = DistrictStaff if person.place.path.startswith("/d/") else Staff
    with factory.session(person.place.scope) as session:
        session.execute(update(table).where(table.id == person.id).values(**values))


def test_an_officer_of_some_townships_is_told_of_these_alone(factory: Factory, district: Place) -> None:
    township_id = factory.township(district)
    officer = factory.officer(district, email="one@example.org", township_ids=[township_id])
    subscribe(factory, officer, "week", weekday=1)
    count(district, NIGHT)
    assert owe(district) == 0
    assert owed(district) == []


def test_the_command_s_table_shows_what_is_due_and_what_comes_next(
    factory: Factory, district: Place, analyst: Person
) -> None:
    subscribe(factory, analyst, "week", weekday=1)
    with session_for(aggregating(district.id, ())) as session:
        (before,) = due_and_next(session, district.id, MONDAY)
    assert before["due"] == ["2026-05-25"]
    assert before["next"] == "2026-06-08T06:30:00+08:00"
    count(district, NIGHT)
    owe(district)
    with session_for(aggregating(district.id, ())) as session:
        (after,) = due_and_next(session, district.id, MONDAY)
    assert after == before | {"due": []}


def alarm_of(session: Session, district: Place, school: Place, kind: str) -> int:
    """A rule of this kind that holds for a school since the night."""
    rule = AlarmRule(district_id=district.id, kind=kind, level="school", bound=14, delivery="at_once")
    session.add(rule)
    session.flush()
    alarm = Alarm(
        district_id=district.id, rule_id=rule.id, level="school", unit_id=school.id, about_on=NIGHT,
        as_of=NIGHT, numerator=15,
    )  # fmt: skip
    session.add(alarm)
    session.flush()
    return alarm.id


def test_an_alarm_is_told_at_once_to_those_of_its_place(factory: Factory, district: Place) -> None:
    """Of a school: to who subscribed to the district's alarms, its township's or its own, once each."""
    township_id, other_id = factory.township(district), factory.township(district)
    school = factory.school(district, township_id)
    person = factory.officer(district, "analyst", email="a@example.org")
    owner = Owner(district.id, person.id)
    with factory.session(district.scope) as session:
        place = clock_of(session, district.id)
        for level, unit in (("district", district.id), ("township", township_id), ("township", other_id)):
            choice = Choice("alarms", level, unit)
            create_subscription(session, owner, choice, place=place, now=MONDAY)
    with session_for(aggregating(district.id, ())) as session:
        alarm_id = alarm_of(session, district, school, "silent")
        assert owe_alarm(session, district.id, alarm_id, NIGHT) == 2
        assert owe_alarm(session, district.id, alarm_id, NIGHT) == 0
        (one, *_) = session.scalars(select(ReportSubscription).where(ReportSubscription.level == "district"))
        letter = write_letter(session, one, NIGHT, alarm_id, language="en", read=Read())
        assert letter is not None
        assert "15 days of term" in letter.text
        assert "/unsubscribe/" in letter.text
        digest = ReportSubscription(
            district_id=district.id, report="night", level="district", unit_id=district.id, staff_id=1
        )
        told = write_letter(session, digest, NIGHT, 0, language="en", read=Read())
        assert told is not None
        assert "Alarms that stand" in told.text
        assert "Alarms that stand" in told.html


def test_which_school_opened_a_mandatory_report_is_told_to_officers_alone(
    factory: Factory, district: Place
) -> None:
    school = factory.school(district)
    for role in ("officer", "analyst"):
        person = factory.officer(district, role, email=f"{role}@example.org")
        subscribe(factory, person, "alarms")
    with session_for(aggregating(district.id, ())) as session:
        alarm_id = alarm_of(session, district, school, "mandatory_report")
        assert owe_alarm(session, district.id, alarm_id, NIGHT) == 1
        # Who became an analyst while the mail waited is not told either.
        alarms = ReportSubscription(
            district_id=district.id, report="alarms", level="district", unit_id=district.id, staff_id=1
        )
        for sees_harm in (True, False):
            letter = write_letter(
                session, alarms, NIGHT, alarm_id, language="en", read=Read(), sees_harm=sees_harm
            )
            assert (letter is not None) is sees_harm
        digest = ReportSubscription(
            district_id=district.id, report="night", level="district", unit_id=district.id, staff_id=1
        )
        told = write_letter(session, digest, NIGHT, 0, language="en", read=Read())
        assert told is not None
        assert "Alarms that stand" not in told.text
