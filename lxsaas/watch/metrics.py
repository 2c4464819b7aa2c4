"""What Prometheus scrapes: read from the database at that instant, so that all web processes agree."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from lxsaas.watch import throttle
from lxsaas.watch.nights import DistrictState, Watched, state_of_all


class Nights(Collector):
    """The nights of all districts as gauges, each labelled with the district's slug."""

    def __init__(self, now: datetime, deadline: time) -> None:
        self._now, self._deadline = now, deadline

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family for each thing that is watched."""
        watched = state_of_all(self._now, self._deadline)
        yield from _nights(watched.districts, self._now)
        yield from _mail(watched)
        refused = GaugeMetricFamily(
            "lxsaas_operator_refusals", "Wrong operator's tokens in this quarter of an hour."
        )
        refused.add_metric([], throttle.wrong_tokens())
        yield refused


def _nights(districts: Sequence[DistrictState], now: datetime) -> Iterator[GaugeMetricFamily]:
    yield _gauge(
        "lxsaas_night_complete", "Whether the last night due is published with every school.",
        [(one, float(one.night.is_complete)) for one in districts],
    )  # fmt: skip
    yield _gauge(
        "lxsaas_night_lag_seconds", "From the night's hour to its completion, or until now.",
        [(one, one.night.lag(now)) for one in districts],
    )  # fmt: skip
    yield _gauge(
        "lxsaas_night_duration_seconds", "What the run took that made the newest complete night.",
        [(one, one.last_complete.judged_by.seconds) for one in districts
         if one.last_complete and one.last_complete.judged_by],
    )  # fmt: skip
    yield _gauge(
        "lxsaas_night_complete_age_seconds", "Since the end of the newest day that is complete.",
        [(one, one.age(now)) for one in districts],
    )  # fmt: skip
    yield _gauge(
        "lxsaas_night_late", "Whether the last night due is late, or the alarm of another one stands.",
        [(one, float(one.is_late(now))) for one in districts],
    )  # fmt: skip
    yield _gauge(
        "lxsaas_night_alarms", "Nights that were not complete by the set hour and are not yet.",
        [(one, len(one.alarms)) for one in districts],
    )  # fmt: skip
    yield _by_state(
        "lxsaas_night_units", "Schools of the last night due, by state.",
        [(one, one.night.judged_by.units if one.night.judged_by else {}) for one in districts],
    )  # fmt: skip


def _mail(watched: Watched) -> Iterator[GaugeMetricFamily]:
    yield _by_state(
        "lxsaas_outbox_messages", "Report mails, by state.", [(one, one.outbox) for one in watched.districts]
    )
    yield _by_state(
        "lxsaas_alarm_mails", "Mails of alarms that stand, by state.",
        [(one, one.alarm_mails()) for one in watched.districts],
    )  # fmt: skip
    yield _gauge(
        "lxsaas_mails_sent_5m", "Report mails that the server accepted in the last five minutes.",
        [(one, float(watched.sent_lately.get(one.id, 0))) for one in watched.districts],
    )  # fmt: skip
    yield _gauge(
        "lxsaas_subscriptions_bounced", "Subscriptions that were paused because their mail came back.",
        [(one, float(watched.silenced.get(one.id, 0))) for one in watched.districts],
    )  # fmt: skip
    paused = GaugeMetricFamily("lxsaas_mail_paused", "Whether mail is paused, by hand or by a refused login.")
    paused.add_metric([], float(watched.is_mail_paused))
    yield paused


def _gauge(name: str, text: str, values: list[tuple[DistrictState, float | None]]) -> GaugeMetricFamily:
    """A value for each district that has one."""
    family = GaugeMetricFamily(name, text, labels=["district"])
    for district, value in values:
        if value is not None:
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
