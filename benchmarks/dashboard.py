"""The district's overview against a bare Flask view that returns as many bytes."""

import argparse
from collections.abc import Sequence
from datetime import date

from flask import Flask
from sqlalchemy import insert

from benchmarks.harness import compare, fresh_app
from lxsaas.core.clock import add_months, month_end
from lxsaas.core.scope import Scope, aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.models import DistrictIndicator, IndicatorRun
from tests.factories import Factory, Place

AS_OF = date(2026, 11, 22)


def main(argv: Sequence[str] | None = None) -> None:
    """Measures one request after the other, through the whole WSGI stack, signed in as an officer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description=__doc__)
    parser.add_argument("--schools", type=int, default=200)
    parser.add_argument("--months", type=int, default=24)
    options = parser.parse_args(argv)
    with fresh_app() as app:
        district = build(Factory(app), options.schools, options.months)
        officer = Factory(app).officer(district)
        client = officer.sign_in(app.test_client())
        page = client.get(f"{district.path}overview")
        if page.status_code != 200:
            raise SystemExit(f"the overview answered {page.status_code}")
        bare = bare_app(page.data).test_client()
        compare(
            "dashboard",
            f"{options.schools} schools, {len(INDICATORS)} indicators, {options.months} months, "
            f"{len(page.data)} bytes",
            "a bare Flask view that returns as many bytes",
            lambda: [client.get(f"{district.path}overview").data for _ in range(10)],
            lambda: [bare.get("/").data for _ in range(10)],
        )


def bare_app(body: bytes) -> Flask:
    """Flask with one view and nothing else."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: body)
    return app


def build(factory: Factory, schools: int, months: int) -> Place:
    """A district with published figures for every month, as nights would have left them."""
    district = factory.district()
    townships = [factory.township(district) for _ in range(10)]
    ids = [factory.school(district, townships[number % 10]).id for number in range(schools)]
    units = [
        ("district", district.id),
        *(("township", one) for one in townships),
        *(("school", one) for one in ids),
    ]
    scope: Scope = aggregating(district.id, ids)
    with session_for(scope) as session:
        for back in range(months):
            first = add_months(AS_OF.replace(day=1), -back)
            as_of = min(month_end(first), AS_OF)
            session.add(
                IndicatorRun(district_id=district.id, as_of=as_of, state="done", schools_expected=schools)
            )
            session.execute(
                insert(DistrictIndicator),
                [
                    {
                        "district_id": district.id, "level": level, "unit_id": unit, "indicator": code,
                        "starts_on": as_of if one.period == "day" else first, "as_of": as_of,
                        "numerator": 40 + (unit + back) % 50, "denominator": 90 if one.is_rate else None,
                        "is_suppressed": False, "schools_reporting": 1, "schools_expected": 1,
                    }
                    for level, unit in units
                    for code, one in INDICATORS.items()
                ],
            )  # fmt: skip
        session.commit()
    return district


if __name__ == "__main__":
    main()
