"""Reads of the directory: which districts and schools there are."""

from sqlalchemy import Select, or_, select

from lxsaas.core.pinyin import escaped_like
from lxsaas.schools.models import District, School, Term

LISTED = 20
"""The most schools that one search shows."""


def schools_named(words: str) -> Select[School]:
    """Schools whose name, or the beginning of whose pinyin, is like `words`; at most LISTED and one more."""
    name = f"%{escaped_like(words)}%"
    spelled = escaped_like(words.lower().replace(" ", ""))
    return (
        select(School)
        .where(
            or_(
                School.name.like(name), School.pinyin.like(f"{spelled}%"), School.pinyin.like(f"% {spelled}%")
            )
        )
        .order_by(School.name)
        .limit(LISTED + 1)
    )


def districts_named(words: str) -> Select[District]:
    return (
        select(District)
        .where(District.name.like(f"%{escaped_like(words)}%"))
        .order_by(District.name)
        .limit(5)
    )


def districts() -> Select[District]:
    """Every district, by address."""
    return select(District).order_by(District.slug)


def district_at(slug: str) -> Select[District]:
    return select(District).where(District.slug == slug)


def school_at(slug: str) -> Select[School]:
    return select(School).where(School.slug == slug)


def terms_of(district_id: int) -> Select[Term]:
    return select(Term).where(Term.district_id == district_id).order_by(Term.starts_on)
