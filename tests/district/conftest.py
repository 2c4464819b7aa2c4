"""A district with a counted night, and its people."""

from collections.abc import Callable, Iterator
from datetime import date
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, inspect
from sqlalchemy.dialects.postgresql import insert

from lxsaas.core.scope import Login, aggregating
from lxsaas.district.revalidation import KeptAnswers
from lxsaas.extensions import db
from lxsaas.indicators import engine
from lxsaas.indicators import published as published_rows
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.models import DistrictIndicator, IndicatorRun, SchoolActivity
from lxsaas.indicators.night import targets_of
from lxsaas.indicators.standings import keep_standings
from tests.factories import Factory, Person, Place
from tests.indicators.districts import EPOCH, Built, Child, SchoolData, build
from tests.indicators.test_figures import DEFINITION

NIGHT = date(2024, 3, 20)
WRITTEN = ("as_of", "numerator", "denominator", "hidden", "slack")
CHILD = Child(EPOCH, None, (("register", EPOCH, None), (DEFINITION, EPOCH, None)), ())


@pytest.fixture
def built(app: Flask, factory: Factory) -> Built:
    """A district of three schools with five, four and two care targets, after a night."""
    made = build(factory, [SchoolData(0, (CHILD,) * size) for size in (5, 4, 2)])
    with app.app_context():
        engine.run_as_of(made.place.id, NIGHT)
    return made


@pytest.fixture
def officer(factory: Factory, client: FlaskClient, built: Built) -> FlaskClient:
    client.set_cookie("language", "en", path="/")
    return factory.officer(built.place).sign_in(client)


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """What the district's login asks the database."""
    kept: list[str] = []

    def note(*given: object) -> None:
        kept.append(str(given[2]))

    with app.app_context():
        used = db.engines[Login.DISTRICT.value]
    event.listen(used, "before_cursor_execute", note)
    yield kept
    event.remove(used, "before_cursor_execute", note)


@pytest.fixture(autouse=True)
def looked_up_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests change is seen by the next request, not a second later."""
    monkeypatch.setattr(KeptAnswers, "trusted_for", -1.0)


SignIn = Callable[..., FlaskClient]


@pytest.fixture
def sign_in(app: Flask, factory: Factory) -> SignIn:
    """Another person of the district, in a browser of their own that reads English."""

    def enter(place: Place, role: str = "officer", **values: object) -> FlaskClient:
        browser = app.test_client()
        browser.set_cookie("language", "en", path="/")
        person: Person = factory.officer(place, role, **values)
        return person.sign_in(browser)

    return enter


class Published:
    """A district whose schools have whatever was published of them, without a child behind it."""

    def __init__(self, factory: Factory, *townships: int) -> None:
        """`townships`: how many schools each has."""
        self.factory = factory
        self.place = factory.district()
        self.townships = [factory.township(self.place) for _ in townships]
        self.schools = [
            factory.school(self.place, township)
            for township, count in zip(self.townships, townships, strict=True)
            for _ in range(count)
        ]

    def night(self, seed: int = 1, as_of: date = NIGHT) -> None:
        """A run with every daily and monthly figure of every unit, at random, small cells among them."""
        random = Random(seed)
        units = [("district", self.place.id), *(("township", one) for one in self.townships)]
        units += [("school", school.id) for school in self.schools]
        rows = [
            {
                "district_id": self.place.id, "level": level, "unit_id": unit_id, "indicator": code,
                "starts_on": as_of if one.period == "day" else as_of.replace(day=1), "written_to": as_of,
                "schools_reporting": 1, "schools_expected": 1,
                **_parts(random, code, small=level == "school"),
            }
            for level, unit_id in units
            for code, one in INDICATORS.items()
            if one.period != "term"
        ]  # fmt: skip
        made = insert(DistrictIndicator)
        again = made.on_conflict_do_update(
            index_elements=inspect(DistrictIndicator).primary_key,
            set_={name: made.excluded[name] for name in WRITTEN},
        )
        scope = aggregating(self.place.id, [school.id for school in self.schools])
        with self.factory.session(scope) as session:
            session.add(
                IndicatorRun(
                    district_id=self.place.id, as_of=as_of, state="done", schools_expected=len(self.schools)
                )
            )
            session.execute(again, rows)

    def keep_standings(self) -> None:
        """As the transaction that publishes a night does."""
        with self.factory.session(aggregating(self.place.id, ())) as session:
            run = session.scalars(published_rows.finished_runs().limit(1)).one()
            keep_standings(session, run, targets_of(session, self.place.id).on(run.as_of))

    def last_entry(self, school: Place, day: date) -> None:
        with self.factory.session(aggregating(self.place.id, [school.id])) as session:
            session.merge(
                SchoolActivity(district_id=self.place.id, unit_id=school.id, last_entry_on=day)
            )  # fmt: skip


def _parts(random: Random, code: str, *, small: bool = False) -> dict[str, object]:
    indicator = INDICATORS[code]
    due = random.randint(3, 400)
    if not indicator.is_rate:
        return {"numerator": random.randint(0, 3), "denominator": None, "hidden": None, "slack": 0}
    sign = random.choice((None, None, None, "few", "most", "some", "all")) if small else None
    return {
        "numerator": random.randint(0, due) if sign is None else None,
        "denominator": None if sign == "all" else due,
        "hidden": sign,
        "slack": 0 if small else random.randint(0, 3),
    }


@pytest.fixture
def published(factory: Factory) -> Published:
    """Three townships with three, two and one school, after a night."""
    made = Published(factory, 3, 2, 1)
    made.night()
    return made
