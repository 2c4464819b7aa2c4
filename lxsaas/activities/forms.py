"""The forms of what a school arranges; their fields bear the names of the rows' fields."""

from flask_babel import lazy_gettext
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired

from lxsaas.activities import labels
from lxsaas.registers.fields import ClassField, StaffTicks
from lxsaas.registers.forms import (
    RegisterForm,
    StaffField,
    as_number,
    choice,
    clock_time,
    day,
    line,
    long_text,
    money,
    number,
)


def weekday(label: object) -> SelectField:
    """A day of the week, 1 for Monday."""
    days = [SelectChoice(number, lazy_gettext(name)) for number, name in labels.WEEKDAYS.items()]
    return SelectField(
        label, choices=[SelectChoice("", lazy_gettext("Choose …")), *days], coerce=as_number,
        validators=[InputRequired(lazy_gettext("Choose one."))],
    )  # fmt: skip


class HomeRoomForm(RegisterForm):
    name = line(lazy_gettext("Name of the room"))
    place = line(lazy_gettext("Where it is"), optional=True)
    seats = number(lazy_gettext("Seats"), least=1, most=1000, optional=True)
    keeper_id = StaffField(lazy_gettext("Who answers for it"), optional=True)
    words = long_text(lazy_gettext("In words"), optional=True)


class HomeItemForm(RegisterForm):
    name = line(lazy_gettext("What it is"))
    kind = choice(lazy_gettext("Kind"), labels.ITEMS)
    quantity = number(lazy_gettext("How many"), least=1, most=100_000)
    condition = choice(lazy_gettext("Condition"), labels.CONDITIONS)
    checked_on = day(lazy_gettext("Looked at on"))
    words = long_text(lazy_gettext("In words"), optional=True)


class HomeDutyForm(RegisterForm):
    weekday = weekday(lazy_gettext("Day of the week"))
    opens_at = clock_time(lazy_gettext("Opens at"))
    closes_at = clock_time(lazy_gettext("Closes at"))
    first_staff_id = StaffField(lazy_gettext("First on duty"))
    second_staff_id = StaffField(lazy_gettext("Second on duty"))
    starts_on = day(lazy_gettext("From"))
    ends_on = day(lazy_gettext("Until"), optional=True)


class HomeOpeningForm(RegisterForm):
    opened_on = day(lazy_gettext("Day"))
    opens_at = clock_time(lazy_gettext("Open from"))
    closes_at = clock_time(lazy_gettext("Closed at"), optional=True)
    staff_ids = StaffTicks(
        lazy_gettext("On duty"), description=lazy_gettext("An opening counts with two colleagues on duty.")
    )
    calls = number(lazy_gettext("Calls to parents"), most=1000, optional=True)
    words = long_text(lazy_gettext("In words"), optional=True)


class ActivityForm(RegisterForm):
    kind = choice(lazy_gettext("Kind"), labels.ACTIVITIES)
    title = line(lazy_gettext("Title"))
    held_on = day(
        lazy_gettext("Day"), description=lazy_gettext("A day to come: it is planned and counts from then on.")
    )
    place = line(lazy_gettext("Place"), optional=True)
    plan = long_text(lazy_gettext("Plan"), optional=True)
    words = long_text(lazy_gettext("What happened"), optional=True)
    cost_cents = money(lazy_gettext("Cost in yuan"))


class CornerEntryForm(RegisterForm):
    kind = choice(lazy_gettext("Kind"), labels.WORKS)
    author = choice(lazy_gettext("By whom"), labels.AUTHORS)
    title = line(lazy_gettext("Title"))
    words = long_text(
        lazy_gettext("Text"), optional=True,
        description=lazy_gettext("Without names of children: it may hang where everybody sees it."),
    )  # fmt: skip
    made_on = day(lazy_gettext("Day"))
    by_line = line(
        lazy_gettext("Signed as"), optional=True,
        description=lazy_gettext("What stands under it on the wall; left empty, the class."),
    )  # fmt: skip


class ParentsSessionForm(RegisterForm):
    topic = line(lazy_gettext("Topic"))
    held_on = day(lazy_gettext("Day"))
    minutes = number(
        lazy_gettext("Minutes"),
        least=1,
        most=600,
        description=lazy_gettext("A session counts from 40 minutes."),
    )
    notice_on = day(
        lazy_gettext("Families told on"), optional=True,
        description=lazy_gettext("A session counts when families were told before the day."),
    )  # fmt: skip
    place = line(lazy_gettext("Place"), optional=True)
    teacher = choice(lazy_gettext("Who teaches"), labels.TEACHERS)
    teacher_name = line(lazy_gettext("Name of who teaches"), optional=True)
    material = line(lazy_gettext("Material"), optional=True)
    cost_cents = money(lazy_gettext("Cost in yuan"))


class ParentsSchoolMemberForm(RegisterForm):
    side = choice(lazy_gettext("Belongs to"), labels.SIDES)
    position = choice(lazy_gettext("Position"), labels.POSITIONS)
    name = line(lazy_gettext("Name"))
    duty = line(lazy_gettext("Duty"), optional=True)
    phone = line(lazy_gettext("Telephone"), optional=True, limit=30)
    starts_on = day(lazy_gettext("From"))
    ends_on = day(lazy_gettext("Until"), optional=True)


class ParentsSchoolTeacherForm(RegisterForm):
    kind = choice(lazy_gettext("Kind"), labels.TEACHERS)
    name = line(lazy_gettext("Name"))
    subject = line(lazy_gettext("Teaches about"), optional=True)
    starts_on = day(lazy_gettext("From"))
    ends_on = day(lazy_gettext("Until"), optional=True)


class ParentsSchoolMoneyForm(RegisterForm):
    kind = choice(lazy_gettext("Kind"), labels.MONEY)
    on_day = day(lazy_gettext("Day"))
    amount_cents = money(lazy_gettext("Amount in yuan"), optional=False)
    words = line(lazy_gettext("What for"))


class ParentsSchoolMaterialForm(RegisterForm):
    kind = choice(lazy_gettext("Kind"), labels.MATERIAL)
    title = line(lazy_gettext("Title"))
    copies = number(lazy_gettext("Copies"), least=1, most=100_000)
    got_on = day(lazy_gettext("Received on"))
    source = line(lazy_gettext("From whom"), optional=True)


class FamilyEventForm(RegisterForm):
    kind = choice(lazy_gettext("Kind"), labels.EVENTS)
    title = line(lazy_gettext("Title"))
    held_on = day(lazy_gettext("Day"))
    place = line(lazy_gettext("Place"), optional=True)
    class_id = ClassField(
        lazy_gettext("Class"), optional=True, description=lazy_gettext("Left empty: the whole school.")
    )
    plan = long_text(lazy_gettext("Plan"), optional=True)
    findings = long_text(lazy_gettext("Findings"), optional=True)
