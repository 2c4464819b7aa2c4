"""What is told about exports."""

from collections.abc import Mapping

from lxsaas.core.messages import N_, register

register(
    {
        "exports_waiting": N_(
            "You wait for %(count)s files already; ask again when one of them is ready, or remove one."
        ),
        "exports_kept": N_("You have %(count)s files; remove one that you no longer need."),
        "export_rows": N_("This is longer than a worksheet can be; ask for a shorter list."),
    }
)

STATES: Mapping[str, tuple[str, str]] = {
    "queued": (N_("in the queue"), "info"),
    "running": (N_("being made"), "info"),
    "done": (N_("ready"), "good"),
    "failed": (N_("failed"), "poor"),
    "expired": (N_("deleted"), "quiet"),
}
"""What a state is called, and its look."""
FAILURES: Mapping[str, str] = {
    "not_allowed": N_("You may no longer see what you asked for."),
    "not_found": N_("What you asked for no longer exists."),
    "export_rows": N_("This is longer than a worksheet can be; ask for a shorter list."),
    "too_long": N_("It took too long. Ask for less, such as a shorter period."),
}
DELETED = N_("The file is deleted. Ask for it again where you asked for it.")
GONE: Mapping[str, str] = {
    "child_forgotten": N_(
        "The data of a child had to be erased, and it may have stood in this file: the file is deleted too."
        " Ask for it again where you asked for it."
    ),
}
"""Why a file was deleted before its time, by somebody else than who asked."""
OTHER_FAILURE = N_(
    "It could not be made, though it was tried several times. Ask again; if it fails again, tell who runs"
    " this system."
)
FORMS: Mapping[str, str] = {
    "xlsx": N_("Excel"),
    "csv": N_("CSV in a .zip"),
    "docx": N_("Word"),
    "zip": N_("workbooks in a .zip"),
}
