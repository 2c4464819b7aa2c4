"""Peers that need libraries of their own: installed into build/peers-venv, run as processes."""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.aggregation.by_hand import plain
from benchmarks.aggregation.place import Province, copied
from benchmarks.province import LAST
from lxsaas.core.clock import month_start

ROOT = Path(__file__).parents[2]
VENV = ROOT / "build" / "peers-venv"
SIZES = (50, 200, 1000)
Figures = dict[tuple[int, str], tuple[int, int | None]]


@dataclass(frozen=True)
class Result:
    """What a peer took and counted."""

    schools: int
    rounds: int
    seconds: float
    figures: Figures
    megabytes: float = 0.0
    migrate_seconds: float = 0.0


def pandas_night(place: Province, rounds: int) -> Result:
    """The median night of the whole province with pandas, and the most memory that it held."""
    found = _run(place, "benchmarks.peers.pandas_night", rounds)
    return Result(
        place.size.schools, rounds, statistics.median(found["seconds"]), _figures(found), found["megabytes"]
    )


def tenants_nights(place: Province, rounds: int) -> list[Result]:
    """Nights and migrations with one schema a school, for each size; in a copy of the database."""
    sizes = sorted({min(size, place.size.schools) for size in SIZES})
    with copied(place, "tenants") as elsewhere:
        results = _run(elsewhere, "benchmarks.peers.tenants_night", rounds, *sizes)
    return [
        Result(
            one["schools"], len(one["seconds"]), statistics.median(one["seconds"]), _figures(one),
            migrate_seconds=statistics.median(one["migrate_seconds"]),
        )
        for one in results
    ]  # fmt: skip


def _run(place: Province, module: str, *numbers: int) -> Any:
    """The JSON that a peer prints; it works as the administrator, without row security."""
    python = _installed()
    done = subprocess.run(
        [python, "-m", module, str(month_start(LAST)), str(LAST), *map(str, numbers)],
        env=os.environ | {"DATABASE_URL": _url(place, module)}, cwd=ROOT, check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    return json.loads(done.stdout)


def _url(place: Province, module: str) -> str:
    url = place.settings.admin_url
    if "pandas" in module:
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    return plain(url)


def _figures(found: Any) -> Figures:
    return {(school_id, code): (above, below) for school_id, code, above, below in found["figures"]}


def _installed() -> Path:
    """The Python of the peers' environment, made at first use from the pinned list beside the benchmarks."""
    python = VENV / "bin" / "python"
    wanted = (ROOT / "benchmarks" / "peers-requirements.txt").read_text()
    note = VENV / "installed.txt"
    if not note.exists() or note.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "-r",
             str(ROOT / "benchmarks" / "peers-requirements.txt")],
            check=True, stdout=sys.stderr,
        )  # fmt: skip
        note.write_text(wanted)
    return python
