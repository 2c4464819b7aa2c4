"""From a sheet's rows to clean pupils, with every problem of every row."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from lxsaas.pupils.register import codes
from lxsaas.pupils.register.problems import RegisterFileError, RowProblem
from lxsaas.pupils.register.values import (
    Cell,
    date_of,
    identity_fault,
    lost_digits,
    month_of,
    name_of,
    text_of,
)
from lxsaas.pupils.register.workbook import Sheet

REQUIRED = ("姓名", "性别", "出生日期", "班号", "是否留守儿童")
"""Columns without which no pupil can be recognised and counted; each cell of theirs must hold a value too."""
LONGEST_NAME = 60
LONGEST_TEXT = 300


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
            {codes.FATHER: "father", codes.MOTHER: "mother"}[member.relation]: member.address
            for member in self.family
            if member.relation in (codes.FATHER, codes.MOTHER)
            and member.address
            and member.address != self.address
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


Progress = Callable[[int, int], object]


def parse_rows(
    sheet: Sheet, *, school_register_code: str, today: date, on_progress: Progress | None = None
) -> ParsedRegister:
    """Every row cleaned and checked. Raises RegisterFileError for missing or doubled columns."""
    columns = _columns(sheet.headings)
    filled = [row for row in sheet.rows if any(text_of(cell) for cell in row)]
    cells = dict(enumerate(filled, 1))
    accepted: list[RegisterRow] = []
    problems: list[RowProblem] = []
    for number, row in cells.items():
        reader = _RowReader(number, row, columns, today)
        pupil = reader.read(school_register_code)
        problems += reader.problems
        if pupil is not None and not reader.problems:
            accepted.append(pupil)
        if on_progress and (number % 100 == 0 or number == len(cells)):
            on_progress(number, len(cells))
    doubled = _doubled_identities(cells, columns)
    problems += doubled
    bad = {problem.row for problem in doubled}
    good = [pupil for pupil in accepted if pupil.row not in bad]
    return ParsedRegister(sheet.headings, cells, good, sorted(problems, key=lambda one: one.row))


def _columns(headings: Sequence[str]) -> Mapping[str, int]:
    counts = Counter(heading for heading in headings if heading)
    twice = [heading for heading, count in counts.items() if count > 1]
    if twice:
        raise RegisterFileError("columns_twice", columns="、".join(twice))
    missing = [heading for heading in REQUIRED if heading not in counts]
    if missing:
        raise RegisterFileError("columns_missing", columns="、".join(missing))
    return {heading: at for at, heading in enumerate(headings) if heading}


def _doubled_identities(cells: Mapping[int, Sequence[Cell]], columns: Mapping[str, int]) -> list[RowProblem]:
    """A number in two rows rejects both: nobody can tell whose it is."""
    at = columns.get("身份证件号")
    if at is None:
        return []
    numbers = {number: text_of(row[at]).upper() for number, row in cells.items()}
    counts = Counter(text for text in numbers.values() if text)
    return [
        RowProblem(number, "身份证件号", text, "duplicate_identity")
        for number, text in numbers.items()
        if text and counts[text] > 1
    ]


class _RowReader:
    """Reads one row, collecting what is wrong with it."""

    def __init__(self, number: int, row: Sequence[Cell], columns: Mapping[str, int], today: date) -> None:
        self._number, self._row, self._columns, self._today = number, row, columns, today
        self.problems: list[RowProblem] = []

    def read(self, school_register_code: str) -> RegisterRow | None:
        """The pupil, as far as it can be read; only complete where no problem was found."""
        stated = self.text("学校标识码")
        if stated and stated != school_register_code:
            self._note("学校标识码", "other_school")
        name = self.name("姓名", required=True)
        sex = self.option("性别", codes.SEX, required=True)
        born_on = self.birth_date()
        class_code = self.class_code()
        left_behind = self.option("是否留守儿童", codes.LEFT_BEHIND, required=True)
        identity_type, identity_number = self.identity(born_on)
        enrolled = self.enrolled_month()
        household = self.option("户口性质", codes.HOUSEHOLD)
        boarding = self.option("就读方式", codes.BOARDING)
        family = self.family()
        health = self.option("健康状况", codes.HEALTH)
        if self.problems or born_on is None:
            return None
        return RegisterRow(
            row=self._number, name=name, sex="male" if sex == "1" else "female", born_on=born_on,
            class_code=class_code, left_behind=int(left_behind or 0), identity_type=identity_type,
            identity_number=identity_number, national_number=self.text("学籍辅号"),
            seat_number=self.text("班内学号"), ethnicity=self.text("民族"), health=health,
            disability=self.text("残疾类型"), is_rural=None if household is None else household == "1",
            household_place=self.text("户口所在地行政区划"), enrolled_month=enrolled,
            is_boarding=None if boarding is None else boarding == "2", is_orphan=self.yes("是否孤儿"),
            needs_aid=self.yes("是否需要申请资助"), receives_aid=self.yes("是否享受一补"),
            address=self.text("现住址"), phone=self.text("联系电话"), family=family,
        )  # fmt: skip

    def cell(self, heading: str) -> Cell:
        at = self._columns.get(heading)
        return self._row[at] if at is not None and at < len(self._row) else None

    def text(self, heading: str) -> str | None:
        text = text_of(self.cell(heading))
        if len(text) > LONGEST_TEXT:
            self._note(heading, "too_long")
        return text or None

    def name(self, heading: str, *, required: bool = False) -> str:
        name = name_of(self.cell(heading))
        if required and not name:
            self._note(heading, "missing")
        if len(name) > LONGEST_NAME:
            self._note(heading, "too_long")
        return name

    def option(self, heading: str, options: Mapping[str, str], *, required: bool = False) -> str | None:
        text = text_of(self.cell(heading)).replace(" ", "")
        if not text:
            if required:
                self._note(heading, "missing")
            return None
        code = codes.code_of(text, options)
        if code is None:
            self._note(heading, "unknown_code")
        return code

    def yes(self, heading: str) -> bool | None:
        """A yes or no that matters to nobody's counting: what is not clear is not known."""
        code = codes.code_of(text_of(self.cell(heading)), codes.YES_NO)
        return None if code is None else code == "1"

    def birth_date(self) -> date | None:
        if not text_of(self.cell("出生日期")):
            self._note("出生日期", "missing")
            return None
        born_on = date_of(self.cell("出生日期"))
        if born_on is None or born_on.year < 1980:
            self._note("出生日期", "impossible_date")
            return None
        if born_on > self._today:
            self._note("出生日期", "future_date")
        return born_on

    def class_code(self) -> str:
        """班号, four digits: grade and class; a number cell has lost the leading zero."""
        text = text_of(self.cell("班号")).replace(" ", "")
        if not text:
            self._note("班号", "missing")
        elif not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text.zfill(4)[:2]) <= 12):
            self._note("班号", "class_form")
        return text.zfill(4)

    def enrolled_month(self) -> date | None:
        if not text_of(self.cell("入学年月")):
            return None
        month = month_of(self.cell("入学年月"))
        if month is None:
            self._note("入学年月", "impossible_date")
        return month

    def identity(self, born_on: date | None) -> tuple[str, str | None]:
        """Kind and number of the document; some children have none yet, a wrong one is refused."""
        kind = self.option("身份证件类型", codes.IDENTITY_TYPE) or codes.RESIDENT_CARD
        cell = self.cell("身份证件号")
        number = text_of(cell).replace(" ", "").upper()
        if not number:
            return kind, None
        if lost_digits(cell):
            self._note("身份证件号", "digits_lost")
        elif kind == codes.RESIDENT_CARD:
            # Where the date of birth is already wrong, the number is not blamed for it too.
            fault = identity_fault(number, born_on)
            if fault:
                self._note("身份证件号", fault)
        elif len(number) > 30:
            self._note("身份证件号", "too_long")
        return kind, number

    def family(self) -> tuple[FamilyMember, ...]:
        members = []
        position = 1
        while f"成员{position}姓名" in self._columns:
            member = self._member(position)
            if member is not None:
                members.append(member)
            position += 1
        return tuple(members)

    def _member(self, position: int) -> FamilyMember | None:
        def named(what: str) -> str:
            return f"成员{position}{what}"

        name = self.name(named("姓名"))
        if not name:
            return None
        return FamilyMember(
            position=position, name=name, relation=self.option(named("关系"), codes.RELATION) or "99",
            relation_note=self.text(named("关系说明")), address=self.text(named("现住址")),
            phone=self.text(named("联系电话")), is_guardian=self.yes(named("是否监护人")),
            identity_number=self.text(named("身份证件号")), workplace=self.text(named("工作单位")),
            duty=self.text(named("职务")),
        )  # fmt: skip

    def _note(self, heading: str, code: str) -> None:
        self.problems.append(RowProblem(self._number, heading, text_of(self.cell(heading)), code))
