"""What the bar offers in a school and in a district, by permission."""

from typing import Any

from flask import g, request, url_for
from flask_babel import lazy_gettext
from flask_login import current_user

from lxsaas.core.permissions import Permission

# (endpoint, text, icon, permission)
ENTRIES: dict[str, tuple[tuple[str, Any, str, Permission], ...]] = {
    "school": (
        ("overview.start", lazy_gettext("Overview"), "home", Permission.VIEW_OVERVIEW),
        ("duties.week", lazy_gettext("This week"), "calendar", Permission.RECORD_CARE),
        ("care.overview", lazy_gettext("Care"), "heart", Permission.RECORD_CARE),
        ("pupils.pupil_list", lazy_gettext("Pupils"), "users", Permission.VIEW_PUPILS),
        ("registers.work", lazy_gettext("All work"), "clipboard-text", Permission.VIEW_PUPILS),
        ("indicators.school_figures", lazy_gettext("Figures"), "chart", Permission.VIEW_SCHOOL_FIGURES),
        ("reports.subscriptions", lazy_gettext("Reports"), "mail", Permission.SUBSCRIBE_REPORTS),
        ("pupils.import_list", lazy_gettext("Register"), "upload", Permission.IMPORT_REGISTER),
        ("accounts.staff_list", lazy_gettext("Staff"), "id", Permission.MANAGE_STAFF),
    ),
    "district": (
        ("district.dashboard", lazy_gettext("Overview"), "chart", Permission.VIEW_DISTRICT_FIGURES),
        ("district.school_table", lazy_gettext("Schools"), "school", Permission.VIEW_DISTRICT_FIGURES),
        ("district_filings.school_list", lazy_gettext("Filings"), "report", Permission.REVIEW_FILINGS),
        ("alarms.alarm_list", lazy_gettext("Alarms"), "bell", Permission.VIEW_DISTRICT_FIGURES),
        (
            "district_correspondence.thread_list",
            lazy_gettext("Requests"),
            "message-circle",
            Permission.READ_CORRESPONDENCE,
        ),
        (
            "district_duties.settings_of_district",
            lazy_gettext("Duties"),
            "clock",
            Permission.SET_DISTRICT_DUTIES,
        ),
        (
            "district_networks.report_list",
            lazy_gettext("Harm"),
            "alert-triangle",
            Permission.VIEW_DISTRICT_FIGURES,
        ),
        (
            "district_summaries.summary",
            lazy_gettext("Annual summary"),
            "report",
            Permission.VIEW_DISTRICT_SUMMARY,
        ),
        ("reports.subscriptions", lazy_gettext("Reports"), "mail", Permission.SUBSCRIBE_REPORTS),
        ("accounts.staff_list", lazy_gettext("Colleagues"), "id", Permission.MANAGE_DISTRICT_STAFF),
    ),
}


# What the page “All work” leads to, by area: (endpoint, text, icon, permission)
TILES: dict[str, tuple[Any, list[tuple[str, Any, str, Permission]]]] = {
    "child": (lazy_gettext("The child's file"), []),
    "care": (lazy_gettext("Care"), []),
    "protection": (lazy_gettext("Counselling and protection"), []),
    "life": (lazy_gettext("Activities and families"), []),
    "year": (lazy_gettext("School year"), []),
    "school": (lazy_gettext("Organisation"), []),
}
# In each area what is opened most stands first; what is not named here comes after it.
_ORDER = (
    "archive.incomplete_files", "movement.parent_absence_list", "archive.entrustment_list",
    "archive.missing_entrustments", "archive.temporary_guardian_list", "archive.class_choice",
    "support.must_visit_list", "support.help_plan_list", "support.pairing_list", "support.unpaired",
    "support.helpers", "care.phone_week", "care.letters", "care.birthdays", "archive.contact_weeks",
    "support.attendance_event_list", "support.drop_out_list", "support.conduct_case_list",
    "networks.report_list", "networks.referral_list", "networks.network_contact_list",
    "activities.home", "activities.activity_list", "organisation.activity_calendar", "activities.corner",
    "activities.parents_school",
    "movement.survey_list", "portfolio.exam_list", "movement.changes", "movement.promotions",
    "movement.handovers", "movement.transfers", "overview.whole_year",
    "organisation.group", "organisation.plan_document_list", "correspondence.thread_list",
    "summaries.summary_list", "evaluation.ranking", "evaluation.own", "awards.year",
    "awards.teacher_nomination_list",
    "awards.child_nomination_list", "document_templates.template_list", "duties.settings", "care.form_times",
)  # fmt: skip


def add_tile(area: str, endpoint: str, label: Any, icon: str, permission: Permission) -> None:
    """Adds a page to an area of "All work"; the same endpoint once."""
    entries = TILES[area][1]
    if all(known[0] != endpoint for known in entries):
        entries.append((endpoint, label, icon, permission))


def _place(entry: tuple[str, Any, str, Permission]) -> int:
    return _ORDER.index(entry[0]) if entry[0] in _ORDER else len(_ORDER)


def tiles() -> list[tuple[Any, list[dict[str, Any]]]]:
    """The areas of “All work” with the pages that the signed-in person may open."""
    areas = [
        (
            title,
            [
                {"label": label, "url": url_for(endpoint), "icon": icon}
                for endpoint, label, icon, permission in sorted(entries, key=_place)
                if permission in current_user.permissions
            ],
        )
        for title, entries in TILES.values()
    ]
    return [(title, entries) for title, entries in areas if entries]


def items() -> list[dict[str, Any]]:
    """The entries that the signed-in person may open; none for others."""
    if "realm" not in g or not current_user.is_authenticated:
        return []
    here = request.endpoint or ""
    below = "registers.work" if _is_tile(here) else ""
    return [
        {
            "label": label, "url": url_for(endpoint), "icon": icon,
            "current": "page" if endpoint == here else "true" if endpoint == below else "",
        }
        for endpoint, label, icon, permission in ENTRIES[g.realm.kind]
        if permission in current_user.permissions
    ]  # fmt: skip


def way_up() -> dict[str, Any] | None:
    """From a page that “All work” leads to, the way back there; none from others."""
    if not _is_tile(request.endpoint or ""):
        return None
    return next((one for one in items() if one["current"] == "true"), None)


def _is_tile(endpoint: str) -> bool:
    return any(endpoint == known[0] for _, entries in TILES.values() for known in entries)


def first_page() -> str:
    """Where a person starts: the page they chose, else the first that is open, else the own account."""
    chosen = getattr(getattr(current_user, "account", None), "start_view", None)
    if chosen:
        return f"{g.realm.path}{chosen}"
    found = items()
    return str(found[0]["url"]) if found else url_for("accounts.account")
