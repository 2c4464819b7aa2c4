"""What a register's sheet says: pupils, their families, who is away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from lxsaas.pupils.register import codes
from lxsaas.pupils.register.problems import RowProblem
from lxsaas.pupils.register.values import Cell


@dataclass(frozen=True)
class FamilyMember:
    """成员N of a pupil."""

    position: int
    name: str
    relation: str
    relation_note: str | None
    address: str | None
    phone: str | None
    is_guardian: bool | None
    identity_number: str | None
    workplace: str | None
    duty: str | None


@dataclass(frozen=True)
class AbsenceEvidence:
    """A parent whom the register says is away."""

    parent: Literal["father", "mother", "unknown"]
    place: str | None


@dataclass(frozen=True)
class RegisterRow:
    """One accepted pupil; only what care needs is taken from the sheet."""

    row: int
    name: str = field(repr=False)
    sex: str
    born_on: date
    class_code: str
    left_behind: int
    identity_type: str
    identity_number: str | None = field(repr=False)
    national_number: str | None
    seat_number: str | None
    ethnicity: str | None
    health: str | None
    disability: str | None
    is_rural: bool | None
    household_place: str | None
    enrolled_month: date | None
    is_boarding: bool | None
    is_orphan: bool | None
    needs_aid: bool | None
    receives_aid: bool | None
    address: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    family: tuple[FamilyMember, ...] = field(repr=False)

    @property
    def absences(self) -> tuple[AbsenceEvidence, ...]:
        """Who is away, and where the register shows it: a parent whose address is not the child's.

        Of one parent away it may not say which; then the parent is 'unknown'.
        """
        away = {
            codes.PARENTS[member.relation]: member.address
            for member in self.family
            if member.relation in codes.PARENTS
            and member.address
            and "".join(member.address.split()) != "".join((self.address or "").split())
        }
        if self.left_behind == 2:
            return AbsenceEvidence("father", away.get("father")), AbsenceEvidence(
                "mother", away.get("mother")
            )
        if self.left_behind == 1:
            if "father" in away and "mother" not in away:
                return (AbsenceEvidence("father", away["father"]),)
            if "mother" in away and "father" not in away:
                return (AbsenceEvidence("mother", away["mother"]),)
            return (AbsenceEvidence("unknown", None),)
        return ()


@dataclass(frozen=True)
class ParsedRegister:
    """A whole sheet: every pupil is either accepted or has problems."""

    headings: Sequence[str]
    cells: Mapping[int, Sequence[Cell]] = field(repr=False)
    """The rows as they stand, by their number from the first pupil."""
    accepted: Sequence[RegisterRow] = field(repr=False)
    problems: Sequence[RowProblem]

    @property
    def row_count(self) -> int:
        return len(self.cells)

    @property
    def rejected(self) -> list[int]:
        """Numbers of the rejected rows."""
        return sorted({problem.row for problem in self.problems})
