"""What an import would change: the sheet against the archive, before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.core.crypto import SchoolCipher
from lxsaas.core.pinyin import searchable
from lxsaas.pupils.models import Guardian, Pupil
from lxsaas.pupils.register.codes import PARENTS
from lxsaas.pupils.register.rows import FamilyMember, ParsedRegister, RegisterRow
from lxsaas.pupils.register.values import name_of, number_of
from lxsaas.schools.models import SchoolClass

PLAIN = (
    "name", "sex", "born_on", "identity_type", "national_number", "seat_number", "ethnicity", "health",
    "disability", "is_rural", "household_place", "is_boarding", "is_orphan", "needs_aid", "receives_aid",
)  # fmt: skip
"""Fields that the archive holds as the sheet says them."""
SEALED = {"identity_number": "identity_sealed", "address": "address_sealed", "phone": "phone_sealed"}
KEPT_WHEN_BLANK = (
    "identity_number", "address", "phone", "health", "is_rural", "is_boarding", "is_orphan", "needs_aid",
    "receives_aid",
)  # fmt: skip
"""Fields that the school fills itself where the register has nothing: a blank cell does not empty them."""
MEMBER_PLAIN = ("name", "relation", "relation_note", "is_guardian", "workplace", "duty")
MEMBER_SEALED = SEALED


@dataclass(frozen=True)
class FieldChange:
    """One field of one pupil: what the archive says and what the sheet says."""

    name: str
    old: Any = field(repr=False)
    new: Any = field(repr=False)


@dataclass(frozen=True)
class Changed:
    pupil: Pupil
    row: RegisterRow
    changes: Sequence[FieldChange]

    @property
    def tells_absences(self) -> bool:
        """Whether the register says something new about who is away; else what the school knows stands."""
        return any(one.name in ("left_behind", "is_enrolled") or _is_move(one) for one in self.changes)


@dataclass(frozen=True)
class RegisterDiff:
    """What would happen to whom; rejected rows stand in the parsed register."""

    new: Sequence[RegisterRow]
    changed: Sequence[Changed]
    unchanged: Sequence[Pupil]
    left: Sequence[Pupil]
    """In the school, not in the sheet (not among its rejected rows either)."""


def compare(
    session: Session, cipher: SchoolCipher, *, school_id: int, parsed: ParsedRegister
) -> RegisterDiff:
    """The sheet's accepted rows against every pupil of the school, former ones included."""
    archive = _Archive(session, cipher, school_id)
    new, changed, unchanged = [], [], []
    known = archive.matched(parsed.accepted)
    for row in parsed.accepted:
        pupil = known.get(row.row)
        if pupil is None:
            new.append(row)
            continue
        changes = archive.changes(pupil, row)
        if changes:
            changed.append(Changed(pupil, row, changes))
        else:
            unchanged.append(pupil)
    rejected = archive.rejected(parsed)
    met = rejected | {one.id for one in known.values()}
    left = [one for one in archive.pupils if one.left_on is None and one.id not in met]
    return RegisterDiff(new, changed, unchanged, left)


