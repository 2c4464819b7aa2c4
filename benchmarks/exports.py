"""Exports through the job: a worker's memory, its pace against a bare writer, and pages meanwhile.

`python -m benchmarks.exports [--schools 400] [--months 24] [--summary-schools 200] [--seconds 20]`.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import xlsxwriter
from flask import Flask
from sqlalchemy import text

from benchmarks.dashboard import place, serving
from benchmarks.dashboard.command import cookie_of
from benchmarks.harness import ROUNDS, fresh_app, interleaved, show, show_ratio
from lxsaas.accounts.realms import Realm
from lxsaas.config import Settings
from lxsaas.core.clock import add_months, month_end
from lxsaas.core.scope import acting_for_district
from lxsaas.district.all_figures import ALL_FIGURES
from lxsaas.exports import actions, making, queries, tasks
from lxsaas.exports.asked import Asked
from lxsaas.exports.kinds import Kind
from lxsaas.extensions import session_for
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.schools.models import Township
from lxsaas.summaries.district_views import SUMMARY
from tests.factories import Factory, Person, Place
from tests.worker import celery

PACE = 0.05
"""Seconds between two requests for a page: what people do, not as many as the machine can answer."""
SHARES = (1, 2, 5, 10)
"""So many of a district's ten townships an officer sees: files of growing size from the same tables."""


SUMMARIES = 10
"""Summaries that one worker makes: what it holds must not grow with them."""


