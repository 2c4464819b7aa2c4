"""What a demonstration school did in the last school year beside its classes' work."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lxsaas.activities.family_models import EventAttendance, EventInvitation, FamilyEvent
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core.crypto import school_cipher
from lxsaas.counselling.models import (
    PURPOSE,
    CaseRisk,
    CounsellingCase,
    CounsellingSession,
    LetterboxLetter,
    LetterboxMessage,
)
from lxsaas.demo import words_last_year as words
from lxsaas.demo import years
from lxsaas.demo.arranged import listed
from lxsaas.demo.practices import add_rows
from lxsaas.networks.models import NetworkContact, Referral
from lxsaas.pupils.models import Pupil
from lxsaas.registers.rows import next_id
from lxsaas.support.models import DropOut, DropOutStep

MOVED_UP = (
    """
    update class_membership m set starts_on = :september from pupil p
    where m.school_id = :school and p.school_id = m.school_id and p.id = m.pupil_id
        and p.enrolled_on < :september and m.starts_on < :september and m.ends_on is null
    """,
    """
    insert into class_membership (school_id, pupil_id, class_id, starts_on, ends_on)
    select m.school_id, m.pupil_id, lower_class.id, p.enrolled_on, :september
    from class_membership m
    join pupil p on p.school_id = m.school_id and p.id = m.pupil_id and p.enrolled_on < :september
    join school_class c on c.school_id = m.school_id and c.id = m.class_id
    join school_class lower_class on lower_class.school_id = m.school_id
        and lower_class.grade = c.grade - 1 and lower_class.number = c.number
    where m.school_id = :school and m.starts_on = :september
    """,
)
"""Who was in the grade below until this school year began; parameters: school, september."""


def add_last_year(
    session: Session, school_id: int, staff: Mapping[str, int], today: date, random: Random
) -> None:
    """Families invited, counselling, letters, referrals, a child brought back to school; classes moved up."""
    began = date(years.last_year(today) + 1, 9, 1)
    if today >= began:
        for statement in MOVED_UP:
            session.execute(text(statement), {"school": school_id, "september": began})
    there = Pupil.enrolled_on <= years.first_day(today)
    query = select(Pupil.id).where(Pupil.school_id == school_id, Pupil.register_left_behind > 0, there)
    children = session.scalars(query.order_by(Pupil.id)).all()
    if not children:
        return
    year = years.last_year(today)
    add_events(session, school_id, staff["principal"], children, year, random)
    add_counselling(session, school_id, staff["counsellor"], children, year)
    add_letters(session, school_id, staff["counsellor"], year)
    add_referrals(session, school_id, staff["principal"], children, year)
    if school_id % 3 == 1:
        add_return(session, school_id, staff["principal"], children[-1], year)


def day_of(year: int, month: int, day: int) -> date:
    """A day of the school year that begins in `year`."""
    return date(year if month >= 8 else year + 1, month, day)


def add_events(
    session: Session, school_id: int, by: int, children: Sequence[int], year: int, random: Random
) -> None:
    """A parents' meeting in autumn, visits and a meeting when parents are home, an open day in spring."""
    events = add_rows(session, FamilyEvent, school_id, [
        {
            "kind": kind, "title": title, "held_on": day_of(year, month, day), "place": place, "plan": plan,
            "findings": findings, "recorded_by": by,
        }
        for kind, title, month, day, place, plan, findings in words.EVENTS
    ])  # fmt: skip
    invited = [{"event_id": event, "pupil_id": child} for event in events for child in children]
    listed(session, school_id, EventInvitation, invited)
    came = [{**one, "guardian_id": None} for one in invited if random.random() < 0.7]
    listed(session, school_id, EventAttendance, came)


