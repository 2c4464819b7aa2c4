"""A night of a district against the same sums in one hand-written SQL statement."""

import argparse
from collections.abc import Sequence
from datetime import date

from sqlalchemy import text

from benchmarks.harness import compare, fresh_app
from lxsaas.core.scope import Login, aggregating
from lxsaas.extensions import plain_engine, session_for
from lxsaas.indicators import engine
from tests.factories import Factory, Place

AS_OF = date(2026, 11, 22)

# As somebody would write it once, for one district and one day: no ledger, no rows for zero, no rollup.
BY_HAND = """
    select s.school_id, count(*) as enrolled, count(*) filter (where r.pupil_id is not null) as left_behind,
        count(*) filter (where t.pupil_id is not null) as targets,
        count(*) filter (where t.pupil_id is not null and c.talk) as talks,
        count(*) filter (where t.pupil_id is not null and c.visit) as visits,
        count(*) filter (where t.pupil_id is not null and c.call) as calls
    from pupil s
    left join left_behind_spell r on r.school_id = s.school_id and r.pupil_id = s.id
        and r.definition = 'register' and r.starts_on <= :day and (r.ends_on is null or r.ends_on > :day)
    left join left_behind_spell t on t.school_id = s.school_id and t.pupil_id = s.id
        and t.definition = 'state_council_2016_3m' and t.starts_on <= :day
        and (t.ends_on is null or t.ends_on > :day)
    left join (
        select school_id, pupil_id, bool_or(kind = 1) as talk, bool_or(kind = 2) as visit,
            bool_or(kind = 3) as call
        from care_record
        where occurred_on between :first and :day and withdrawn_at is null and kind in (1, 2, 3)
        group by school_id, pupil_id
    ) c on c.school_id = s.school_id and c.pupil_id = s.id
    where s.enrolled_on <= :day and (s.left_on is null or s.left_on > :day)
    group by s.school_id
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Both as lx_aggregator under row security, on the same rows; ours with claims, rollup, commits."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aggregation", description=__doc__)
    parser.add_argument("--schools", type=int, default=200)
    parser.add_argument("--pupils", type=int, default=300)
    parser.add_argument("--records", type=int, default=60, help="of each pupil, over a year")
    options = parser.parse_args(argv)
    with fresh_app() as app:
        factory = Factory(app)
        district = factory.district()
        schools = [factory.school(district) for _ in range(options.schools)]
        for school in schools:
            fill(factory, school, options.pupils, options.records)
        settings = app.extensions["lxsaas.settings"]
        with plain_engine(settings.login_url(Login.OWNER)).connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("vacuum analyze"))
        ids = [school.id for school in schools]

        def by_hand() -> object:
            with session_for(aggregating(district.id, ids)) as session:
                return session.execute(text(BY_HAND), {"day": AS_OF, "first": AS_OF.replace(day=1)}).all()

        compare(
            "aggregation",
            f"{options.schools} schools × {options.pupils} pupils × {options.records} records",
            "the same sums in one hand-written SQL statement",
            lambda: engine.run_as_of(district.id, AS_OF),
            by_hand,
        )


def fill(factory: Factory, school: Place, pupils: int, records: int) -> None:
    """Pupils of whom 45 % are left behind, and their records of the last year, made inside the database."""
    teacher = factory.staff(school)
    class_id = factory.school_class(school, teacher)
    with factory.session(school.scope) as session:
        values = {"school": school.id, "class": class_id, "teacher": teacher.id, "day": AS_OF}
        values |= {"pupils": pupils, "records": records}
        session.execute(
            text(
                "insert into pupil (school_id, class_id, name, pinyin, sex, born_on, enrolled_on,"
                " identity_type, register_left_behind) select :school, :class, '童' || n, 'tt tong', 'male',"
                " '2016-01-01', '2022-09-01', '1', 0 from generate_series(1, :pupils) n"
            ),
            values,
        )
        session.execute(
            text(
                "insert into left_behind_spell (school_id, pupil_id, definition, definition_version, kind,"
                " starts_on) select :school, id, d, 1, 'both', '2023-01-01' from pupil,"
                " unnest(array['register', 'state_council_2016', 'state_council_2016_3m',"
                " 'education_statistics', 'school_practice']) d where school_id = :school and id % 20 < 9"
            ),
            values,
        )
        session.execute(
            text(
                "insert into care_record (school_id, pupil_id, recorded_by, kind, occurred_on)"
                " select :school, p.id, :teacher, 1 + (p.id + n) % 4,"
                " cast(:day as date) - (n * 365 / :records + p.id % 6)::int"
                " from pupil p, generate_series(0, :records - 1) n where p.school_id = :school"
            ),
            values,
        )


if __name__ == "__main__":
    main()