def main(argv: Sequence[str] | None = None) -> None:
    """Memory, pace and pages, one JSON line each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=__doc__)
    parser.add_argument("--schools", type=int, default=400)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--summary-schools", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=20, help="how long pages are asked for, each time")
    options = parser.parse_args(argv)
    with fresh_app() as app:
        factory = Factory(app)
        district = place.build(factory, options.schools, options.months)
        summed = place.build(factory, options.summary_schools, options.months)
        place.settle(app, 0)
        wish = months_asked(options.months)
        size = f"{options.schools} schools, {len(INDICATORS)} indicators, {options.months} months"
        memory(app, factory, district, summed, wish, size)
        pace(app, factory.officer(district), wish, size, options.rounds)
        pages(app, factory, district, wish, size, options.seconds)


def months_asked(months: int) -> Asked:
    first = add_months(place.AS_OF.replace(day=1), 1 - months)
    form = [("first", f"{first:%Y-%m}"), ("last", f"{place.AS_OF:%Y-%m}"), ("form", "xlsx")]
    return Asked.of([], form, {})


def realm_of(district: Place) -> Realm:
    return Realm("district", district.slug, district.slug, district.id, district.id, "Asia/Shanghai")


def ask(person: Person, kind: Kind, wish: Asked, form: str) -> int:
    """Asks for a file; the former ones are gone, so that a person never keeps too many."""
    realm = realm_of(person.place)
    with session_for(realm.scope) as session:
        for job in session.scalars(queries.own_jobs(realm, person.id)):
            if job.state == "done":
                actions.expire_export(session, job, by=person.id)
        job, _ = actions.request_export(
            session, realm, kind, wish, form=form, language="zh_Hans_CN", by=person.id
        )
        job_id: int = job.id
        session.commit()
    return job_id


def job_row(district: Place, job_id: int) -> Any:
    realm = realm_of(district)
    with session_for(realm.scope) as session:
        return session.scalars(queries.job(realm, job_id)).one()


@dataclass
class Worker:
    """A worker with one process that works."""

    pid: int

    def make(self, person: Person, kind: Kind, wish: Asked, form: str = "xlsx") -> tuple[Any, float, float]:
        """(job, seconds, the most memory in MB that the working process held meanwhile)."""
        job_id = ask(person, kind, wish, form)
        self._forget_peak()
        start = time.perf_counter()
        tasks.make.delay("district", person.place.id, job_id)
        while (job := job_row(person.place, job_id)).state in queries.WAITING:
            time.sleep(0.05)
        if job.state != "done":
            raise SystemExit(f"the export {job.state}: {job.error}")
        return job, time.perf_counter() - start, self._peak()

    def _family(self) -> list[int]:
        return [one.pid for one in psutil.Process(self.pid).children(recursive=True)]

    def _forget_peak(self) -> None:
        for pid in self._family():
            # The kernel starts anew to note the most that a process holds (proc(5), clear_refs).
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def _peak(self) -> float:
        lines = [Path(f"/proc/{pid}/status").read_text() for pid in self._family()]
        return max(float(one.partition("VmHWM:")[2].split()[0]) for one in lines) / 1000


@contextmanager
def one_worker(settings: Settings) -> Iterator[Worker]:
    with celery(settings, "worker", "--concurrency", "1") as process:
        while not psutil.Process(process.pid).children():
            time.sleep(0.1)
        yield Worker(process.pid)


def memory(app: Flask, factory: Factory, district: Place, summed: Place, wish: Asked, size: str) -> None:
    """The most memory that a worker held for files of growing size, after a first one; and for a summary."""
    with session_for(acting_for_district(district.id)) as session:
        townships = [one.id for one in session.query(Township).order_by(Township.id)]
    people = [factory.officer(district, township_ids=townships[:share]) for share in SHARES]
    whole = factory.officer(summed)
    year = Asked.of([("year", str(place.AS_OF.year - 1))], [], {})
    with one_worker(app.extensions["lxsaas.settings"]) as worker:
        worker.make(people[0], ALL_FIGURES, wish)
        held = {}
        for share, person in zip(SHARES, people, strict=True):
            job, seconds, peak = worker.make(person, ALL_FIGURES, wish)
            held[share] = peak
            show(
                name="export_memory", size=size, townships=f"{share} of {SHARES[-1]}", rows=job.rows_done,
                bytes=job.byte_count, seconds=round(seconds, 2), peak_megabytes=round(peak, 1),
            )  # fmt: skip
        show(
            name="export_memory_growth", size=size, ratio=round(held[SHARES[-1]] / held[SHARES[0]], 3),
            floor=f"the same worker's file of a {SHARES[-1]}th of the schools",
        )  # fmt: skip
        for form in ("csv", "xlsx"):
            job, seconds, peak = worker.make(people[-1], ALL_FIGURES, wish, form)
            show(
                name="export_memory_again", size=size, form=form, bytes=job.byte_count,
                seconds=round(seconds, 2), peak_megabytes=round(peak, 1),
            )  # fmt: skip
        peaks = []
        for _ in range(SUMMARIES):
            job, seconds, peak = worker.make(whole, SUMMARY, year, "docx")
            peaks.append(peak)
        show(
            name="export_summary", schools=job.rows_done, bytes=job.byte_count, seconds=round(seconds, 2),
            ratio=round(peaks[-1] / peaks[1], 3),
            floor="the worker's second summary; with the first it loads what documents need",
            peak_megabytes=[round(one, 1) for one in peaks],
        )  # fmt: skip


def pace(app: Flask, officer: Person, wish: Asked, size: str, rounds: int) -> None:
    """The whole job, claim to commit, against a bare writer of the same cells."""
    district, data_dir = officer.place, app.extensions["lxsaas.settings"].data_dir

    def work() -> None:
        if not making.make("district", district.id, ask(officer, ALL_FIGURES, wish, "xlsx"), data_dir):
            raise SystemExit("the export was not made")

    with tempfile.TemporaryDirectory() as folder:
        took = interleaved({"work": work, "floor": bare(district, wish, Path(folder))}, rounds)
    show_ratio(
        "export_pace", size, took["work"],
        "xlsxwriter in constant memory, the same cells from one plain SELECT", took["floor"], rounds,
    )  # fmt: skip


_CELLS = text("""
    select unit_id, date_trunc('month', starts_on), indicator, hidden, numerator, denominator
    from district_indicator
    where level = 'school' and starts_on >= :first and (indicator <> all (:daily) or starts_on = any (:days))
    order by 1, 2
