"""Who may read which cases: one's own, those opened by name, the list of children at high risk."""

from datetime import date, timedelta

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    TextClause,
    and_,
    exists,
    func,
    or_,
    select,
    text,
)

from lxsaas.accounts.models import Staff
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core.permissions import ROLES, Permission
from lxsaas.counselling.models import (
    CaseReader,
    CaseRisk,
    CounsellingCase,
    CounsellingSession,
    Risk,
)
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import enrolled, named
from lxsaas.schools.models import SchoolClass

FOLLOWED = timedelta(days=14)
"""high_risk_followed: counselling or a talk in so many days."""
COUNSELLOR_ROLES = tuple(role for role, held in ROLES.items() if Permission.COUNSEL in held)
PRINCIPAL_ROLES = tuple(role for role, held in ROLES.items() if Permission.VIEW_RISK in held)


def active_staff_with(roles: tuple[str, ...]) -> Select[Staff]:
    """The active colleagues who hold one of the roles, by name."""
    return select(Staff).where(Staff.is_active, Staff.roles.overlap(roles)).order_by(Staff.name, Staff.id)


def own_case(case_id: int, staff_id: int) -> Select[CounsellingCase]:
    """A case, if it is this counsellor's."""
    return select(CounsellingCase).where(
        CounsellingCase.id == case_id, CounsellingCase.counsellor_id == staff_id
    )


def open_case_of(pupil_id: int, staff_id: int) -> Select[CounsellingCase]:
    """The open case of a child, if it is this counsellor's."""
    case = CounsellingCase
    return select(case).where(
        case.pupil_id == pupil_id, case.counsellor_id == staff_id, case.closed_on.is_(None)
    )


def readable_case(case_id: int, staff_id: int, on: date) -> Select[CounsellingCase]:
    """A case that was opened to somebody by name, on a day on which it is open to them."""
    return select(CounsellingCase).where(
        CounsellingCase.id == case_id, CounsellingCase.id.in_(_opened_to(staff_id, on))
    )


def own_session(session_id: int, staff_id: int) -> Select[CounsellingSession]:
    """A talk of a case that is this counsellor's."""
    own = select(CounsellingCase.id).where(CounsellingCase.counsellor_id == staff_id)
    return select(CounsellingSession).where(
        CounsellingSession.id == session_id, CounsellingSession.case_id.in_(own)
    )


def cases_of(
    staff_id: int, *, show: str, words: str, sort: str, on: date
) -> Select[CounsellingCase, str, str, date | None]:
    """(case, child, class, last session) of a counsellor; no sealed text is opened for a list.

    `show`: 'open', 'due' (review due on the day) or 'closed'; `sort`: 'review', 'child', 'risk', 'last', with
    '-' before it for the other way round.
    """
    last = _last_session()
    query = (
        select(CounsellingCase, Pupil.name, SchoolClass.code, last.label("last"))
        .join(Pupil, _of_pupil(CounsellingCase))
        .join(SchoolClass, _class_of_pupil())
        .where(CounsellingCase.counsellor_id == staff_id, _shown(show, on))
    )
    if words:
        query = query.where(named(words))
    columns = {
        "review": CounsellingCase.review_on,
        "child": Pupil.pinyin,
        "risk": CounsellingCase.risk,
        "last": last,
    }
    column = columns.get(sort.removeprefix("-"), CounsellingCase.review_on)
    order = column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_first()
    return query.order_by(order, CounsellingCase.id)


def due_count(staff_id: int, on: date) -> Select[int]:
    """How many of a counsellor's cases are to be reviewed by a day."""
    return select(func.count()).where(CounsellingCase.counsellor_id == staff_id, _shown("due", on))


def sessions_of(case_id: int) -> Select[CounsellingSession, str]:
    """(session, who held it), the newest first; withdrawn ones are shown as such."""
    held = CounsellingSession
    return (
        select(held, Staff.name)
        .join(Staff, and_(Staff.school_id == held.school_id, Staff.id == held.recorded_by))
        .where(held.case_id == case_id)
        .order_by(held.held_on.desc(), held.id.desc())
    )


def levels_of(case_id: int) -> Select[CaseRisk]:
    """How the risk of a case went, the newest first; a level of less than a day is left out."""
    lasted = or_(CaseRisk.ends_on.is_(None), CaseRisk.ends_on > CaseRisk.starts_on)
    return select(CaseRisk).where(CaseRisk.case_id == case_id, lasted).order_by(CaseRisk.starts_on.desc())


def readers_of(case_id: int, on: date) -> Select[CaseReader, str]:
    """(opened to, name): those who may read a case on a day or later."""
    return (
        select(CaseReader, Staff.name)
        .join(Staff, and_(Staff.school_id == CaseReader.school_id, Staff.id == CaseReader.staff_id))
        .where(CaseReader.case_id == case_id, CaseReader.ends_on > on)
        .order_by(CaseReader.id)
    )


