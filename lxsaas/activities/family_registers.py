"""The registers of the parents' school and of the days on which home and school meet, declared (P25, P26)."""

from lxsaas.activities import checks, family_models, forms
from lxsaas.activities.registers import (
    EVERYBODY,
    TARGETS,
    as_invited,
    in_force,
    to_come,
    today_as,
    without,
)
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.registers.register import Filter, Lead, Register
from lxsaas.registers.rosters import Roster

P = Permission
Session, Event = family_models.ParentsSession, family_models.FamilyEvent

PRESENT = Roster(
    "present", family_models.SessionAttendance, "session_id", N_("Families present"), N_("Tap who is here"),
    "users", with_family=True,
)  # fmt: skip
INVITED = Roster(
    "invited", family_models.EventInvitation, "event_id", N_("Families invited"), N_("Invite"), "mail",
    rules=(TARGETS, EVERYBODY),
)  # fmt: skip
CAME = Roster(
    "came", family_models.EventAttendance, "event_id", N_("Families who came or were visited"),
    N_("Tap who came"), "users", with_family=True, after=INVITED, rules=(as_invited(INVITED),),
)  # fmt: skip

SESSIONS = Register(
    "parents-sessions", Session, forms.ParentsSessionForm, N_("Sessions of the parents’ school"),
    N_("Session"), N_("Plan a session"), "school",
    ("topic", "held_on", "minutes", "notice_on", "teacher", "cost_cents"), area="", of_child=False,
    ordered_by="held_on", searched=("topic", "place", "teacher_name"), counted_on="held_on",
    filters=(
        to_come(Session),
        Filter("untold", N_("Families not told yet"), lambda _today: Session.notice_on.is_(None)),
        without(PRESENT, Session, N_("Over, nobody entered yet")),
    ),
    check=checks.check_session, rosters=(PRESENT,), defaults=today_as(minutes=60, teacher="own_staff"),
    row_leads_to=(Lead("activities.session_notice", N_("Notice to families"), "mail", P.RECORD_CARE),),
    help=N_("Two sessions a term of 40 minutes or more; families are told before."),
)  # fmt: skip
MEMBERS = Register(
    "parents-school-members", family_models.ParentsSchoolMember, forms.ParentsSchoolMemberForm,
    N_("Leading group and parents’ committee"), N_("Member"), N_("Enter a member"), "users",
    ("name", "side", "position", "duty", "starts_on", "ends_on"), record=P.KEEP_SCHOOL_LIFE, area="",
    of_child=False, ordered_by="starts_on", searched=("name", "duty"),
    filters=(in_force(family_models.ParentsSchoolMember),), check=checks.check_arranged,
    defaults=today_as("starts_on", side="committee", position="member"), with_files=False,
)  # fmt: skip
TEACHERS = Register(
    "parents-school-teachers", family_models.ParentsSchoolTeacher, forms.ParentsSchoolTeacherForm,
    N_("Teachers of the parents’ school"), N_("Teacher"), N_("Enter a teacher"), "id",
    ("name", "kind", "subject", "starts_on", "ends_on"), record=P.KEEP_SCHOOL_LIFE, area="", of_child=False,
    ordered_by="starts_on", searched=("name", "subject"),
    filters=(in_force(family_models.ParentsSchoolTeacher),), check=checks.check_arranged,
    defaults=today_as("starts_on"),
)  # fmt: skip
MONEY = Register(
    "parents-school-money", family_models.ParentsSchoolMoney, forms.ParentsSchoolMoneyForm,
    N_("Budget and spending"), N_("Amount"), N_("Enter an amount"), "clipboard-text",
    ("words", "kind", "on_day", "amount_cents"), record=P.KEEP_SCHOOL_LIFE, area="", of_child=False,
    ordered_by="on_day", searched=("words",), check=checks.check_money,
    defaults=today_as("on_day", kind="spending"),
    help=N_("What a session costs stands with the session; here is what else was spent, and the budget."),
)  # fmt: skip
MATERIAL = Register(
    "parents-school-material", family_models.ParentsSchoolMaterial, forms.ParentsSchoolMaterialForm,
    N_("Textbooks and material"), N_("Material"), N_("Enter material"), "clipboard-text",
    ("title", "kind", "copies", "got_on", "source"), record=P.KEEP_SCHOOL_LIFE, area="", of_child=False,
    ordered_by="got_on", searched=("title", "source"), check=checks.check_arranged,
    defaults=today_as("got_on", kind="textbook"),
)  # fmt: skip
EVENTS = Register(
    "family-events", Event, forms.FamilyEventForm, N_("Home and school"), N_("Meeting of home and school"),
    N_("Plan a meeting"), "home-heart", ("title", "kind", "held_on", "class_id", "place"), area="life",
    of_child=False, ordered_by="held_on", searched=("title", "place", "findings"),
    filters=(to_come(Event), without(CAME, Event, N_("Over, nobody entered yet"))),
    check=checks.check_arranged, defaults=today_as("held_on"), rosters=(INVITED, CAME),
    help=N_("Parents’ meetings, open days and days on which teachers visit homes together."),
)  # fmt: skip
ALL = (SESSIONS, MEMBERS, TEACHERS, MONEY, MATERIAL, EVENTS)
