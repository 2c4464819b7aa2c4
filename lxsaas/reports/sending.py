"""Sends what is due: claim, commit, send, commit the outcome; safe to run twice, or in many places."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from math import inf
from time import monotonic, sleep
from uuid import UUID

import structlog
from flask import Flask, current_app
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.core.mail import Mailer
from lxsaas.core.scope import aggregating, watching
from lxsaas.extensions import session_for
from lxsaas.reports import actions, channel_actions, queries
from lxsaas.reports.actions import Claimed
from lxsaas.reports.faults import Faults
from lxsaas.reports.line import Line, Turn
from lxsaas.reports.preparing import Desk

HEARTBEAT = 10.0
"""Seconds between two renewals of a turn."""

log = structlog.get_logger()


def send_due(now: datetime, *, seconds: float = inf, turn: UUID | None = None) -> Counter[str]:
    """Sends every message that is due at `now`; how many went which way, 'paused' if nothing may go.

    Begins no attempt after `seconds`; what is left then is sent by the next call. `turn` is kept meanwhile.
    """
    with session_for(watching()) as session:
        districts = list(session.scalars(queries.districts_with_work(now, actions.ABANDONED)))
        is_paused = bool(session.scalar(queries.is_paused()))
    for district_id in districts:
        with session_for(aggregating(district_id, ())) as session:
            actions.give_up(session, district_id, now)
            session.commit()
    if is_paused or not districts:
        return Counter(paused=int(is_paused))
    fates = _on_lines(districts, now, monotonic() + seconds, turn)
    if fates:
        log.info("mail", **fates)
    return fates


def _on_lines(districts: Sequence[int], now: datetime, stop_at: float, turn: UUID | None) -> Counter[str]:
    """Sends on several lines: one message that is slow holds up one of them."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    settings: Settings = app.extensions["lxsaas.settings"]
    faults = Faults()
    with ThreadPoolExecutor(settings.mail_lines, thread_name_prefix="mail") as lines:
        # Each begins elsewhere, so that a large district's mail does not go before all others'.
        starts = [len(districts) * number // settings.mail_lines for number in range(settings.mail_lines)]
        working = {
            lines.submit(_work, app, [*districts[start:], *districts[:start]], now, stop_at, faults)
            for start in starts
        }
        while wait(working, timeout=HEARTBEAT).not_done:
            if turn is not None:
                _renew(turn)
    fates = sum((one.result() for one in working), Counter[str]())
    if fates["paused"]:  # Each line says it.
        fates["paused"] = 1
    return fates


def _work(
    app: Flask, districts: Sequence[int], now: datetime, stop_at: float, faults: Faults
) -> Counter[str]:
    """One line: the mail of one district after the other."""
    settings: Settings = app.extensions["lxsaas.settings"]
    fates: Counter[str] = Counter()
    with app.app_context(), Mailer(settings.smtp_url) as mailer:
        for district_id in districts:
            if fates["paused"] or faults.is_server_down or monotonic() >= stop_at:
                break
            try:
                fates += send_district(mailer, district_id, now, stop_at=stop_at, faults=faults)
            except Exception as error:  # What was in hand is put up again; the others' mail goes.
                log.error("mail_not_sent", kind=type(error).__name__, district_id=district_id)
                mailer.close(politely=False)
    return fates


def send_district(
    mailer: Mailer, district_id: int, now: datetime, *, stop_at: float = inf, faults: Faults | None = None
) -> Counter[str]:
    """Works off a district's due messages; begins none once the monotonic clock shows `stop_at`."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    turn = Turn(now, stop_at, faults or Faults())
    fates: Counter[str] = Counter()
    desk = Desk(settings, now)
    with session_for(aggregating(district_id, ())) as session:
        line = Line(session, mailer, turn)
        while turn.goes_on():
            if session.scalar(queries.is_paused()):
                fates["paused"] += 1
                break
            batch, later = _claim(session, settings, district_id, now)
            if batch:
                fates += line.send(batch, desk)
            elif later and turn.has(later):
                sleep(later)
            else:
                break
    return fates


def _claim(
    session: Session, settings: Settings, district_id: int, now: datetime
) -> tuple[Sequence[Claimed], float]:
    """As many messages as one line takes and the channel's pace allows; if none, seconds until it does."""
    count, later, rate = settings.mail_batch, timedelta(), settings.mail_rate
    if rate:
        free, later = channel_actions.free_slots(session, rate)
        count = min(count, free)
    batch = actions.claim_due(session, district_id, now, count) if count else []
    if rate and batch:
        channel_actions.use_slots(session, len(batch), rate)
    session.commit()
    return batch, 0.0 if count else later.total_seconds()


def _renew(turn: UUID) -> None:
    try:
        with session_for(watching()) as session:
            channel_actions.take_turn(session, turn)
            session.commit()
    except Exception as error:  # Another may take the turn then, and takes other messages.
        log.error("turn_not_renewed", kind=type(error).__name__)
