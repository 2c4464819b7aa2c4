"""Schemas for django-tenants, with the rows that the province's tables hold of each school."""

from django.db import connection

from benchmarks.peers.directory.models import School

TABLES = {
    "pupil": "id, name, born_on, enrolled_on, left_on",
    "left_behind_spell": "id, pupil_id, definition, starts_on, ends_on",
    "care_record": "id, pupil_id, recorded_by, recorded_at, occurred_on, kind, withdrawn_at",
}


def make_first() -> None:
    """The first school's schema, empty, made by django-tenants and its migrations."""
    school = School(id=1, schema_name="s1")
    school.save()
    school.create_schema(check_if_exists=True, verbosity=0)


def fill(schools: int) -> None:
    """So many schools: the first one's tables copied (a migration run each would take hours), then filled."""
    there = set(School.objects.values_list("id", flat=True))
    filled = there if len(there) > 1 else set()
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        for school_id in range(1, schools + 1):
            if school_id not in there:
                School(id=school_id, schema_name=f"s{school_id}").save()
                _clone(cursor, f"s{school_id}")
        for school_id in range(1, schools + 1):
            if school_id not in filled:
                for table, columns in TABLES.items():
                    cursor.execute(
                        f"insert into s{school_id}.{table} ({columns})"
                        f" select {columns} from public.{table} where school_id = %s",
                        [school_id],
                    )
        cursor.execute("set session_replication_role = origin")
        cursor.execute("vacuum (analyze)")
        cursor.execute("checkpoint")


def _clone(cursor, schema: str) -> None:
    cursor.execute("select tablename from pg_tables where schemaname = 's1'")
    tables = [row[0] for row in cursor.fetchall()]
    cursor.execute(f"create schema {schema}")
    for table in tables:
        cursor.execute(f"create table {schema}.{table} (like s1.{table} including all)")
    for table in ("left_behind_spell", "care_record"):
        cursor.execute(f"alter table {schema}.{table} add foreign key (pupil_id) references {schema}.pupil")
    cursor.execute(
        f"insert into {schema}.django_migrations (app, name, applied)"
        " select app, name, applied from s1.django_migrations"
    )
