"""What a role may do: one enum, one table of who has it."""

from collections.abc import Iterable
from enum import StrEnum


class Permission(StrEnum):
    """Named by what is done; enforced by `requires` on each route and by the queries' own reach."""

    VIEW_PUPILS = "view_pupils"
    """See the pupils within one's reach: own class, or the whole school with VIEW_WHOLE_SCHOOL."""
    VIEW_WHOLE_SCHOOL = "view_whole_school"
    """See every class of the school."""
    VIEW_SECRETS = "view_secrets"
    """See sealed fields (numbers, addresses) of pupils within reach; each sight is logged."""
    RECORD_CARE = "record_care"
    """Record talks, visits and calls for pupils within reach."""
    EDIT_FILES = "edit_files"
    """Keep the files of pupils within reach: the five things known, family, absences, entrustment."""
    RECORD_EXAMS = "record_exams"
    """Enter exam results of classes within reach."""
    MANAGE_YEAR = "manage_year"
    """Move classes up, hand files over, let pupils transfer, open the term's survey."""
    SET_DUTIES = "set_duties"
    """Set how often each duty is owed at the school, and the days until one is late."""
    COUNSEL = "counsel"
    """Keep one's own confidential cases and read the letterbox."""
    VIEW_RISK = "view_risk"
    """See which children are at high risk; not what was said."""
    REPORT_HARM = "report_harm"
    """Open a mandatory report and follow those that one opened: everybody at a school (Minors Protection
    Law, art. 11)."""
    FOLLOW_HARM = "follow_harm"
    """See every mandatory report of the school, and share one with the district."""
    DECIDE_AWARDS = "decide_awards"
    """Decide who is given an award of the school."""
    VIEW_AUDIT = "view_audit"
    """See who saw and did what, and take out the yearly audit pack."""
    KEEP_SCHOOL_LIFE = "keep_school_life"
    """Keep what stands behind the children's home and the parents' school: rooms, inventory, duty roster,
    committee, teachers, money, material; choose what hangs on the love corner's wall."""
    IMPORT_REGISTER = "import_register"
    """Upload the register's workbook, see its preview, apply it."""
    MANAGE_STAFF = "manage_staff"
    """Invite colleagues, change their roles and classes, end their sessions."""
    VIEW_ORGANISATION = "view_organisation"
    """Read the school's plans and rules, confirm it; see the leading group, as a member its meetings."""
    MANAGE_ORGANISATION = "manage_organisation"
    """Keep the leading group, its meetings and decisions, publish plans and rules, see who has read them."""
    EVALUATE = "evaluate"
    """See every homeroom teacher's score of the year and set what each part weighs; each sees the own."""
    WRITE_SUMMARY = "write_summary"
    """Write the school's annual summary."""
    CHOOSE_TEMPLATES = "choose_templates"
    """Bring the school's own Word templates for its documents, and put them aside."""
    FREEZE_SUMMARY = "freeze_summary"
    """Make an annual summary final."""
    VIEW_OVERVIEW = "view_overview"
    """See what is due and what went silent in the whole school: the principal's first page."""
    VIEW_SCHOOL_FIGURES = "view_school_figures"
    """See the school's own indicators."""
    FILE_STATISTICS = "file_statistics"
    """See the term's statistics with the children behind each figure, draft and sent; take them out."""
    SIGN_FILINGS = "sign_filings"
    """Sign the term's statistics, which sends them: with the own password once more."""
    VIEW_DISTRICT_FIGURES = "view_district_figures"
    """See the published figures of the district."""
    VIEW_DISTRICT_SUMMARY = "view_district_summary"
    """Take out the district's own annual summary, made of published figures of all its schools."""
    RECEIVE_SUMMARIES = "receive_summaries"
    """See which schools have sent an annual summary and take the document out: their words, exact figures."""
    VIEW_HARM_STATES = "view_harm_states"
    """See which school has a mandatory report, how old it is and how it stands, and what a school shared."""
    REVIEW_FILINGS = "review_filings"
    """See what schools have filed, in exact numbers, accept or return it, remind the late."""
    SET_FILINGS = "set_filings"
    """Say for which day and under which definition the schools file, and by when; when summaries are due."""
    SET_DISTRICT_DUTIES = "set_district_duties"
    """Set how often each duty is owed, for the schools that have not set it themselves."""
    MANAGE_DISTRICT_STAFF = "manage_district_staff"
    """Invite officers and analysts."""
    MANAGE_ALARMS = "manage_alarms"
    """Set the district's alarm rules, acknowledge alarms."""
    READ_CORRESPONDENCE = "read_correspondence"
    """See the threads of a district with its schools; at a school those with the own school alone."""
    WRITE_CORRESPONDENCE = "write_correspondence"
    """Write notes and requests to schools; at a school answer them and raise difficulties."""
    SUBSCRIBE_REPORTS = "subscribe_reports"
    """Choose one's own report emails."""
    OWN_ACCOUNT = "own_account"
    """Change one's password and language, see and end one's sessions: everybody who is signed in."""


