"""Term filings of the demonstration: one accepted, one returned, one a draft that does not add up yet."""

from datetime import date, timedelta
from random import Random

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.archive.models import ChildProfile
from lxsaas.core.scope import acting_for_district, acting_for_school, operating
from lxsaas.demo.practices import add_rows
from lxsaas.extensions import session_for
from lxsaas.filings.actions import decide_filing, set_filing_call, sign_filing
from lxsaas.filings.drafting import Asked, Source, asked_of, read_children, read_sheet
from lxsaas.filings.models import DistrictFiling
from lxsaas.filings.queries import terms_with_filing
from lxsaas.schools.actions import set_filing_day
from lxsaas.schools.models import District, School, Term

DUE_IN = timedelta(days=12)
CUT_OFF_AGO = timedelta(days=3)
UNKNOWN = 4
"""Children of the draft whose guardianship nobody has rated."""
HOMES = ("grandparents",) * 8 + ("relatives", "others")
RATINGS = ("good",) * 7 + ("fair",) * 2 + ("poor",)
REMARKS = {
    "guarded_poorly": "监护情况较差的人数与家访记录不符，请逐一核对。",
    "with_others": "请说明由其他人员照看的原因。",
}


def add_filings(district_id: int, password: str, today: date) -> None:
    """Three schools file; the others have not yet."""
    term = _ask(district_id, today)
    if term is None:
        return
    with session_for(acting_for_district(district_id)) as session:
        query = select(School.id).where(School.district_id == district_id).order_by(School.id).limit(3)
        schools = session.scalars(query).all()
    for number, (school_id, outcome) in enumerate(zip(schools, ("accepted", "returned", None), strict=False)):
        with session_for(acting_for_school(school_id, district_id=district_id)) as session:
            asked = asked_of(session, district_id, term)
            _complete(session, school_id, asked, Random(number), leave=0 if outcome else UNKNOWN)
            if outcome:
                _sign(session, school_id, asked, password, today)
            session.commit()
        if outcome:
            _decide(district_id, school_id, outcome)


def _ask(district_id: int, today: date) -> Term | None:
    """The running term, or the last one, with a due day and a cut-off day."""
    with session_for(operating()) as session:
        query = select(Term).where(Term.district_id == district_id, Term.starts_on <= today)
        term = session.scalars(query.order_by(Term.starts_on.desc()).limit(1)).one_or_none()
        if term is None:
            return None
        district = session.get_one(District, district_id)
        set_filing_day(session, district=district, term=term.name, due_on=today + DUE_IN)
        session.commit()
    with session_for(acting_for_district(district_id)) as session:
        term = session.scalars(terms_with_filing(district_id)).first()
        by = session.scalars(select(DistrictStaff.id).where(DistrictStaff.username == "officer")).one()
        if term is not None:
            cut_off_on = max(term.starts_on, min(term.ends_on, today - CUT_OFF_AGO))
            set_filing_call(session, term, cut_off_on=cut_off_on, definition="state_council_2016", by=by)
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
    rows = [
        {"pupil_id": one["pupil_id"], "recorded_by": by, "no_history": False, "lives_with": None} | texts
        for one in children
        if one["pupil_id"] not in known
    ]
    if rows:
        add_rows(session, ChildProfile, school_id, rows)
    for number, one in enumerate(children, 1):
        rated = number <= len(children) - leave
        session.execute(
            update(ChildProfile)
            .where(ChildProfile.school_id == school_id, ChildProfile.pupil_id == one["pupil_id"])
            .values(
                lives_with=random.choice(HOMES),
                guardianship=random.choice(RATINGS) if rated else None,
                is_registered=True,
            )
        )


def _sign(session: Session, school_id: int, asked: Asked, password: str, today: date) -> None:
    principal = session.scalars(select(Staff).where(Staff.roles.contains(["principal"]))).first()
    draft = read_sheet(session, Source.draft(school_id, asked))
    if principal is not None:
        sign_filing(
            session, asked=asked, seal=draft.seal, reason=None, password=password, today=today, by=principal
        )


def _decide(district_id: int, school_id: int, outcome: str) -> None:
    with session_for(acting_for_district(district_id)) as session:
        officer = session.scalars(select(DistrictStaff).where(DistrictStaff.username == "officer")).one()
        filing = session.scalars(
            select(DistrictFiling).where(
                DistrictFiling.district_id == district_id, DistrictFiling.unit_id == school_id
            )
        ).one()
        returned = outcome == "returned"
        decide_filing(
            session, filing, outcome=outcome, words="请核对后重新报送。" if returned else None,
            remarks=REMARKS if returned else {}, by=officer.id, name=officer.name,
        )  # fmt: skip
        session.commit()