class _Archive:
    """The school's pupils, found by number, else by name and day of birth."""

    def __init__(self, session: Session, cipher: SchoolCipher, school_id: int) -> None:
        self._cipher = cipher
        self.pupils = list(session.scalars(select(Pupil).where(Pupil.school_id == school_id)))
        self._by_digest = {one.identity_digest: one for one in self.pupils if one.identity_digest}
        self._by_number = {one.national_number: one for one in self.pupils if one.national_number}
        self._by_birth: dict[tuple[str, object], list[Pupil]] = {}
        for one in self.pupils:
            self._by_birth.setdefault((one.name, one.born_on), []).append(one)
        classes = session.scalars(select(SchoolClass).where(SchoolClass.school_id == school_id))
        self._class_codes = {one.id: one.code for one in classes}
        self._family: dict[int, list[Guardian]] = {}
        for guardian in session.scalars(select(Guardian).where(Guardian.school_id == school_id)):
            self._family.setdefault(guardian.pupil_id, []).append(guardian)

    def matched(self, rows: Sequence[RegisterRow]) -> dict[int, Pupil]:
        """The pupil of each row that has one, by the row's number.

        By identity number, else 学籍辅号, else the only one of name and day of birth. Each way for the whole
        sheet before the next: no row takes by its name the child whose number stands in another.
        """
        found: dict[int, Pupil] = {}
        met: set[int] = set()
        for find in (self._numbered, self._registered, self._alike):
            for row in rows:
                pupil = find(row, met) if row.row not in found else None
                if pupil is not None and pupil.id not in met:
                    found[row.row] = pupil
                    met.add(pupil.id)
        return found

    def _numbered(self, row: RegisterRow, _met: set[int]) -> Pupil | None:
        number = row.identity_number
        return self._by_digest.get(self._cipher.digest(number)) if number else None

    def _registered(self, row: RegisterRow, _met: set[int]) -> Pupil | None:
        return self._by_number.get(row.national_number) if row.national_number else None

    def _alike(self, row: RegisterRow, met: set[int]) -> Pupil | None:
        """Only one whose own number does not contradict: twins share a day, not a number."""
        alike = [
            one
            for one in self._by_birth.get((row.name, row.born_on), [])
            if one.id not in met and (one.identity_digest is None or row.identity_number is None)
        ]
        return alike[0] if len(alike) == 1 else None

    def changes(self, pupil: Pupil, row: RegisterRow) -> list[FieldChange]:
        """Every field in which the sheet says something else than the archive."""
        stored: dict[str, Any] = {name: getattr(pupil, name) for name in PLAIN}
        stored |= {name: self._opened(pupil, column) for name, column in SEALED.items()}
        wanted: dict[str, Any] = {name: getattr(row, name) for name in (*PLAIN, *SEALED)}
        stored |= {"class_code": self._class_codes[pupil.class_id], "left_behind": pupil.register_left_behind}
        wanted |= {"class_code": row.class_code, "left_behind": row.left_behind}
        stored["is_enrolled"], wanted["is_enrolled"] = pupil.left_on is None, True
        kept = self._family.get(pupil.id, [])
        own = {member.position for member in kept if member.is_own}
        for member in kept:
            if member.position not in own:
                stored[f"family{member.position}"] = self._member(member)
        for listed in row.family:
            # Whom the school changed or removed itself, the register does not bring back.
            if listed.position not in own:
                wanted[f"family{listed.position}"] = _listed(listed)
        return [
            FieldChange(name, stored.get(name), wanted.get(name))
            for name in sorted(stored.keys() | wanted.keys())
            if stored.get(name) != wanted.get(name)
            and not (name in KEPT_WHEN_BLANK and wanted.get(name) is None)
        ]

    def rejected(self, parsed: ParsedRegister) -> set[int]:
        """Pupils whose rows were rejected, so far as a number or a name still tells: they have not left."""
        at = {heading: place for place, heading in enumerate(parsed.headings)}
        found = set()
        for number in parsed.rejected:
            cells = parsed.cells[number]
            text = number_of(cells[at["身份证件号"]]) if "身份证件号" in at else ""
            pupil = self._by_digest.get(self._cipher.digest(text))
            name = name_of(cells[at["姓名"]])
            # By both: of two rows with one number, the other child is known by its name alone.
            found |= {one.id for one in self.pupils if one.name == name or one is pupil}
        return found

    def _member(self, member: Guardian) -> Mapping[str, Any]:
        plain = {name: getattr(member, name) for name in MEMBER_PLAIN}
        return plain | {name: self._opened(member, column) for name, column in MEMBER_SEALED.items()}

    def _opened(self, row: Pupil | Guardian, column: str) -> str | None:
        return self._cipher.open(getattr(row, column), table=row.__tablename__, column=column, row_id=row.id)


def _is_move(change: FieldChange) -> bool:
    """Whether a parent has another address: of one parent away it says which."""
    if not change.name.startswith("family"):
        return False
    old, new = change.old or {}, change.new or {}
    return (new or old).get("relation") in PARENTS and old.get("address") != new.get("address")


def _listed(member: FamilyMember) -> Mapping[str, Any]:
    return {name: getattr(member, name) for name in (*MEMBER_PLAIN, *MEMBER_SEALED)}


def plain_values(row: RegisterRow) -> dict[str, Any]:
    """What of a row is stored as it is."""
    return {name: getattr(row, name) for name in PLAIN} | {
        "pinyin": searchable(row.name),
        "register_left_behind": row.left_behind,
    }
