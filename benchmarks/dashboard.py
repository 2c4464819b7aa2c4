"""The district's overview against a bare Flask view that returns as many bytes."""

import argparse
from collections.abc import Sequence
from datetime import date

from flask import Flask
from sqlalchemy import text

from benchmarks.harness import compare, fresh_app
from lxsaas.core.clock import add_months, month_end
from lxsaas.core.scope import Scope, aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.models import IndicatorRun
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


_FIGURES = text(
    """
    insert into district_indicator (district_id, level, unit_id, indicator, starts_on, as_of, numerator,
        denominator, hidden, slack, schools_reporting, schools_expected)
    select :district_id, level, unit, code, starts_on, least(:as_of, case period when 'day' then starts_on
            when 'month' then (starts_on + interval '1 month')::date - 1 else starts_on + 150 end),
        case when hidden is null then case when is_rate then due * (55 + mixed % 46) / 100 else due end end,
        case when is_rate then due end, hidden, case when level = 'school' then 0 else due / 50 end, 1, 1
    from (
        select *, case when level = 'school' and is_rate and mixed % 17 = 0 then 'few' end as hidden
        from (
            select *, 30 + unit % 300 as due,
                abs(hashtext(unit || code || starts_on::text)) as mixed
            from unnest(cast(:levels as text[]), cast(:units as bigint[])) as place (level, unit)
            cross join unnest(cast(:codes as text[]), cast(:periods as text[]), cast(:rates as boolean[]))
                as one (code, period, is_rate)
            cross join lateral generate_series(
                case period when 'day' then :as_of - :months * 30 else
                    date_trunc('month', cast(:as_of as date)) - make_interval(months => :months - 1) end,
                :as_of, case period when 'day' then interval '1 day' when 'month' then interval '1 month'
                    else interval '6 months' end
            ) as series (instant)
            cross join lateral (select instant::date as starts_on) as day
        ) as drawn
    ) as made
    """
)
"""Each night, month and term of every unit, as nights would have left them."""


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
            as_of = min(month_end(add_months(AS_OF.replace(day=1), -back)), AS_OF)
            session.add(
                IndicatorRun(district_id=district.id, as_of=as_of, state="done", schools_expected=schools)
            )
        session.flush()
        session.execute(_FIGURES, {
            "district_id": district.id, "as_of": AS_OF, "months": months,
            "units": [unit for _, unit in units], "levels": [level for level, _ in units],
            "codes": list(INDICATORS),
            "periods": [one.period for one in INDICATORS.values()],
            "rates": [one.is_rate for one in INDICATORS.values()],
        })  # fmt: skip
        session.commit()
    return district


if __name__ == "__main__":
    main()
