"""The forms of this feature's registers: their fields bear the names of the rows' fields."""

from datetime import date

from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from lxsaas.accounts.access import realm
from lxsaas.duty_rules.queries import last_term
from lxsaas.organisation import labels
from lxsaas.organisation.queries import members_of
from lxsaas.pupils.models import Pupil
from lxsaas.registers.fields import ClassField, StaffTicks, TermField
from lxsaas.registers.forms import RegisterForm, StaffField, choice, day, line, long_text

BODY = 20_000
"""Characters of the longest plan or rule."""


class GroupMemberForm(RegisterForm):
    term = TermField(lazy_gettext("Term"))
    staff_id = StaffField(lazy_gettext("Colleague"))
    position = choice(lazy_gettext("Position"), labels.POSITIONS)
    duty = long_text(lazy_gettext("Duty in the group"), optional=True, limit=500)


class GroupMeetingForm(RegisterForm):
    held_on = day(lazy_gettext("Held on"))
    place = line(lazy_gettext("Place"), optional=True)
    attended = StaffTicks(lazy_gettext("Who was there"), needed=True)
    agenda = long_text(lazy_gettext("Agenda"), description=lazy_gettext("One point to a line."))
    minutes = long_text(
        lazy_gettext("Minutes of the meeting"),
        optional=True,
        limit=BODY,
        rows=8,
        description=lazy_gettext("Without names of children: what concerns one child belongs in its file."),
    )

    def offer_more(self, session: Session, *, pupil: Pupil | None, today: date) -> None:
        """The group's members first: of a large staff they are who is tapped."""
        term = session.scalars(last_term(realm().district_id, today)).one_or_none()
        members = {member.staff_id for member, _ in session.execute(members_of(term.name))} if term else set()
        self.attended.choices.sort(key=lambda one: one.value not in members)


class GroupDecisionForm(RegisterForm):
    words = long_text(lazy_gettext("What was decided"), limit=500)
    staff_id = StaffField(lazy_gettext("Who sees to it"))
    due_on = day(lazy_gettext("Due on"))
    done_on = day(lazy_gettext("Done on"), optional=True)
    outcome = long_text(lazy_gettext("Outcome of the decision"), optional=True, limit=500)


class PlanDocumentForm(RegisterForm):
    kind = choice(lazy_gettext("Document type"), labels.DOCUMENTS)
    title = line(lazy_gettext("Title"))
    body = long_text(
        lazy_gettext("Body text"),
        limit=BODY,
        rows=18,
        description=lazy_gettext("A line that begins with # is a heading, one that begins with - an item."),
    )


class ClassActivityForm(RegisterForm):
    class_id = ClassField(lazy_gettext("Class"))
    week_on = day(lazy_gettext("Week"), description=lazy_gettext("Any day of the week."))
    planned = long_text(lazy_gettext("What is planned"), limit=500)
    held_on = day(lazy_gettext("Done on"), optional=True)
    done = long_text(lazy_gettext("What was done"), optional=True, limit=1000)