""")


def bare(district: Place, wish: Asked, folder: Path) -> Callable[[], None]:
    """Writes a row a school and month, three cells an indicator, as rows come."""
    fields = {one[0]: one[1] for one in wish.form}
    first = date.fromisoformat(f"{fields['first']}-01")
    months = [add_months(first, number) for number in range(60)]
    days = [min(month_end(one), place.AS_OF) for one in months if one <= place.AS_OF]
    daily = [code for code, one in INDICATORS.items() if one.period == "day"]
    columns = {code: 3 + 3 * number for number, code in enumerate(INDICATORS)}

    def write() -> None:
        options = {"constant_memory": True, "tmpdir": str(folder)}
        workbook = xlsxwriter.Workbook(folder / "bare.xlsx", options)
        sheet, line, last = workbook.add_worksheet(), 0, None
        with session_for(acting_for_district(district.id)) as session:
            asked = {"first": first, "daily": daily, "days": days}
            streamed = session.execute(_CELLS, asked, execution_options={"yield_per": 1000})
            for unit, month, code, hidden, numerator, denominator in streamed:
                if (unit, month) != last:
                    last, line = (unit, month), line + 1
                    sheet.write_string(line, 0, f"{unit}小学")
                    sheet.write_string(line, 2, f"{month:%Y-%m}")
                column = columns[code]
                if hidden is not None:
                    sheet.write_string(line, column, "<3")
                    sheet.write_string(line, column + 1, "<3")
                elif numerator is not None:
                    sheet.write_number(line, column, numerator / denominator if denominator else numerator)
                    sheet.write_number(line, column + 1, numerator)
                if denominator is not None:
                    sheet.write_number(line, column + 2, denominator)
        workbook.close()

    return write


def pages(app: Flask, factory: Factory, district: Place, wish: Asked, size: str, seconds: float) -> None:
    """How long pages take while a worker makes one file after the other, against while it does nothing."""
    settings = app.extensions["lxsaas.settings"]
    reader, asker = factory.officer(district), factory.officer(district)
    with serving.served(settings, serving.OURS) as port, one_worker(settings) as worker:
        cookie = cookie_of(app, reader, port)
        for path in ("exports", "schools"):
            address = f"{district.path}{path}"
            asked_for(port, address, cookie, 2)
            idle = asked_for(port, address, cookie, seconds)
            with busy(app, lambda: worker.make(asker, ALL_FIGURES, wish)) as made:
                at_work = asked_for(port, address, cookie, seconds)
            show(
                name="export_pages", page=path, size=size, files_meanwhile=len(made), answers=len(at_work),
                ratio=round(at(at_work, 0.5) / at(idle, 0.5), 2), floor="the same page while no file is made",
                ratio_p99=round(at(at_work, 0.99) / at(idle, 0.99), 2),
                p50_seconds=round(at(at_work, 0.5), 4), p99_seconds=round(at(at_work, 0.99), 4),
                idle_p50_seconds=round(at(idle, 0.5), 4), idle_p99_seconds=round(at(idle, 0.99), 4),
            )  # fmt: skip


@contextmanager
def busy(app: Flask, make: Callable[[], object]) -> Iterator[list[object]]:
    """Makes one file after the other beside the body, at least one to its end."""
    made: list[object] = []
    has_ended = threading.Event()

    def work() -> None:
        with app.app_context():
            while not has_ended.is_set():
                made.append(make())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield made
    finally:
        has_ended.set()
        thread.join()


def asked_for(port: int, path: str, cookie: str, seconds: float) -> list[float]:
    """Seconds of each answer, one request every PACE."""
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        start = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        took.append(time.perf_counter() - start)
        connection.close()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        time.sleep(max(0.0, PACE - took[-1]))
    return took


def at(took: Sequence[float], share: float) -> float:
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]


if __name__ == "__main__":
    main()
