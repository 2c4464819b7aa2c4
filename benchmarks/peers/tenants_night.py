"""The five indicators with django-tenants: one schema a school, the ORM's set-based queries in each."""

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.peers.settings"
django.setup()

from django.core.management import call_command  # noqa: E402 - Django's models need its settings
from django.db import connection  # noqa: E402
from django.db.models import Exists, OuterRef, Q, QuerySet  # noqa: E402
from django_tenants.utils import tenant_context  # noqa: E402

from benchmarks.peers.directory.models import School  # noqa: E402
from benchmarks.peers.one_schema.models import CareRecord, Figure, LeftBehindSpell, Pupil  # noqa: E402
from benchmarks.peers.tenants_rows import fill, make_first  # noqa: E402

KINDS = {1: "talk_monthly", 2: "home_visit_monthly", 3: "parent_call_monthly"}


def night(first: date, day: date) -> None:
    """Each school in turn, as django-tenants' loops over tenants go."""
    for school in School.objects.order_by("id"):
        with tenant_context(school):
            for indicator, (above, below) in figures(first, day).items():
                Figure.objects.update_or_create(
                    indicator=indicator, starts_on=day, defaults={"numerator": above, "denominator": below}
                )


def figures(first: date, day: date) -> dict[str, tuple[int, int | None]]:
    """Numerator and denominator of each indicator of the school in whose schema this runs."""
    enrolled = Pupil.objects.filter(Q(left_on=None) | Q(left_on__gt=day), enrolled_on__lte=day)
    targets = enrolled.filter(under("state_council_2016_3m", day))
    count = targets.count()
    found: dict[str, tuple[int, int | None]] = {
        "left_behind_share": (enrolled.filter(under("register", day)).count(), enrolled.count()),
        "care_targets": (count, None),
    }
    records = CareRecord.objects.filter(
        pupil=OuterRef("pk"), occurred_on__range=(first, day), withdrawn_at=None
    )
    for kind, code in KINDS.items():
        found[code] = targets.filter(Exists(records.filter(kind=kind))).count(), count
    return found


def under(definition: str, day: date) -> Exists:
    """Whether a child has an open spell under a definition."""
    spells: QuerySet = LeftBehindSpell.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=day), pupil=OuterRef("pk"), definition=definition, starts_on__lte=day
    )
    return Exists(spells)


def migrate_to(name: str) -> None:
    call_command("migrate_schemas", "one_schema", name, "--tenant", verbosity=0)


def measured(rounds: int, job: Callable[[], None], before: Callable[[], None] = lambda: None) -> list[float]:
    took = []
    for _ in range(rounds):
        before()
        gc.collect()
        start = time.perf_counter()
        job()
        took.append(time.perf_counter() - start)
    return took


def main(first: date, day: date, rounds: int, sizes: list[int]) -> None:
    """Prints, for each size, the seconds of nights and migrations, and the figures."""
    call_command("migrate_schemas", "--shared", verbosity=0)
    make_first()
    migrate_to("0001")
    results = []
    for size in sizes:
        fill(size)
        with connection.cursor() as cursor:
            cursor.execute("set max_parallel_workers_per_gather = 0")
        night(first, day)
        often = rounds if size <= 200 else 1
        took = measured(max(often, 3), lambda: night(first, day))
        migrated = measured(often, lambda: migrate_to("0002"), lambda: migrate_to("0001"))
        migrate_to("0001")
        results.append(
            {"schools": size, "seconds": took, "migrate_seconds": migrated, "figures": all_figures()}
        )
    json.dump(results, sys.stdout)


def all_figures() -> list[tuple[int, str, int, int | None]]:
    rows = []
    for school in School.objects.order_by("id"):
        with tenant_context(school):
            rows += [
                (school.id, one.indicator, one.numerator, one.denominator) for one in Figure.objects.all()
            ]
    return rows


if __name__ == "__main__":
    main(
        date.fromisoformat(sys.argv[1]),
        date.fromisoformat(sys.argv[2]),
        int(sys.argv[3]),
        [int(one) for one in sys.argv[4:]],
    )
