"""Staff accounts, their sessions and invitations, at a school and at a district."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from lxsaas.core.db import Base, DistrictOwned, SchoolOwned, district_key, school_key


class AccountColumns:
    """A person's account at one address; the same person may have others elsewhere."""

    username: Mapped[str]
    """Lower case, NFKC; unique at its address."""
    name: Mapped[str]
    email: Mapped[str | None]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    password_hash: Mapped[str | None]
    """Argon2id; None until an invitation is taken up."""
    language: Mapped[str | None]
    """'zh_Hans_CN' or 'en'; None: the browser's wish."""
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    password_changed_at: Mapped[datetime | None]


class SessionColumns:
    """A signed-in browser; the cookie holds a random token, the row its SHA-256."""

    staff_id: Mapped[int]
    token_hash: Mapped[bytes]
    device: Mapped[str] = mapped_column(server_default="")
    """The browser's own description of itself, cut to 200 characters, for the list of sessions."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """Last use, renewed at most once a minute."""
    ended_at: Mapped[datetime | None]


class InvitationColumns:
    """A one-time link by which a person sets a password; the row holds the token's SHA-256."""

    staff_id: Mapped[int]
    token_hash: Mapped[bytes]
    invited_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


_SCHOOL_ROLES = "roles <@ array['principal','homeroom_teacher','teacher','counsellor','archivist']"
_DISTRICT_ROLES = "roles <@ array['officer','analyst']"


class Staff(AccountColumns, SchoolOwned, Base):
    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("school_id", "username"),
        CheckConstraint(f"{_SCHOOL_ROLES} and cardinality(roles) > 0", name="roles"),
    )


class StaffSession(SessionColumns, SchoolOwned, Base):
    __tablename__ = "staff_session"
    __table_args__ = (
        school_key("staff_id", "staff"),
        UniqueConstraint("school_id", "token_hash"),
        Index(None, "school_id", "staff_id"),
    )


class StaffInvitation(InvitationColumns, SchoolOwned, Base):
    __tablename__ = "staff_invitation"
    __table_args__ = (
        school_key("staff_id", "staff"),
        school_key("invited_by", "staff"),
        UniqueConstraint("school_id", "token_hash"),
        Index(None, "school_id", "staff_id"),
    )


class ClassTeacher(SchoolOwned, Base):
    """Who is homeroom teacher of which class; `ends_on` is the first day on which no longer."""

    __tablename__ = "class_teacher"
    __table_args__ = (
        school_key("class_id", "school_class"),
        school_key("staff_id", "staff"),
        Index(None, "school_id", "staff_id"),
        CheckConstraint("ends_on > starts_on", name="order"),
        ExcludeConstraint(
            ("school_id", "="),
            ("class_id", "="),
            (func.daterange(text("starts_on"), text("ends_on")), "&&"),
            name="ex_class_teacher_days",
            using="gist",
        ),
    )

    class_id: Mapped[int]
    staff_id: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class DistrictStaff(AccountColumns, DistrictOwned, Base):
    __tablename__ = "district_staff"
    __table_args__ = (
        UniqueConstraint("district_id", "username"),
        CheckConstraint(f"{_DISTRICT_ROLES} and cardinality(roles) > 0", name="roles"),
        CheckConstraint("cardinality(township_ids) > 0", name="township_ids"),
    )

    township_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    """The townships whose schools this person sees; None: the whole district."""
    start_view: Mapped[str | None]
    """Path and query below the district's address of the page that this person chose to begin with."""


class DistrictSession(SessionColumns, DistrictOwned, Base):
    __tablename__ = "district_session"
    __table_args__ = (
        district_key("staff_id", "district_staff"),
        UniqueConstraint("district_id", "token_hash"),
        Index(None, "district_id", "staff_id"),
    )


class DistrictInvitation(InvitationColumns, DistrictOwned, Base):
    __tablename__ = "district_invitation"
    __table_args__ = (
        district_key("staff_id", "district_staff"),
        district_key("invited_by", "district_staff"),
        UniqueConstraint("district_id", "token_hash"),
        Index(None, "district_id", "staff_id"),
    )
