"""Reads one row of a register, collecting all that is wrong with it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from lxsaas.pupils.register import codes
from lxsaas.pupils.register.columns import MEMBER, cell_of
from lxsaas.pupils.register.problems import RowProblem
from lxsaas.pupils.register.rows import FamilyMember, RegisterRow
from lxsaas.pupils.register.values import (
    Cell,
    date_of,
    identity_fault,
    lost_digits,
    month_of,
    name_of,
    number_of,
    text_of,
)

LONGEST_NAME = 60
_AHEAD = timedelta(days=366)
"""Pupils are entered some months before they come."""
LONGEST_TEXT = 300


class RowReader:
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
        return cell_of(self._row, self._columns, heading)

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
        elif month > self._today + _AHEAD:
            self._note("入学年月", "future_date")
        return month

    def identity(self, born_on: date | None) -> tuple[str, str | None]:
        """Kind and number of the document; some children have none yet, a wrong one is refused."""
        kind = self.option("身份证件类型", codes.IDENTITY_TYPE) or codes.RESIDENT_CARD
        cell = self.cell("身份证件号")
        number = number_of(cell)
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
        listed = (MEMBER.fullmatch(heading) for heading in self._columns)
        positions = sorted(int(match[1]) for match in listed if match and match[2] == "姓名")
        members = (self._member(position) for position in positions)
        return tuple(member for member in members if member is not None)

    def _member(self, position: int) -> FamilyMember | None:
        def named(what: str) -> str:
            return f"成员{position}{what}"

        name = self.name(named("姓名"))
        if not name:
            return None
        relation = self.option(named("关系"), codes.RELATION) or "99"
        note = self.text(named("关系说明")) or codes.UNCOMMON.get(relation)
        return FamilyMember(
            position=position, name=name, relation=relation,
            relation_note=note, address=self.text(named("现住址")),
            phone=self.text(named("联系电话")), is_guardian=self.yes(named("是否监护人")),
            identity_number=self.member_number(named("身份证件号")), workplace=self.text(named("工作单位")),
            duty=self.text(named("职务")),
        )  # fmt: skip

    def member_number(self, heading: str) -> str | None:
        """Not checked like a pupil's, as nobody is recognised by it; but never kept with digits lost."""
        if lost_digits(self.cell(heading)):
            self._note(heading, "digits_lost")
        return number_of(self.cell(heading)) or None

    def _note(self, heading: str, code: str) -> None:
        self.problems.append(RowProblem(self._number, heading, text_of(self.cell(heading)), code))
