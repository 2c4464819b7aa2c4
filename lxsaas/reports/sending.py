"""Sends what is due: claim, commit, send, commit the outcome; safe to run twice, or in many places."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime
from math import inf
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID, uuid4

import structlog
from flask import Flask, current_app
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.core.mail import Mailer
from lxsaas.core.scope import aggregating, watching
from lxsaas.extensions import session_for
from lxsaas.reports import actions, channel_actions, queries
from lxsaas.reports.faults import Faults
from lxsaas.reports.journal import Journal, left_behind, this_boot
from lxsaas.reports.line import Line, Turn
from lxsaas.reports.preparing import Desk, prepare

HEARTBEAT = 10.0
"""Seconds between two renewals of a turn."""

log = structlog.get_logger()


def send_due(now: datetime, *, seconds: float = inf, turn: UUID | None = None) -> Counter[str]:
    """Sends every message that is due at `now`; how many went which way, 'paused' if nothing may go.

    Begins no attempt after `seconds`; what is left then is sent by the next call. `turn` is kept meanwhile.
    """
    settings: Settings = current_app.extensions["lxsaas.settings"]
    take_over(settings)
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
        while turn.goes_on():
            if session.scalar(queries.is_paused()):
                fates["paused"] += 1
                break
            count, later = _free(session, settings)
            if count:
                sent = _send_batch(session, mailer, turn, desk, district_id, count)
                if sent is None:
                    break
                fates += sent
            else:
                session.commit()
                if not turn.has(later):
                    break
                sleep(later)
    return fates


def _free(session: Session, settings: Settings) -> tuple[int, float]:
    """How many messages the channel's pace allows one line now; if none, seconds until it does."""
    count = settings.mail_batch
    if not settings.mail_rate:
        return count, 0.0
    free, later = channel_actions.free_slots(session, settings.mail_rate)
    return min(count, free), later.total_seconds()


def _send_batch(
    session: Session, mailer: Mailer, turn: Turn, desk: Desk, district_id: int, count: int
) -> Counter[str] | None:
    """Claims so many messages, writes their letters, sends them; None where nothing is due."""
    claim = uuid4()
    journal = _journal(desk.settings, district_id, claim)
    try:
        # Without a journal only what the database alone remembers exactly.
        batch = actions.claim_due(session, district_id, turn.now, count if journal else 1, claim)
        if batch and desk.settings.mail_rate:
            channel_actions.use_slots(session, len(batch), desk.settings.mail_rate)
        session.commit()
        fates = _send(session, mailer, turn, desk, batch, journal) if batch else None
    except BaseException:
        # It may know of messages what the database does not: whoever sends next reads it.
        if journal is not None:
            journal.leave()
        raise
    if journal is not None:
        journal.end()
    return fates


def _send(
    session: Session,
    mailer: Mailer,
    turn: Turn,
    desk: Desk,
    batch: Sequence[actions.Claimed],
    journal: Journal | None,
) -> Counter[str]:
    """Writes the letters of a batch and sends them."""
    schools = {one.unit_id for one in batch if one.unit_id is not None}
    # A session of its own, for these schools only; nothing stays open while a slow server thinks.
    with session_for(aggregating(batch[0].district_id, schools)) as reading:
        drafts = prepare(reading, desk, batch)
    return Line(session, mailer, turn, journal).send(batch, drafts)


def _journal(settings: Settings, district_id: int, claim: UUID) -> Journal | None:
    """A journal for a batch; None where this machine keeps none."""
    boot = this_boot()
    if boot is None:
        return None
    try:
        return Journal.begin(journals(settings), district_id, claim, boot)
    except OSError as error:
        log.error("no_mail_journal", kind=type(error).__name__)
        return None


def take_over(settings: Settings) -> None:
    """Settles what killed senders of this machine left: at most one message of each may have arrived."""
    boot = this_boot()
    if boot is None:
        return
    for left in left_behind(journals(settings), boot):
        with session_for(aggregating(left.district_id, ())) as session:
            in_doubt = actions.take_over(session, left)
            session.commit()
        log.warning("sender_killed", district_id=left.district_id, in_doubt=in_doubt)


def journals(settings: Settings) -> Path:
    """Where the lines of this machine keep their journals; those of another installation tell us nothing."""
    return settings.data_dir / "mail-journals" / settings.queue


def _renew(turn: UUID) -> None:
    try:
        with session_for(watching()) as session:
            channel_actions.take_turn(session, turn)
            session.commit()
    except Exception as error:  # Another may take the turn then, and takes other messages.
        log.error("turn_not_renewed", kind=type(error).__name__)