def add_counselling(
    session: Session, school_id: int, counsellor: int, children: Sequence[int], year: int
) -> None:
    """Two cases that were opened and closed, each with its talks."""
    for pupil_id, (month, risk, reason, outcome, accounts) in zip(children, words.CASES, strict=False):
        opened = day_of(year, month, 12)
        days = [opened + timedelta(weeks=2 * number) for number in range(len(accounts))]
        closed, who = days[-1] + timedelta(days=7), {"pupil_id": pupil_id, "recorded_by": counsellor}
        [case] = add_rows(session, CounsellingCase, school_id, [
            who | {"counsellor_id": counsellor, "opened_on": opened, "closed_on": closed, "risk": risk,
                   "risk_since": opened, "review_on": closed, "reason": reason, "outcome": outcome}
        ])  # fmt: skip
        add_rows(session, CaseRisk, school_id, [
            {"case_id": case, "pupil_id": pupil_id, "level": risk, "starts_on": opened, "ends_on": closed}
        ])  # fmt: skip
        records = add_rows(session, CareRecord, school_id, [
            who | {"kind": int(CareKind.COUNSELLING), "occurred_on": day} for day in days
        ])  # fmt: skip
        add_rows(session, CounsellingSession, school_id, [
            who | {"case_id": case, "care_record_id": record, "held_on": day, "minutes": 35,
                   "account": account}
            for record, day, account in zip(records, days, accounts, strict=True)
        ])  # fmt: skip


def add_letters(session: Session, school_id: int, counsellor: int, year: int) -> None:
    """Letters of the letterbox, answered."""
    cipher, table = school_cipher(session, school_id, PURPOSE), LetterboxMessage.__tablename__
    for month, asked, answered in words.LETTERS:
        at = datetime.combine(day_of(year, month, 9), time(4, 30), UTC)
        row = {"reply_digest": secrets.token_bytes(32), "received_at": at, "waiting_since": None}
        [letter] = add_rows(session, LetterboxLetter, school_id, [row])
        later = at + timedelta(days=1)
        for by, sent_at, words_said in ((None, at, asked), (counsellor, later, answered)):
            message = next_id(session, table)
            sealed = cipher.seal(words_said, table=table, column="text_sealed", row_id=message)
            session.add(
                LetterboxMessage(
                    school_id=school_id, id=message, letter_id=letter, staff_id=by, sent_at=sent_at,
                    seen_at=later, text_sealed=sealed,
                )
            )  # fmt: skip


def add_referrals(session: Session, school_id: int, by: int, children: Sequence[int], year: int) -> None:
    """Two that were settled."""
    contacts = select(NetworkContact.network, NetworkContact.id).where(NetworkContact.school_id == school_id)
    known = {row[0]: row[1] for row in session.execute(contacts)}
    rows = [
        {
            "pupil_id": children[-1 - place], "network": network, "need": need, "words": asked,
            "network_contact_id": known[network], "referred_on": day_of(year, month, 8),
            "due_on": day_of(year, month, 22), "settled_on": day_of(year, month, 18), "outcome": "helped",
            "outcome_words": outcome, "recorded_by": by,
        }
        for place, (month, network, need, asked, outcome) in enumerate(words.REFERRALS[: len(children)])
    ]  # fmt: skip
    add_rows(session, Referral, school_id, rows)


def add_return(session: Session, school_id: int, by: int, pupil_id: int, year: int) -> None:
    """A child that stayed away after the autumn holidays and was brought back."""
    who = {"pupil_id": pupil_id, "recorded_by": by}
    [drop_out] = add_rows(session, DropOut, school_id, [
        who | {"since_on": day_of(year, 10, 9), "returned_on": day_of(year, 10, 20), "reason": "unwilling",
               "words": words.STAYED_AWAY}
    ])  # fmt: skip
    add_rows(session, DropOutStep, school_id, [
        who | {"drop_out_id": drop_out, "done_on": day_of(year, 10, day), "means": means, "words": told}
        for day, means, told in words.BROUGHT_BACK
    ])  # fmt: skip
