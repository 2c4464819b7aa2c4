"""Term filings of the demonstration: the last full term's mostly accepted, the running one's just begun."""

from datetime import date, timedelta
from random import Random

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.archive.models import ChildProfile
from lxsaas.core.scope import acting_for_district, acting_for_school, operating
from lxsaas.demo import years
from lxsaas.demo.practices import add_rows
from lxsaas.demo.words import HOMES, RATINGS
from lxsaas.extensions import session_for
from lxsaas.filings.actions import decide_filing, sign_filing
from lxsaas.filings.asking import set_filing_call
from lxsaas.filings.definitions import OUTCOMES, Asked
from lxsaas.filings.drafting import Source, asked_of, read_children, read_sheet
from lxsaas.filings.models import DistrictFiling
from lxsaas.filings.queries import terms_with_filing
from lxsaas.schools.actions import set_filing_day
from lxsaas.schools.models import District, School, Term

DUE_IN = timedelta(days=12)
CUT_OFF_AGO = timedelta(days=3)
UNKNOWN = 4
"""Children of the draft whose guardianship nobody has rated."""
LAST_TERM = ("accepted",) * 4 + ("returned",) + ("accepted",) * 2 + (None,) * 2 + ("sent",)
"""What became of the last full term's filing, school by school; None: it was never sent, as of all others."""
RUNNING = ("accepted", "returned", None)
"""Of the running term; None: a draft that does not add up."""
REMARKS = {
    "guarded_poorly": "监护情况较差的人数与家访记录不符，请逐一核对。",
    "with_others": "请说明由其他人员照看的原因。",
}


def add_filings(district_id: int, password: str, today: date) -> None:
    """What the schools have sent of the last full term, and of the running one."""
    with session_for(acting_for_district(district_id)) as session:
        query = select(School.id).where(School.district_id == district_id).order_by(School.id)
        schools = session.scalars(query).all()
    last = years.past_terms(today)[-1]
    due_on, cut_off_on = last.ends_on - timedelta(days=2), last.ends_on - timedelta(days=10)
    term = _ask(district_id, Term.name == last.name, due_on, cut_off_on)
    if term is not None:
        for number, (school_id, outcome) in enumerate(zip(schools, LAST_TERM, strict=False)):
            if outcome is not None:
                sent_on = due_on - timedelta(days=1 + number % 4)
                _file(district_id, school_id, term, password, sent_on, outcome)
    running = and_(Term.starts_on <= today, Term.starts_on > last.ends_on)
    term = _ask(district_id, running, today + DUE_IN, today - CUT_OFF_AGO)
    if term is not None:
        for school_id, outcome in zip(schools, RUNNING, strict=False):
            _file(district_id, school_id, term, password, today, outcome)


def _file(
    district_id: int, school_id: int, term: Term, password: str, sent_on: date, outcome: str | None
) -> None:
    """A school completes what the table asks, signs, and is answered; with no outcome it is not done yet."""
    random = Random(f"{school_id}:{term.name}")
    with session_for(acting_for_school(school_id, district_id=district_id)) as session:
        asked = asked_of(session, district_id, term)
        _complete(session, school_id, asked, random, leave=0 if outcome else UNKNOWN)
        if outcome:
            _sign(session, school_id, asked, password, sent_on)
        session.commit()
    if outcome in OUTCOMES:
        _decide(district_id, school_id, term.name, str(outcome), sent_on)


def _ask(district_id: int, which: ColumnElement[bool], due_on: date, cut_off_on: date) -> Term | None:
    """The newest of these terms, with a due day and a cut-off day inside it."""
    with session_for(operating()) as session:
        query = select(Term).where(Term.district_id == district_id, which)
        term = session.scalars(query.order_by(Term.starts_on.desc()).limit(1)).one_or_none()
        if term is None:
            return None
        set_filing_day(
            session, district=session.get_one(District, district_id), term=term.name, due_on=due_on
        )
        name = term.name
        session.commit()
    with session_for(acting_for_district(district_id)) as session:
        term = session.scalars(terms_with_filing(district_id).where(Term.name == name)).one()
        by = session.scalars(select(DistrictStaff.id).where(DistrictStaff.username == "officer")).one()
        day = max(term.starts_on, min(term.ends_on, cut_off_on))
        set_filing_call(session, term, cut_off_on=day, definition="state_council_2016", by=by)
        session.commit()
        session.refresh(term)
        session.expunge(term)
        return term


def _complete(session: Session, school_id: int, asked: Asked, random: Random, *, leave: int) -> None:
    """What the table asks for and the archive did not hold; of the last `leave` children not."""
    children = read_children(session, Source.draft(school_id, asked))
    by = session.scalars(select(Staff.id).where(Staff.roles.contains(["principal"]))).first()
    known = set(session.scalars(select(ChildProfile.pupil_id).where(ChildProfile.school_id == school_id)))
    texts = dict.fromkeys(("character", "interests", "health", "history"))
    lacking = [one for one in children if None in (one["guardianship"], one["keeper"], one["residence"])]
    add_rows(session, ChildProfile, school_id, [
        {
            "pupil_id": one["pupil_id"], "recorded_by": by, "no_history": False, "is_registered": True,
            "lives_with": random.choice(HOMES), "guardianship": random.choice(RATINGS), **texts,
        }
        for one in lacking if one["pupil_id"] not in known
    ])  # fmt: skip
    of_school = update(ChildProfile).where(ChildProfile.school_id == school_id)
    for one in lacking:
        if one["pupil_id"] in known:
            values = {"lives_with": random.choice(HOMES), "is_registered": True}
            session.execute(of_school.where(ChildProfile.pupil_id == one["pupil_id"]).values(values))
    if leave:
        unrated = ChildProfile.pupil_id.in_([one["pupil_id"] for one in children[-leave:]])
        session.execute(of_school.where(unrated).values(guardianship=None))


def _sign(session: Session, school_id: int, asked: Asked, password: str, today: date) -> None:
    principal = session.scalars(select(Staff).where(Staff.roles.contains(["principal"]))).first()
    draft = read_sheet(session, Source.draft(school_id, asked))
    if principal is not None:
        sign_filing(
            session,
            asked=asked,
            seal=draft.seal(asked.basis),
            reason=None,
            password=password,
            today=today,
            by=principal,
        )


def _decide(district_id: int, school_id: int, term: str, outcome: str, today: date) -> None:
    with session_for(acting_for_district(district_id)) as session:
        officer = session.scalars(select(DistrictStaff).where(DistrictStaff.username == "officer")).one()
        filing = session.scalars(
            select(DistrictFiling).where(
                DistrictFiling.district_id == district_id,
                DistrictFiling.unit_id == school_id,
                DistrictFiling.term == term,
            )
        ).one()
        returned = outcome == "returned"
        decide_filing(
            session, filing, outcome=outcome, words="请核对后重新报送。" if returned else None,
            remarks=REMARKS if returned else {}, today=today, by=officer.id, name=officer.name,
        )  # fmt: skip
        session.commit()
