"""The five things known of a child (五个清楚, P5): which are, since when, without reading a single text.

The rule, version 1. Basic data: identity number, home address, household and boarding are there. Character
and interests: written down. Health: the register's code or a text, and past illnesses written down or
“none”. Contacts: of each parent who is not gone a telephone, and the place of work unless the parent lives
with the child (an orphan needs no parent); and a telephone of somebody at home, or of a temporary guardian.

Kept as dated rows (`KnownSpell`), renewed by whatever changes a fact: so the night counts without the right
to read a text, and each past day from the first renewal on can be asked. A temporary guardian's last day is
known beforehand and stands there as a spell to come. What `missing` says for a page and what `_FLAGS` counts
are the same rule twice, in Python and in SQL; tests/archive holds them together.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from lxsaas.archive.models import ChildProfile, KnownSpell, TemporaryGuardian
from lxsaas.core.changes import note_change
from lxsaas.core.db import table_of
from lxsaas.core.messages import N_
from lxsaas.pupils.models import Guardian, Pupil

RULE_VERSION = 1
KNOWN = ("basics", "character", "interests", "health", "contacts")
PARENTS = ("51", "52", "57", "58")

_FLAGS = text("""
    select pupil.id,
        pupil.identity_sealed is not null and pupil.address_sealed is not null
            and pupil.is_rural is not null and pupil.is_boarding is not null as basics,
        profile.character_sealed is not null as character,
        profile.interests_sealed is not null as interests,
        (pupil.health is not null or profile.health_sealed is not null)
            and (profile.history_sealed is not null or coalesce(profile.no_history, false)) as health,
        (coalesce(pupil.is_orphan, false) or coalesce(family.has_parent, false))
            and coalesce(family.parents_known, true) as parents,
        coalesce(family.at_home, false) as at_home,
        coalesce(temporary.any_now, false) as temporary,
        temporary.until
    from pupil
    left join child_profile as profile on profile.school_id = pupil.school_id and profile.pupil_id = pupil.id
    left join (
        select pupil_id, bool_or(relation in ('51', '52', '57', '58')) as has_parent,
            bool_and(relation not in ('51', '52', '57', '58') or is_gone
                or (phone_sealed is not null and (workplace is not null or coalesce(is_at_home, false))))
                as parents_known,
            bool_or(coalesce(is_at_home, false) and not is_gone and phone_sealed is not null) as at_home
        from guardian
        where school_id = :school_id and pupil_id = any (:pupils) and removed_on is null
        group by pupil_id
    ) as family on family.pupil_id = pupil.id
    left join (
        select pupil_id, true as any_now,
            case when bool_or(ends_on is null) then null else max(ends_on) end as until
        from temporary_guardian
        where school_id = :school_id and pupil_id = any (:pupils) and withdrawn_at is null
            and starts_on <= :on and (ends_on is null or ends_on > :on)
        group by pupil_id
    ) as temporary on temporary.pupil_id = pupil.id
    where pupil.school_id = :school_id and pupil.id = any (:pupils)
