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
            lazy_gettext("Year"),
            "report",
            Permission.VIEW_DISTRICT_SUMMARY,
        ),
        ("reports.subscriptions", lazy_gettext("Reports"), "mail", Permission.SUBSCRIBE_REPORTS),
        ("accounts.staff_list", lazy_gettext("Staff"), "id", Permission.MANAGE_DISTRICT_STAFF),
    ),
}


# What the page “All work” leads to, by area: (endpoint, text, icon, permission)
TILES: dict[str, tuple[Any, list[tuple[str, Any, str, Permission]]]] = {
    "child": (lazy_gettext("Child by child"), []),
    "care": (lazy_gettext("Care"), []),
    "year": (lazy_gettext("School year"), []),
    "school": (lazy_gettext("The school"), []),
}


def add_tile(area: str, endpoint: str, label: Any, icon: str, permission: Permission) -> None:
    """Adds a page to an area of "All work"; the same endpoint once."""
    entries = TILES[area][1]
    if all(known[0] != endpoint for known in entries):
        entries.append((endpoint, label, icon, permission))


def tiles() -> list[tuple[Any, list[dict[str, Any]]]]:
    """The areas of “All work” with the pages that the signed-in person may open."""
    areas = [
        (
            title,
            [
                {"label": label, "url": url_for(endpoint), "icon": icon}
                for endpoint, label, icon, permission in entries
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
    return [
        {"label": label, "url": url_for(endpoint), "icon": icon, "active": here == endpoint}
        for endpoint, label, icon, permission in ENTRIES[g.realm.kind]
        if permission in current_user.permissions
    ]


def first_page() -> str:
    """Where a person starts: the page they chose, else the first that is open, else the own account."""
    chosen = getattr(getattr(current_user, "account", None), "start_view", None)
    if chosen:
        return f"{g.realm.path}{chosen}"
    found = items()
    return str(found[0]["url"]) if found else url_for("accounts.account")
