"""The five indicators with pandas: read what is needed of every school, join in memory, write back."""

import gc
import json
import os
import resource
import sys
import time
from typing import Any

import pandas as pd
from sqlalchemy import create_engine, text

PUPILS = (
    "select school_id, id as pupil_id from pupil"
    " where enrolled_on <= :day and (left_on is null or left_on > :day)"
)
SPELLS = (
    "select pupil_id, definition from left_behind_spell"
    " where definition in ('register', 'state_council_2016_3m')"
    " and starts_on <= :day and (ends_on is null or ends_on > :day)"
)
RECORDS = (
    "select pupil_id, kind from care_record"
    " where occurred_on between :first and :day and withdrawn_at is null and kind in (1, 2, 3)"
)
KINDS = {1: "talk_monthly", 2: "home_visit_monthly", 3: "parent_call_monthly"}


def night(engine: Any, first: str, day: str) -> pd.DataFrame:
    """School, indicator, numerator, denominator."""
    with engine.connect() as connection:
        connection.execute(text("set max_parallel_workers_per_gather = 0"))
        values = {"day": day, "first": first}
        pupils = pd.read_sql(text(PUPILS), connection, params=values)
        spells = pd.read_sql(text(SPELLS), connection, params=values)
        records = pd.read_sql(text(RECORDS), connection, params=values)
    pupils["left_behind"] = pupils.pupil_id.isin(spells.pupil_id[spells.definition == "register"])
    pupils["target"] = pupils.pupil_id.isin(spells.pupil_id[spells.definition != "register"])
    for kind, code in KINDS.items():
        pupils[code] = pupils.target & pupils.pupil_id.isin(records.pupil_id[records.kind == kind])
    by_school = pupils.groupby("school_id")
    counts = by_school[["left_behind", "target", *KINDS.values()]].sum()
    parts = [
        pd.DataFrame(
            {
                "indicator": "left_behind_share",
                "numerator": counts.left_behind,
                "denominator": by_school.size(),
            }
        ),
        pd.DataFrame({"indicator": "care_targets", "numerator": counts.target, "denominator": None}),
        *(
            pd.DataFrame({"indicator": code, "numerator": counts[code], "denominator": counts.target})
            for code in KINDS.values()
        ),
    ]
    figures = pd.concat(parts).reset_index()
    figures.to_sql("peer_figure", engine, if_exists="replace", index=False, method="multi", chunksize=1000)
    return figures


def main(first: str, day: str, rounds: int) -> None:
    """Prints seconds of each round but the first, the most memory held, and the figures."""
    engine = create_engine(os.environ["DATABASE_URL"])
    took = []
    for _ in range(rounds + 1):
        gc.collect()
        start = time.perf_counter()
        figures = night(engine, first, day)
        took.append(time.perf_counter() - start)
    with engine.begin() as connection:
        connection.execute(text("drop table peer_figure"))
    rows = [
        (
            int(row.school_id),
            row.indicator,
            int(row.numerator),
            None if pd.isna(row.denominator) else int(row.denominator),
        )
        for row in figures.itertuples()
    ]
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    json.dump({"seconds": took[1:], "megabytes": megabytes, "figures": rows}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
