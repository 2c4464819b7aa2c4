"""The command: makes the province, prepares a night, measures what was asked for."""

import argparse
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import structlog

from benchmarks.aggregation import measures, nights, peers, sizes, state
from benchmarks.aggregation.place import Province, province
from benchmarks.harness import show
from benchmarks.province import add_options

PARTS: Mapping[str, Callable[[Province], None]] = {
    "sizes": sizes.sizes,
    "nights": measures.full_and_ordinary,
    "brief": measures.in_brief,
    "workers": measures.through_workers,
    "security": measures.row_security,
    "past": measures.past_doubled,
    "loops": peers.loops,
    "pandas": peers.pandas,
    "tenants": peers.tenants,
}
OWN = ("sizes", "nights", "workers", "security", "past", "loops")
"""Parts that need nothing but the project's own libraries."""


def main(argv: Sequence[str] | None = None) -> None:
    """One generated province, every ratio in one run, JSON lines."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aggregation", description=__doc__)
    add_options(parser)
    parser.add_argument("--data-dir", type=Path, help="keep servers and province here for the next run")
    parser.add_argument(
        "--parts", nargs="*", choices=[*PARTS, "all"], default=list(OWN),
        help="what to measure; pandas and tenants install pandas and Django into build/peers-venv",
    )  # fmt: skip
    options = parser.parse_args(argv)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    wanted = PARTS if "all" in options.parts else options.parts
    with province(options) as place:
        describe(place)
        state.reset(place)
        nights.full_night(place)
        state.add_past_nights(place)
        state.keep(place)
        for part in wanted:
            PARTS[part](place)


def describe(place: Province) -> None:
    """Prints what the province holds."""
    row = place.execute(
        "select count(*), pg_table_size('care_record'), pg_database_size(current_database()) from care_record"
    ).fetchone()
    assert row is not None
    records, table, database = row
    show(
        name="aggregation.province", size=str(place.size), records=records,
        care_record_megabytes=round(table / 1e6), database_megabytes=round(database / 1e6),
    )  # fmt: skip
