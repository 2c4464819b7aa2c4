"""The schema obeys the rules of Citus, so that a nation of schools can move to it (`docs/scale.md`).

Schools' tables are distributed by `school_id`, a district's own by `district_id`; what all read and few
write is a reference table, a copy on every node. Each rule is also seen to catch a table that breaks it.
"""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from lxsaas.config import Settings
from lxsaas.extensions import plain_engine
from tests.guardrails.canary import tables

REFERENCE = {
    "district": "few rows, read by every page",
    "township": "few rows, read by every page",
    "school": "the directory: each sign-in looks a school up before anybody is in scope",
    "term": "few rows, joined by the nightly count",
    "care_definition_choice": "few rows, read by the nightly count",
    "indicator_target": "few rows, read by schools and districts",
    "mail_channel": "one row a channel, read by every sender",
}
"""Tables copied to every node, each with the reason."""
TRIGGERS = {
    "alarm_shown", "audit_entry_chain", "district_audit_entry_chain", "district_staff_shown",
    "exam_progress_update",
    "exam_result_progress_delete", "exam_result_progress_insert", "exam_result_progress_update",
    "indicator_run_shown", "kept_for_good", "never_changed", "never_emptied", "pupil_entered", "pupil_moved",
    "said_now", "summary_is_final", "told_district", "transfer_checked",
}  # fmt: skip
"""Triggers of distributed tables: Citus runs them with `citus.enable_unsafe_triggers`, on the shard. Each
reads and writes rows of the same school or district only; `told_district` alone writes from a school's shard
into its district's table, which has to lie beside it (`docs/scale.md`)."""

PLACES = """
    with place as (
        select c.oid, relname,
            case when relname = any (:reference) then null
                when school.attnum is not null then 'school_id' else 'district_id' end as key,
            coalesce(school.atttypid, district.atttypid) as type
        from pg_class c
        left join pg_attribute school on school.attrelid = c.oid and school.attname = 'school_id'
            and not school.attisdropped
        left join pg_attribute district on district.attrelid = c.oid and district.attname = 'district_id'
            and not district.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and relname <> 'alembic_version'
    ), named as (
        select conname::text as name, con.*, (
            select array_agg(attname::text) from pg_attribute
            where attrelid = conrelid and attnum = any (conkey)
        ) as columns
        from pg_constraint con
    )
"""
RULES = {
    "a bigint to distribute by": "select relname from place where key is not null"
    " and type is distinct from 'bigint'::regtype",
    "each key and exclusion holds it": "select name from named join place on place.oid = conrelid"
    " where contype in ('p', 'u', 'x') and key is not null and not key = any (columns)",
    "each unique index holds it": """
        select indexrelid::regclass::text from pg_index join place on place.oid = indrelid
        where indisunique and key is not null and not exists (
            select from pg_attribute where attrelid = indrelid and attname = key and attnum = any (indkey)
        )
    """,
    "a foreign key stays on its node": """
        select name from named join place on place.oid = conrelid join place as other on other.oid = confrelid
        where contype = 'f' and other.key is not null and (
            place.key is distinct from other.key or not exists (
                select from unnest(conkey, confkey) as pair (own, theirs)
                join pg_attribute a on a.attrelid = conrelid and a.attnum = own
                join pg_attribute b on b.attrelid = confrelid and b.attnum = theirs
                where a.attname = place.key and b.attname = place.key
            )
        )
    """,
    "no deletion rewrites it": "select name from named join place on place.oid = conrelid"
    " where contype = 'f' and key = any (columns)"
    " and (confdeltype in ('n', 'd') or confupdtype in ('n', 'd', 'c'))",
    "no trigger that reaches further": "select tgname::text from pg_trigger join place on place.oid = tgrelid"
    " where not tgisinternal and key is not null and tgname <> all (:triggers)",
    "no inheritance": "select inhrelid::regclass::text from pg_inherits join place on place.oid = inhrelid",
    "no view, no rule": "select relname::text from pg_class where relnamespace = 'public'::regnamespace"
    " and relkind in ('v', 'm', 'f') union all"
    " select rulename::text from pg_rewrite join place on place.oid = ev_class",
    "identities are bigints": "select relname from pg_attribute join place on place.oid = attrelid"
    " where attidentity <> '' and atttypid <> 'bigint'::regtype",
}
"""Each rule of Citus with the query for what breaks it."""

BREAKING = {
    "a bigint to distribute by": "create table bad (school_id int)",
    "each key and exclusion holds it": "create table bad (school_id bigint, id bigint primary key)",
    "each unique index holds it": "create table bad (school_id bigint, id bigint);"
    " create unique index on bad (id)",
    "a foreign key stays on its node": "create table bad (school_id bigint, other bigint, pupil_id bigint,"
    " foreign key (other, pupil_id) references pupil (school_id, id))",
    "no deletion rewrites it": "create table bad (school_id bigint references school on delete set null)",
    "no trigger that reaches further": "create table bad (school_id bigint); create trigger reaching"
    " before insert on bad for each row execute function suppress_redundant_updates_trigger()",
    "no inheritance": "create table bad (school_id bigint); create table worse () inherits (bad)",
    "no view, no rule": "create view bad as select 1",
    "identities are bigints": "create table bad (school_id bigint, id int generated always as identity)",
}


@pytest.fixture
def owner(settings: Settings) -> Iterator[Connection]:
    """A transaction of the administrator that is rolled back."""
    with plain_engine(settings.admin_url).connect() as connection:
        yield connection
        connection.rollback()


def breaches(connection: Connection, rule: str) -> list[str]:
    query = text(PLACES + RULES[rule])
    return list(connection.scalars(query, {"reference": list(REFERENCE), "triggers": sorted(TRIGGERS)}).all())


@pytest.mark.parametrize("rule", RULES)
def test_the_schema_obeys_each_rule_of_citus(owner: Connection, rule: str) -> None:
    assert breaches(owner, rule) == []


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_catches_what_breaks_it(owner: Connection, rule: str) -> None:
    owner.exec_driver_sql(BREAKING[rule])
    assert breaches(owner, rule) != []


def test_every_table_has_its_place() -> None:
    placed = [
        table.name
        for table in tables()
        if table.name not in REFERENCE and not {"school_id", "district_id"} & {*table.columns.keys()}
    ]
    assert placed == []
    assert REFERENCE.keys() <= {table.name for table in tables()}


def test_every_trigger_that_is_let_pass_exists(owner: Connection) -> None:
    names = owner.scalars(text("select tgname::text from pg_trigger where not tgisinternal"))
    assert TRIGGERS <= set(names)


def test_every_policy_can_be_written_without_a_subquery(owner: Connection) -> None:
    """Citus refuses a subquery in a policy; the plain call means the same, only slower on scans."""
    policies = owner.execute(
        text("select tablename, policyname, qual, with_check from pg_policies where schemaname = 'public'")
    ).all()
    assert policies
    for table, name, *conditions in policies:
        using, check = (bare(condition) for condition in conditions)
        assert "SELECT" not in f"{using} {check}", f"{table}: {name}"
        change = f'alter policy "{name}" on {table}' + (f" using ({using})" if using else "")
        owner.exec_driver_sql(change + (f" with check ({check})" if check else ""))


def bare(condition: str | None) -> str | None:
    """A policy's condition with calls in place of subqueries that only call."""
    return condition and re.sub(r"\(\s*SELECT (lx_\w+\(\))(?: AS \w+)?\)", r"\1", condition)
