"""What Prometheus scrapes: read from the database at that instant, so that all web processes agree."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from lxsaas.watch.nights import DistrictState, state_of_all


class Nights(Collector):
    """The nights of all districts as gauges, each labelled with the district's slug."""

    def __init__(self, now: datetime, deadline: time) -> None:
        self._now, self._deadline = now, deadline

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family for each thing that is watched."""
        districts = state_of_all(self._now, self._deadline)
        yield _gauge(
            "lxsaas_night_complete", "Whether the last night due is published with every school.",
            [(one, float(one.is_complete)) for one in districts],
        )  # fmt: skip
        yield _gauge(
            "lxsaas_night_lag_seconds", "From the night's hour to its completion, or until now.",
            [(one, one.lag(self._now)) for one in districts],
        )  # fmt: skip
        yield _gauge(
            "lxsaas_night_duration_seconds", "What the last complete night took.",
            [(one, one.night.seconds) for one in districts if one.night and one.night.seconds is not None],
        )  # fmt: skip
        yield _gauge(
            "lxsaas_night_late", "Whether the last night due was not complete by the set hour.",
            [(one, float(one.is_late(self._now))) for one in districts],
        )  # fmt: skip
        yield _by_state(
            "lxsaas_night_units", "Schools of the last night due, by state.",
            [(one, one.night.units if one.night else {}) for one in districts],
        )  # fmt: skip
        yield _by_state(
            "lxsaas_outbox_messages", "Report mails, by state.", [(one, one.outbox) for one in districts]
        )


def _gauge(name: str, text: str, values: list[tuple[DistrictState, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=["district"])
    for district, value in values:
        family.add_metric([district.slug], value)
    return family


def _by_state(
    name: str, text: str, values: list[tuple[DistrictState, Mapping[str, int]]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=["district", "state"])
    for district, counts in values:
        for state, count in counts.items():
            family.add_metric([district.slug, state], count)
    return family


def scraped(now: datetime, deadline: time) -> bytes:
    """The page in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(Nights(now, deadline))
    return generate_latest(registry)
