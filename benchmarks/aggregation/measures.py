"""What is measured of our own night; each prints ratios to a floor measured in the same run."""

from collections.abc import Callable
from functools import partial

from benchmarks.aggregation import nights, state
from benchmarks.aggregation.by_hand import sender, written_down
from benchmarks.aggregation.place import Province, copied
from benchmarks.aggregation.workers import workers
from benchmarks.bulk import administrator, without_indexes
from benchmarks.harness import interleaved, show, show_ratio
from benchmarks.province import LAST

ROUNDS = 5
BRIEF_ROUNDS = 3
"""For a province so large that making it ready takes longer than the night."""
SCAN = "one sequential scan: select count(*) from care_record, no parallel workers"
MEMORY_NIGHTS = 12

_TWO_YEARS_BEFORE = """
    insert into care_record (school_id, pupil_id, recorded_by, kind, occurred_on, recorded_at, withdrawn_at)
    select school_id, pupil_id, recorded_by, kind, occurred_on - 728, recorded_at, withdrawn_at
    from care_record where occurred_on < (select max(starts_on) from term where starts_on <= %s)
    order by occurred_on
"""
"""Every record from before the running term a second time."""


def full_and_ordinary(place: Province) -> None:
    """(a) a night that computes everything, (b) ordinary nights, as ratios to the scan: by two worker
    processes, and in one process.
    """
    by_two_workers(place)
    compare_nights(place, "one process", partial(nights.full_night, place), partial(nights.next_night, place))


def by_two_workers(place: Province, rounds: int = ROUNDS) -> None:
    """(a) and (b) by two worker processes alone."""
    with workers(place, 2) as two:
        following = partial(two.night, nights.NEXT, full=False)
        compare_nights(place, "two workers", two.night, following, rounds)


def in_brief(place: Province) -> None:
    """(a) and (b) by two worker processes, in fewer rounds."""
    by_two_workers(place, BRIEF_ROUNDS)


def compare_nights(
    place: Province,
    by: str,
    full: Callable[[], None],
    following: Callable[[], None],
    rounds: int = ROUNDS,
) -> None:
    """Prints the ratios of the nights to the scan, and what a closed month adds."""

    def changed(*changes: Callable[[Province], None]) -> None:
        state.restore(place)
        for change in changes:
            change(place)

    medians = interleaved(
        {
            "scan": partial(nights.scan, place),
            "full_night": full,
            "unchanged_night": following,
            "ordinary_night": following,
            "ordinary_night_with_closed_month": following,
        },
        rounds,
        before={
            "full_night": partial(state.restore, place),
            "unchanged_night": changed,
            "ordinary_night": partial(changed, nights.change_a_fifth),
            "ordinary_night_with_closed_month": partial(
                changed, nights.change_a_fifth, nights.change_a_closed_month
            ),
        },
        server=place.server,
    )
    scan = medians.pop("scan")
    for name, took in medians.items():
        show_ratio(f"aggregation.{name}", str(place.size), took, SCAN, scan, rounds, by=by)
    show_ratio(
        "aggregation.closed_month", str(place.size), medians["ordinary_night_with_closed_month"],
        "the same ordinary night without it", medians["ordinary_night"], rounds, by=by,
    )  # fmt: skip
    state.restore(place)


def through_workers(place: Province) -> None:
    """(c) the full night through Celery against the same statements by hand; (f) what memory it holds."""
    back = partial(state.restore, place)
    back()
    script = written_down(place, nights.full_night)
    with workers(place, 1) as one, sender(place, script) as (by, by_hand):
        medians = interleaved(
            {"celery": one.night, "by_hand": by_hand},
            ROUNDS,
            before={"celery": back, "by_hand": back},
            server=place.server,
        )
        held = [one.megabytes()]
        for _ in range(MEMORY_NIGHTS):
            back()
            one.night()
            held.append(one.megabytes())
    back()
    with workers(place, 2) as two:
        pair = interleaved({"celery": two.night}, ROUNDS, before={"celery": back}, server=place.server)
    back()
    floor = f"the same {len(script)} statements sent from {by} over one connection"
    for name, took in (("one_process", medians["celery"]), ("two_processes", pair["celery"])):
        show_ratio(f"aggregation.celery_{name}", str(place.size), took, floor, medians["by_hand"], ROUNDS)
    show(
        name="aggregation.worker_memory", size=str(place.size), ratio=round(held[-1] / held[0], 3),
        floor=f"the same worker {MEMORY_NIGHTS} full nights earlier, after {ROUNDS + 1}",
        megabytes=[round(one, 1) for one in held],
    )  # fmt: skip


def row_security(place: Province) -> None:
    """(d) the full night with row security and without."""
    guarded = [row[0] for row in place.execute("select oid::regclass from pg_class where relrowsecurity")]

    def switch(*words: str) -> None:
        state.restore(place)
        for table in guarded:
            for word in words:
                place.execute(f"alter table {table} {word} row level security")

    night = partial(nights.full_night, place)
    on, off = partial(switch, "enable", "force"), partial(switch, "disable", "no force")
    medians = interleaved(
        {"off": night, "on": night}, ROUNDS + 2, before={"off": off, "on": on}, server=place.server
    )
    on()
    show_ratio(
        "aggregation.row_security", str(place.size), medians["on"],
        "the same night with row security disabled on every table", medians["off"], ROUNDS + 2,
    )  # fmt: skip


def past_doubled(place: Province) -> None:
    """(e) the full night beside that of a copy in which the records of past terms are twice as many."""
    with copied(place, "past") as older:
        with administrator(older.settings) as connection, without_indexes(connection, "care_record"):
            more = connection.execute(_TWO_YEARS_BEFORE, (LAST,)).rowcount
        older.execute("vacuum (analyze) care_record")
        older.execute("update kept.last set record = (select max(id) from care_record)")
        medians = interleaved(
            {"as_is": partial(nights.full_night, place), "doubled": partial(nights.full_night, older)},
            ROUNDS + 2,
            before={"as_is": partial(state.restore, place), "doubled": partial(state.restore, older)},
            server=place.server,
        )
        show_ratio(
            "aggregation.past_doubled", str(place.size), medians["doubled"],
            "the same night without these records", medians["as_is"], ROUNDS + 2, records_added=more,
        )  # fmt: skip
    state.restore(place)
