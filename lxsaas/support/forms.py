"""The forms of this feature's registers: their fields bear the names of the rows' fields."""

from flask_babel import lazy_gettext

from lxsaas.registers.fields import TermField
from lxsaas.registers.forms import (
    ClassmateField,
    RegisterForm,
    StaffField,
    choice,
    choices,
    day,
    line,
    long_text,
    money,
    tick,
)
from lxsaas.support import labels


class PairingForm(RegisterForm):
    kind = choice(lazy_gettext("Kind of helper"), labels.PAIRING_KINDS)
    staff_id = StaffField(lazy_gettext("Colleague"), optional=True)
    helper_pupil_id = ClassmateField(lazy_gettext("Classmate"))
    helper_name = line(
        lazy_gettext("Somebody else"), optional=True, description=lazy_gettext("Neighbour, volunteer …")
    )
    starts_on = day(lazy_gettext("From"))
    ends_on = day(lazy_gettext("Until"), optional=True)
    end_reason = choice(lazy_gettext("Why it ended"), labels.END_REASONS, optional=True)


class PairingCheckForm(RegisterForm):
    checked_on = day(lazy_gettext("Day"))
    finding = choice(lazy_gettext("Finding"), labels.FINDINGS)
    words = long_text(lazy_gettext("In words"), optional=True)


class HelpPlanForm(RegisterForm):
    term = TermField(lazy_gettext("Term"))
    level = choice(lazy_gettext("Group"), labels.LEVELS)
    lacks = choices(lazy_gettext("Focus among the five lacks"), labels.LACKS)
    priorities = choices(lazy_gettext("Four priorities"), labels.PRIORITIES)
    goals = long_text(lazy_gettext("Goals"))
    contents = long_text(lazy_gettext("What is done"), optional=True)
    times = line(lazy_gettext("When"), optional=True)
    teacher_id = StaffField(lazy_gettext("Subject teacher"), optional=True)
    result = choice(lazy_gettext("Result"), labels.RESULTS, optional=True)
    result_words = long_text(lazy_gettext("Result in words"), optional=True)


class PlanStepForm(RegisterForm):
    words = long_text(lazy_gettext("Step"), limit=500)
    due_on = day(lazy_gettext("By"))
    done_on = day(lazy_gettext("Done on"), optional=True)


class PlanReviewForm(RegisterForm):
    reviewed_on = day(lazy_gettext("Day"))
    standing = choice(lazy_gettext("How it stands"), labels.STANDINGS)
    words = long_text(lazy_gettext("In words"), optional=True)


class ConductCaseForm(RegisterForm):
    opened_on = day(lazy_gettext("Since"))
    problems = choices(lazy_gettext("Problem"), labels.PROBLEMS)
    words = long_text(lazy_gettext("In words"), optional=True)
    agreed = long_text(lazy_gettext("What was agreed"), optional=True)
    closed_on = day(lazy_gettext("Closed on"), optional=True)
    outcome = choice(lazy_gettext("What came of it"), labels.OUTCOMES, optional=True)
    outcome_words = long_text(lazy_gettext("The outcome in words"), optional=True)


class MustVisitForm(RegisterForm):
    reason = choice(lazy_gettext("Reason"), labels.VISIT_REASONS)
    raised_on = day(lazy_gettext("Noticed on"))
    words = long_text(lazy_gettext("In words"), optional=True)


class AttendanceForm(RegisterForm):
    kind = choice(lazy_gettext("What happened"), labels.ATTENDANCE)
    occurred_on = day(lazy_gettext("Day"))
    is_excused = tick(lazy_gettext("With an excuse"))
    words = long_text(lazy_gettext("In words"), optional=True, limit=500)


class DropOutForm(RegisterForm):
    since_on = day(lazy_gettext("Away from school since"))
    reason = choice(lazy_gettext("Reason"), labels.DROP_OUT_REASONS)
    words = long_text(lazy_gettext("In words"), optional=True)
    returned_on = day(lazy_gettext("Back at school on"), optional=True)


class DropOutStepForm(RegisterForm):
    done_on = day(lazy_gettext("Day"))
    means = choice(lazy_gettext("How"), labels.STEP_MEANS)
    words = long_text(lazy_gettext("What came of it"))


class AidForm(RegisterForm):
    kind = choice(lazy_gettext("Kind"), labels.AIDS)
    received_on = day(lazy_gettext("Received on"))
    amount_cents = money(lazy_gettext("Amount in yuan"))
    source = line(lazy_gettext("From whom"), optional=True)
