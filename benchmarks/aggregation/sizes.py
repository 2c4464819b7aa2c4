"""What a school takes on the disk, table by table: the rows from which `docs/scale.md` reckons."""

from benchmarks.aggregation.place import Province
from benchmarks.harness import show

_TABLES = """
    select c.relname, c.reltuples::bigint, pg_table_size(c.oid), pg_indexes_size(c.oid)
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.reltuples > 0
    order by pg_total_relation_size(c.oid) desc
"""
SHOWN = 0.005
"""Tables of less than this share of the whole are summed up."""


def sizes(place: Province) -> None:
    """Prints rows and bytes a school of each table; a province holds fourteen months of care."""
    place.execute("analyze")
    rows = place.execute(_TABLES).fetchall()
    whole = sum(heap + indexes for _, _, heap, indexes in rows)
    rest = 0
    for name, count, heap, indexes in rows:
        if heap + indexes < SHOWN * whole:
            rest += heap + indexes
            continue
        show(
            name="aggregation.table", table=name, rows_a_school=round(count / place.size.schools, 1),
            bytes_a_row=round(heap / count), index_bytes_a_row=round(indexes / count),
            kilobytes_a_school=round((heap + indexes) / place.size.schools / 1000, 1),
        )  # fmt: skip
    show(
        name="aggregation.tables", size=str(place.size),
        other_kilobytes_a_school=round(rest / place.size.schools / 1000, 1),
        kilobytes_a_school=round(whole / place.size.schools / 1000, 1),
    )  # fmt: skip
