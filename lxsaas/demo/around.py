"""What surrounds the children of a demonstration school: networks, referrals, a suspected harm, awards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.accounts.models import ClassTeacher
from lxsaas.awards.models import ChildNomination, TeacherNomination
from lxsaas.core.clock import add_months
from lxsaas.demo import people, words_around, years
from lxsaas.demo.practices import add_rows
from lxsaas.networks.models import NetworkContact, Referral
from lxsaas.networks.report_actions import add_step, open_report
from lxsaas.pupils.models import Pupil
from lxsaas.schools.years import year_of

STEPS = ("police", "civil_affairs", "education")


@dataclass(frozen=True)
class Around:
    """A demonstration school whose children and people are known."""

    school_id: int
    principal: int
    counsellor: int
    today: date
    targets: Sequence[Pupil]
    teachers: Sequence[int]


def add_around(
    session: Session, school_id: int, staff: Mapping[str, int], today: date, random: Random
) -> None:
    """Contacts, referrals and awards of one school; of every third school, a mandatory report too."""
    query = select(Pupil).where(Pupil.school_id == school_id, Pupil.register_left_behind == 2)
    teachers = select(ClassTeacher.staff_id).where(ClassTeacher.school_id == school_id)
    around = Around(
        school_id, staff["principal"], staff["counsellor"], today,
        session.scalars(query.order_by(Pupil.id)).all(),
        sorted(set(session.scalars(teachers))),
    )  # fmt: skip
    contacts = add_contacts(session, around, random)
    if around.targets:
        add_referrals(session, around, contacts, random)
        add_awards(session, around, random)
        if school_id % 3 == 1:
            add_report(session, around, told=school_id // 3 % 4)


def add_contacts(session: Session, around: Around, random: Random) -> list[tuple[str, int]]:
    """One or two in each network; (network, id)."""
    rows: list[dict[str, Any]] = [
        {
            "network": network, "name": person or people.adult_name(random), "organisation": organisation,
            "duty": duty, "phone": people.telephone(random), "recorded_by": around.principal,
            "checked_on": around.today - timedelta(days=random.randrange(20, 300)),
            "recorded_at": datetime.combine(years.first_day(around.today), time(2), UTC),
        }
        for network, person, organisation, duty in words_around.CONTACTS
    ]  # fmt: skip
    ids = add_rows(session, NetworkContact, around.school_id, rows)
    return [(row["network"], contact) for row, contact in zip(rows, ids, strict=True)]


def add_referrals(
    session: Session, around: Around, contacts: Sequence[tuple[str, int]], random: Random
) -> None:
    """Some settled, one open, one late."""
    rows: list[dict[str, Any]] = []
    for place, (network, need, text, outcome) in enumerate(words_around.REFERRALS):
        began = around.today - timedelta(days=(60, 40, 25, 6)[place % 4])
        settled = outcome is not None
        rows.append(
            {
                "pupil_id": random.choice(around.targets).id, "network": network, "need": need, "words": text,
                "network_contact_id": next(one for kind, one in contacts if kind == network),
                "referred_on": began, "due_on": began + timedelta(days=14),
                "settled_on": began + timedelta(days=11) if settled else None,
                "outcome": "helped" if settled else None, "outcome_words": outcome,
                "recorded_by": around.principal,
            }
        )  # fmt: skip
    add_rows(session, Referral, around.school_id, rows)


def add_awards(session: Session, around: Around, random: Random) -> None:
    """Last year's are decided, this year's first nominations are not."""
    this_year = year_of(around.today)
    for year, decision in ((this_year - 1, "awarded"), (this_year, None)):
        on = min(date(year + 1, 5, 20), add_months(around.today, -1))
        given = {
            "school_year": year, "nominated_on": on, "decision": decision,
            "decided_on": on + timedelta(days=10) if decision else None,
            "decision_words": words_around.DECISION if decision else None, "recorded_by": around.principal,
        }  # fmt: skip
        child = random.choice(around.targets)
        rows = [
            given | {"pupil_id": child.id, "kind": kind, "partner_id": None, "parent_name": parent, **more}
            for kind, parent, more in (
                ("self_reliant", None, {"evidence": words_around.SELF_RELIANT}),
                ("parent", people.adult_name(random), {"evidence": words_around.PARENT}),
            )
        ]
        add_rows(session, ChildNomination, around.school_id, rows)
        teacher = given | {"staff_id": random.choice(around.teachers), "evidence": words_around.TEACHER}
        add_rows(session, TeacherNomination, around.school_id, [teacher])


def add_report(session: Session, around: Around, *, told: int) -> None:
    """A suspected harm that became known this morning or yesterday; `told`: to how many authorities."""
    known = datetime.combine(around.today, time(0, 30), UTC) - timedelta(days=1)
    report = open_report(
        session, around.targets[-1], harm="violence", known_at=known, words=words_around.HARM,
        by=around.counsellor,
    )  # fmt: skip
    for kind, (recipient, text) in list(zip(STEPS, words_around.TOLD, strict=True))[:told]:
        add_step(
            session, report, kind=kind, done_at=known + timedelta(hours=1), done_by=around.principal,
            recipient=recipient, reference=words_around.REFERENCE if kind == "police" else None, words=text,
            by=around.principal,
        )  # fmt: skip