P = Permission
_TEACHER = {P.VIEW_PUPILS, P.RECORD_CARE, P.REPORT_HARM, P.VIEW_ORGANISATION, P.OWN_ACCOUNT}

ROLES: dict[str, frozenset[Permission]] = {
    "principal": frozenset(
        {
            *_TEACHER,
            P.VIEW_WHOLE_SCHOOL,
            P.VIEW_SECRETS,
            P.IMPORT_REGISTER,
            P.MANAGE_STAFF,
            P.VIEW_OVERVIEW,
            P.VIEW_SCHOOL_FIGURES,
            P.EDIT_FILES,
            P.RECORD_EXAMS,
            P.MANAGE_YEAR,
            P.SET_DUTIES,
            P.KEEP_SCHOOL_LIFE,
            P.VIEW_RISK,
            P.FOLLOW_HARM,
            P.DECIDE_AWARDS,
            P.VIEW_AUDIT,
            P.MANAGE_ORGANISATION,
            P.EVALUATE,
            P.WRITE_SUMMARY,
            P.CHOOSE_TEMPLATES,
            P.FREEZE_SUMMARY,
            P.READ_CORRESPONDENCE,
            P.WRITE_CORRESPONDENCE,
            P.SUBSCRIBE_REPORTS,
            P.FILE_STATISTICS,
            P.SIGN_FILINGS,
        }
    ),
    "archivist": frozenset(
        {
            P.VIEW_PUPILS,
            P.REPORT_HARM,
            P.VIEW_WHOLE_SCHOOL,
            P.VIEW_SECRETS,
            P.IMPORT_REGISTER,
            P.VIEW_SCHOOL_FIGURES,
            P.EDIT_FILES,
            P.RECORD_EXAMS,
            P.MANAGE_YEAR,
            P.KEEP_SCHOOL_LIFE,
            P.VIEW_ORGANISATION,
            P.MANAGE_ORGANISATION,
            P.WRITE_SUMMARY,
            P.CHOOSE_TEMPLATES,
            P.READ_CORRESPONDENCE,
            P.FILE_STATISTICS,
            P.OWN_ACCOUNT,
        }
    ),
    "homeroom_teacher": frozenset({*_TEACHER, P.VIEW_SECRETS, P.EDIT_FILES, P.RECORD_EXAMS}),
    "teacher": frozenset(_TEACHER),
    "counsellor": frozenset({*_TEACHER, P.COUNSEL}),
    "officer": frozenset(
        {
            P.VIEW_DISTRICT_FIGURES,
            P.VIEW_DISTRICT_SUMMARY,
            P.RECEIVE_SUMMARIES,
            P.VIEW_HARM_STATES,
            P.REVIEW_FILINGS,
            P.SET_FILINGS,
            P.SET_DISTRICT_DUTIES,
            P.MANAGE_DISTRICT_STAFF,
            P.MANAGE_ALARMS,
            P.READ_CORRESPONDENCE,
            P.WRITE_CORRESPONDENCE,
            P.SUBSCRIBE_REPORTS,
            P.OWN_ACCOUNT,
        }
    ),
    "analyst": frozenset(
        {
            P.VIEW_DISTRICT_FIGURES,
            P.VIEW_DISTRICT_SUMMARY,
            P.READ_CORRESPONDENCE,
            P.SUBSCRIBE_REPORTS,
            P.OWN_ACCOUNT,
        }
    ),
}
OF_WHOLE_DISTRICT = frozenset(
    {P.MANAGE_DISTRICT_STAFF, P.SET_DISTRICT_DUTIES, P.SET_FILINGS, P.VIEW_DISTRICT_SUMMARY}
)
"""What concerns every school of a district: not for an officer of some townships."""
SCHOOL_ROLES = ("principal", "homeroom_teacher", "teacher", "counsellor", "archivist")
DISTRICT_ROLES = ("officer", "analyst")


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Everything that any of the roles may do."""
    return frozenset().union(*(ROLES[role] for role in roles))
