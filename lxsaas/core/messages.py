"""From an error's code to a sentence: English is the message id, other languages come from the catalogues."""

from collections.abc import Callable, Mapping

from lxsaas.core.errors import LxsaasError


def N_(msgid: str) -> str:
    """Marks a text for extraction where it is declared; it is translated where it is shown."""
    return msgid


_MESSAGES: dict[str, str] = {
    "no_database": N_(
        "PostgreSQL is not running: start it with “lxsaas services start” or set DATABASE_URL."
    ),
    "no_broker": N_("Valkey is not running: start it with “lxsaas services start” or set REDIS_URL."),
    "database_unreachable": N_("The database does not answer; check DATABASE_URL and whether it is running."),
    "database_needs_administrator": N_(
        "DATABASE_URL must name an administrator who may create the logins, or create them beforehand."
    ),
    "login_refused": N_("The database refuses a login: run “lxsaas db upgrade”."),
    "database_not_upgraded": N_("The database is not ready: run “lxsaas db upgrade”."),
    "assets_not_built": N_("Styles and scripts were not built: run “make install”."),
    "asset_unknown": N_("There is no built file %(name)s."),
    "login_unsafe": N_("The database login %(login)s must not serve people: %(faults)s."),
    "units_dead": N_("%(count)s schools could not be computed; see “lxsaas indicators status”."),
    "place_required": N_("Say where: one of the two options, and not both."),
    "master_key_wrong": N_("The master key is not the one that these keys are wrapped with."),
    "key_destroyed": N_("The key of these texts was destroyed: nobody can read them any more."),
    "required": N_("This is required."),
    "not_found": N_("Not found."),
}


def register(messages: Mapping[str, str]) -> None:
    """Adds a feature's sentences; raises ValueError for a code that has another sentence already."""
    for code, msgid in messages.items():
        if _MESSAGES.setdefault(code, msgid) != msgid:
            raise ValueError(f"two sentences for {code}")


def sentence(error: LxsaasError, translate: Callable[[str], str] = str) -> str:
    """What is told to a person about `error`; for a code without a sentence, the code itself."""
    msgid = _MESSAGES.get(error.code)
    return translate(msgid) % error.params if msgid else str(error)


def all_messages() -> Mapping[str, str]:
    """Every registered sentence by its code."""
    return _MESSAGES