def high_risk(
    staff_id: int, *, sort: str, on: date
) -> Select[CounsellingCase, str, str, str, date | None, bool]:
    """(case, child, class, counsellor, last contact, open to me) of the children at high risk on a day."""
    last = _last_contact()
    opened = exists(_opened_to(staff_id, on).where(CaseReader.case_id == CounsellingCase.id))
    query = (
        select(
            CounsellingCase, Pupil.name, SchoolClass.code, Staff.name.label("counsellor"),
            last.label("last"), opened.label("is_open"),
        )
        .join(Pupil, _of_pupil(CounsellingCase))
        .join(SchoolClass, _class_of_pupil())
        .join(Staff, _staff(CounsellingCase.school_id, CounsellingCase.counsellor_id))
        .where(CounsellingCase.closed_on.is_(None), CounsellingCase.risk == Risk.HIGH, enrolled(on))
    )  # fmt: skip
    columns = {"review": CounsellingCase.review_on, "child": Pupil.pinyin, "class": SchoolClass.code}
    column = last if sort.removeprefix("-") == "last" else columns.get(sort.removeprefix("-"))
    if column is None:
        column = CounsellingCase.review_on
    order = column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_first()
    return query.order_by(order, CounsellingCase.id)


def opened_cases(staff_id: int, on: date) -> Select[CounsellingCase, str, str, str, date]:
    """(case, child, class, counsellor, until) of all cases that are open to somebody by name."""
    return (
        select(
            CounsellingCase, Pupil.name, SchoolClass.code, Staff.name.label("counsellor"), CaseReader.ends_on
        )
        .join(
            CaseReader,
            and_(CaseReader.school_id == CounsellingCase.school_id, CaseReader.case_id == CounsellingCase.id),
        )
        .join(Pupil, _of_pupil(CounsellingCase))
        .join(SchoolClass, _class_of_pupil())
        .join(Staff, _staff(CounsellingCase.school_id, CounsellingCase.counsellor_id))
        .where(CaseReader.staff_id == staff_id, CaseReader.starts_on <= on, CaseReader.ends_on > on)
        .order_by(Pupil.pinyin, CounsellingCase.id)
    )


def orphaned() -> Select[int, str, int]:
    """(counsellor, name, open cases) of those who counsel no more and left open cases behind."""
    active = and_(Staff.is_active, Staff.roles.overlap(COUNSELLOR_ROLES))
    return (
        select(Staff.id, Staff.name, func.count())
        .join(
            CounsellingCase,
            and_(CounsellingCase.school_id == Staff.school_id, CounsellingCase.counsellor_id == Staff.id),
        )
        .where(CounsellingCase.closed_on.is_(None), ~active)
        .group_by(Staff.id, Staff.name)
        .order_by(Staff.name)
    )


def children_named(school_id: int, words: str, on: date) -> Select[int, str, str]:
    """(id, name, class) of enrolled children of the whole school: a counsellor chooses by name."""
    return (
        select(Pupil.id, Pupil.name, SchoolClass.code)
        .join(SchoolClass, _class_of_pupil())
        .where(Pupil.school_id == school_id, enrolled(on), named(words))
        .order_by(Pupil.pinyin, Pupil.id)
    )


def enrolled_pupil(school_id: int, pupil_id: int, on: date) -> Select[Pupil]:
    return select(Pupil).where(Pupil.school_id == school_id, Pupil.id == pupil_id, enrolled(on))


def logged_care() -> TextClause:
    """Entries of the log about the care record of a talk: the child's name would tell who is counselled."""
    # As text: in a join's condition SQLAlchemy would take the columns of a subquery for those to join by.
    return text(
        f"""(audit_entry.subject = 'care_record' and exists (
            select from care_record r where r.school_id = audit_entry.school_id
            and r.id = audit_entry.subject_id and r.kind = {int(CareKind.COUNSELLING)}
        ))"""
    )


def _shown(show: str, on: date) -> ColumnElement[bool]:
    if show == "closed":
        return CounsellingCase.closed_on.is_not(None)
    is_open = CounsellingCase.closed_on.is_(None)
    return and_(is_open, CounsellingCase.review_on <= on) if show == "due" else is_open


def _opened_to(staff_id: int, on: date) -> Select[int]:
    return select(CaseReader.case_id).where(
        CaseReader.staff_id == staff_id, CaseReader.starts_on <= on, CaseReader.ends_on > on
    )


def _of_pupil(model: type[CounsellingCase]) -> ColumnElement[bool]:
    return and_(Pupil.school_id == model.school_id, Pupil.id == model.pupil_id)


def _class_of_pupil() -> ColumnElement[bool]:
    return and_(SchoolClass.school_id == Pupil.school_id, SchoolClass.id == Pupil.class_id)


def _staff(school_id: object, staff_id: object) -> ColumnElement[bool]:
    return and_(Staff.school_id == school_id, Staff.id == staff_id)


def _last_session() -> ScalarSelect[date]:
    held = CounsellingSession
    return (
        select(func.max(held.held_on))
        .where(
            held.school_id == CounsellingCase.school_id,
            held.case_id == CounsellingCase.id,
            held.withdrawn_at.is_(None),
        )
        .scalar_subquery()
    )


def _last_contact() -> ScalarSelect[date]:
    kinds = (int(CareKind.COUNSELLING), int(CareKind.TALK))
    return (
        select(func.max(CareRecord.occurred_on))
        .where(
            CareRecord.school_id == CounsellingCase.school_id,
            CareRecord.pupil_id == CounsellingCase.pupil_id,
            CareRecord.kind.in_(kinds),
            CareRecord.withdrawn_at.is_(None),
        )
        .scalar_subquery()
    )