""")


@dataclass(frozen=True)
class Piece:
    """A stretch of days on which the same things are known."""

    starts_on: date
    ends_on: date | None
    flags: tuple[bool, ...]
    """In the order of KNOWN."""


def renew_five_known(session: Session, school_id: int, pupil_ids: Collection[int], on: date) -> int:
    """Derives from `on` (today at the school) anew what is known of these pupils; how many changed.

    The days before stay as they were asked; changed ones are noted for the next night.
    """
    wanted = {row.id: _pieces(row, on) for row in _flags_of(session, school_id, pupil_ids, on)}
    held = _held(session, school_id, pupil_ids, on)
    changed = {pupil_id for pupil_id, pieces in wanted.items() if _from(held.get(pupil_id, []), on) != pieces}
    if changed:
        _replace(session, school_id, {pupil_id: wanted[pupil_id] for pupil_id in sorted(changed)}, held, on)
        note_change(session, school_id=school_id, starts_on=on, ends_on=None)
        session.flush()
    return len(changed)


def _flags_of(session: Session, school_id: int, pupil_ids: Collection[int], on: date) -> Sequence[Any]:
    session.flush()
    return session.execute(_FLAGS, {"school_id": school_id, "pupils": list(pupil_ids), "on": on}).all()


def _pieces(row: Any, on: date) -> list[Piece]:
    """The stretch that begins today, and where it rests on a temporary guardian the one after."""
    before = (row.basics, row.character, row.interests, row.health)
    now = Piece(on, None, (*before, row.parents and (row.at_home or row.temporary)))
    if not (row.parents and row.temporary and not row.at_home and row.until):
        return [now]
    return [Piece(on, row.until, now.flags), Piece(row.until, None, (*before, False))]


def _held(session: Session, school_id: int, pupil_ids: Collection[int], on: date) -> dict[int, list[Any]]:
    """The spells that reach to `on` or beyond, by pupil; two renewals of the same pupils take turns."""
    # A pupil's first spell has no row to lock: the pupil's own row stands for it.
    lock = select(Pupil.id).where(Pupil.school_id == school_id, Pupil.id.in_(pupil_ids)).order_by(Pupil.id)
    session.execute(lock.with_for_update(key_share=True))
    table = table_of(KnownSpell)
    query = (
        select(table)
        .where(
            table.c.school_id == school_id,
            table.c.pupil_id.in_(pupil_ids),
            table.c.ends_on.is_(None) | (table.c.ends_on > on),
        )
        .order_by(table.c.pupil_id, table.c.starts_on)
    )
    found: dict[int, list[Any]] = {}
    for spell in session.execute(query):
        found.setdefault(spell.pupil_id, []).append(spell)
    return found


def _from(spells: Sequence[Any], on: date) -> list[Piece]:
    """What the kept spells say from `on` on."""
    return [
        Piece(max(one.starts_on, on), one.ends_on, tuple(getattr(one, name) for name in KNOWN))
        for one in spells
        if one.rule_version == RULE_VERSION
    ]


def _replace(
    session: Session, school_id: int, wanted: dict[int, list[Piece]], held: dict[int, list[Any]], on: date
) -> None:
    table, ids = table_of(KnownSpell), list(wanted)
    of_school = table.c.school_id == school_id
    session.execute(delete(table).where(of_school, table.c.pupil_id.in_(ids), table.c.starts_on >= on))
    reaching = [one.id for pupil_id in ids for one in held.get(pupil_id, []) if one.starts_on < on]
    if reaching:
        session.execute(update(table).where(of_school, table.c.id.in_(reaching)).values(ends_on=on))
    rows = [
        {
            "school_id": school_id,
            "pupil_id": pupil_id,
            "rule_version": RULE_VERSION,
            "starts_on": piece.starts_on,
            "ends_on": piece.ends_on,
            **dict(zip(KNOWN, piece.flags, strict=True)),
        }
        for pupil_id, pieces in wanted.items()
        for piece in pieces
    ]
    session.execute(insert(table), rows)


_BASICS = {
    "identity_sealed": N_("identity number"),
    "address_sealed": N_("home address"),
    "is_rural": N_("household"),
    "is_boarding": N_("boarding or day pupil"),
}


def missing(
    pupil: Pupil,
    profile: ChildProfile | None,
    family: Sequence[Guardian],
    temporary: Sequence[TemporaryGuardian],
) -> dict[str, list[str]]:
    """For each of the five things the message ids of what is missing; `temporary`: those of today."""
    return {
        "basics": [name for column, name in _BASICS.items() if getattr(pupil, column) is None],
        "character": [] if profile and profile.character_sealed else [N_("character")],
        "interests": [] if profile and profile.interests_sealed else [N_("interests")],
        "health": list(_missing_health(pupil, profile)),
        "contacts": list(_missing_contacts(pupil, family, temporary)),
    }


def _missing_health(pupil: Pupil, profile: ChildProfile | None) -> Iterator[str]:
    if pupil.health is None and not (profile and profile.health_sealed):
        yield N_("state of health")
    if not (profile and (profile.history_sealed or profile.no_history)):
        yield N_("past illnesses")


def _missing_contacts(
    pupil: Pupil, family: Sequence[Guardian], temporary: Sequence[TemporaryGuardian]
) -> Iterator[str]:
    parents = [one for one in family if one.relation in PARENTS]
    if not parents and not pupil.is_orphan:
        yield N_("parents")
    here = [one for one in parents if not one.is_gone]
    if any(one.phone_sealed is None for one in here):
        yield N_("telephone of a parent")
    if any(one.workplace is None and not one.is_at_home for one in here):
        yield N_("a parent’s place of work")
    at_home = [one for one in family if one.is_at_home and not one.is_gone and one.phone_sealed]
    if not at_home and not temporary:
        yield N_("telephone of the guardian at home")
