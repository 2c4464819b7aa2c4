"""Report emails through the product's own path, against a bare smtplib loop with messages of that size."""

import argparse
import smtplib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import func, insert, select, update

from benchmarks.bulk import administrator
from benchmarks.harness import Took, fresh_app, interleaved, show_ratio
from lxsaas.accounts.models import DistrictStaff
from lxsaas.config import Settings
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.reports import actions, preparing, sending
from lxsaas.reports.models import OutboxMessage
from tests.factories import Factory, Place

NIGHT = date(2026, 5, 31)
MORNING = datetime.combine(NIGHT + timedelta(days=1), time(7), ZoneInfo("Asia/Shanghai"))
DISTRICTS, SCHOOLS, PUPILS = 10, 10, 6


def main(argv: Sequence[str] | None = None) -> None:
    """Sends the outbox to a server in a process of its own, and as many messages by hand to the same."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mail", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args(argv)
    with fresh_app() as app, sink() as port:
        settings: Settings = app.extensions["lxsaas.settings"]
        settings.smtp_url = f"smtp://127.0.0.1:{port}"
        districts = build(app, options.messages)
        example = one_message(settings, districts[0])
        medians = interleaved(
            {
                "work": lambda: send_all(options.messages),
                "floor": lambda: by_hand(port, example, options.messages),
            },
            options.rounds,
            {"work": lambda: put_up_again(settings, districts)},
        )  # fmt: skip
        report(options.messages, len(example), medians["work"], medians["floor"], options.rounds)


def report(messages: int, size: int, work: Took, floor: Took, rounds: int) -> None:
    """One JSON line; `rate` is what the issue asks for, at least 0.5."""
    show_ratio(
        "mail", f"{messages} messages of {size} bytes", work,
        "a bare smtplib loop on one line that sends as many messages of that size to the same server",
        floor, rounds, rate=round(floor.seconds / work.seconds, 3),
        messages_a_second=round(messages / work.seconds), floor_a_second=round(messages / floor.seconds),
    )  # fmt: skip


@contextmanager
def sink() -> Iterator[int]:
    """The server; its port."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.mail_sink"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def send_all(messages: int) -> None:
    """What the clock does: claims, letters, hand-over, fates."""
    fates = sending.send_due(MORNING)
    if fates != {"sent": messages}:
        raise SystemExit(f"not all were sent: {fates}")


def by_hand(port: int, message: bytes, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(count):
            server.sendmail("lxsaas@example.org", f"officer{number}@example.org", message)


def build(app: Flask, messages: int) -> list[Place]:
    """Districts with a night's figures and as many officers together as messages, in two languages."""
    factory = Factory(app)
    districts = [factory.district() for _ in range(DISTRICTS)]
    for number, district in enumerate(districts):
        township = factory.township(district)
        for _ in range(SCHOOLS):
            school = factory.school(district, township)
            class_id = factory.school_class(school, factory.staff(school))
            for _ in range(PUPILS):
                factory.left_behind(school, factory.pupil(school, class_id))
        people = range(number, messages, DISTRICTS)
        with factory.session(district.scope) as session:
            session.execute(
                insert(DistrictStaff),
                [
                    {
                        "district_id": district.id, "username": f"officer{one}", "name": f"干部{one}",
                        "roles": ["officer"], "password_hash": "-", "email": f"officer{one}@example.org",
                        "language": "en" if one % 7 == 0 else "zh_Hans_CN",
                    }
                    for one in people
                ],
            )  # fmt: skip
        engine.work_off(district.id, engine.begin_run(district.id, NIGHT))
    return districts


def put_up_again(settings: Settings, districts: Sequence[Place]) -> None:
    """Every message is owed again, in a table as a server keeps it."""
    for district in districts:
        with session_for(aggregating(district.id, ())) as session:
            session.execute(update(OutboxMessage).values(state="pending", attempts=0, sent_at=None))
            session.commit()
    with administrator(settings) as connection:
        connection.execute("vacuum analyze outbox_message")


def one_message(settings: Settings, district: Place) -> bytes:
    """A message as it goes on the line."""
    with session_for(aggregating(district.id, ())) as session:
        first = session.scalar(select(func.min(OutboxMessage.next_attempt_at)))
        if first is None or first > MORNING:
            raise SystemExit("nothing is owed")
        batch = actions.claim_due(session, district.id, MORNING)
        (draft,) = preparing.prepare(session, preparing.Desk(settings, MORNING), batch).values()
        if not isinstance(draft, preparing.Draft):
            raise SystemExit(f"no letter: {draft}")
        return draft.text


if __name__ == "__main__":
    main()
