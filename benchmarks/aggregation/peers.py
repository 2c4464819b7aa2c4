"""What others would have built, on the same children and records, for the same five indicators."""

from functools import partial

from benchmarks.aggregation import nights, peers_apart, peers_orm, state
from benchmarks.aggregation.place import Province
from benchmarks.harness import Took, interleaved, show_ratio
from benchmarks.province import LAST
from lxsaas.core import provision
from lxsaas.core.scope import Login, aggregating
from lxsaas.extensions import plain_engine, session_for
from lxsaas.indicators import counting, engine, queries

FIVE = ("left_behind_share", "care_targets", "talk_monthly", "home_visit_monthly", "parent_call_monthly")
ROUNDS = 5
SLOW_ROUNDS = 1
Figures = dict[tuple[int, str], tuple[int, int | None]]
"""Numerator and denominator of schools and indicators."""

ALL_FIGURES = "our full night: all indicators, ledger, rollup"


def loops(place: Province) -> None:
    """(i) loops over schools and children with the ORM, on one district, ours on the same."""
    first = place.districts[0]
    schools = _schools_of(place, first)
    expected = _ours(place, schools)
    size = f"{len(schools)} schools of {place.size}"
    found: dict[str, Figures] = {}

    def by_child() -> None:
        found["by_child"] = peers_orm.query_a_child(place, schools)

    def by_kind() -> None:
        found["by_kind"] = peers_orm.query_a_child_and_kind(place, schools)

    base = _own_medians(place, [first])
    slow = interleaved({"by_child": by_child, "by_kind": by_kind}, SLOW_ROUNDS, server=place.server)
    for name, label in (("by_child", "orm_query_a_child"), ("by_kind", "orm_query_a_child_and_kind")):
        _check(label, found[name], expected)
        _against_ours(f"peers.{label}", size, slow[name], base, SLOW_ROUNDS)


def pandas(place: Province) -> None:
    """(ii) pandas over read_sql, the whole province at once."""
    schools = [school_id for one in place.districts for school_id in _schools_of(place, one)]
    expected = _ours(place, schools)
    base = _own_medians(place, place.districts)
    result = peers_apart.pandas_night(place, ROUNDS)
    _check("pandas", result.figures, expected)
    _against_ours(
        "peers.pandas", str(place.size), Took(result.seconds), base, ROUNDS, megabytes=round(result.megabytes)
    )


def tenants(place: Province) -> None:
    """(iii) django-tenants: one schema a school, at 50, 200 and 1,000 schools."""
    base = _own_medians(place, place.districts)
    ours = _own_migration(place)
    state.restore(place)
    for result in peers_apart.tenants_nights(place, ROUNDS):
        schools = list(range(1, result.schools + 1))
        _check("django_tenants", result.figures, _ours(place, schools))
        # Ours costs a school as much in a province of fifty as in one of a thousand.
        share = {name: Took(one.seconds * result.schools / place.size.schools) for name, one in base.items()}
        size = f"{result.schools} schemas with the schools' rows of {place.size}"
        _against_ours(
            "peers.django_tenants", size, Took(result.seconds), share, result.rounds, of="a school's share"
        )
        show_ratio(
            "peers.django_tenants_migrate_one_column", size, Took(result.migrate_seconds),
            "our migrations with one ALTER TABLE for all schools", ours, result.rounds,
        )  # fmt: skip


def _schools_of(place: Province, district_id: int) -> list[int]:
    with place.app.app_context():
        return engine.schools_of(district_id)


def _own_medians(place: Province, districts: list[int]) -> dict[str, Took]:
    """Our own night of these districts: whole, and only the five indicators without ledger and rollup."""
    newest = place.execute("select max(id) from indicator_run").fetchone()
    assert newest is not None
    run_id: int = newest[0]

    def whole() -> None:
        for district_id in districts:
            with place.app.app_context():
                engine.run_as_of(district_id, LAST, full=True)

    def only_five() -> None:
        for district_id in districts:
            with place.app.app_context():
                count_five(district_id, engine.schools_of(district_id), run_id)

    back = partial(state.restore, place)
    medians = interleaved(
        {"all": whole, "five": only_five, "scan": partial(nights.scan, place)}, ROUNDS,
        before={"all": back, "five": back},
        server=place.server,
    )  # fmt: skip
    back()
    return medians


def _own_migration(place: Province) -> Took:
    """A run of our migrations that adds one column."""
    url = place.settings.login_url(Login.OWNER)

    def add() -> None:
        with plain_engine(url).connect() as connection:
            provision.migrate(connection)
        place.execute("alter table pupil add column remark text")

    drop = partial(place.execute, "alter table pupil drop column if exists remark")
    took = interleaved({"add": add}, ROUNDS, before={"add": drop})
    drop()
    return took["add"]


def count_five(district_id: int, schools: list[int], run_id: int) -> None:
    """The five indicators of a day and its month, written to the same table, in batches as at night."""
    for start in range(0, len(schools), engine.BATCH):
        batch = schools[start : start + engine.BATCH]
        with session_for(aggregating(district_id, batch)) as session:
            calendar = queries.calendar_of(session, district_id, [LAST])
            counting.count(session, calendar, FIVE, [(one, LAST) for one in batch], run_id)
            session.commit()


def _against_ours(
    name: str, size: str, took: Took, base: dict[str, Took], rounds: int, of: str = "", **more: object
) -> None:
    share = f" ({of})" if of else ""
    show_ratio(name, size, took, f"{ALL_FIGURES}{share}", base["all"], rounds, **more)
    show_ratio(name, size, took, f"ours, the same five indicators only{share}", base["five"], rounds)
    show_ratio(name, size, took, f"the scan of care_record{share}", base["scan"], rounds)


def _ours(place: Province, schools: list[int]) -> Figures:
    """What our night counted for these schools."""
    rows = place.execute(
        "select school_id, indicator, numerator, denominator from school_indicator"
        " where school_id = any (%s) and indicator = any (%s) and as_of = %s",
        (schools, list(FIVE), LAST),
    )
    return {(school_id, code): (above, below) for school_id, code, above, below in rows}


def _check(name: str, found: Figures, expected: Figures) -> None:
    """A peer that counts something else is not a peer. Raises ValueError."""
    if found != expected:
        wrong = {key for key in expected.keys() | found.keys() if found.get(key) != expected.get(key)}
        one = min(wrong)
        raise ValueError(f"{name}: {len(wrong)} figures differ, {one}: {found.get(one)}, {expected.get(one)}")
