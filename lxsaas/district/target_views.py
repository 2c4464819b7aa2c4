"""What a district asks for, indicator by indicator, from a day on."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.district.views import blueprint
from lxsaas.extensions import db
from lxsaas.indicators.actions import set_target
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Target, Targets
from lxsaas.indicators.night import targets_of


@blueprint.route("/targets", methods=["GET", "POST"])
@requires(Permission.SET_DISTRICT_DUTIES)
def targets() -> BaseResponse | str | tuple[str, int]:
    """The targets in force today or on a day, those of other times, and a form for those from a day on."""
    known = targets_of(db.session(), realm().id)
    day = request.args.get("day", clock.today(realm().timezone), type=date.fromisoformat)
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _save(known)
        if not errors:
            db.session.commit()
            flash(gettext("Saved."), "success")
            return redirect(url_for("district.targets"))
        db.session.rollback()
    shown = render_template(
        "district/targets.html",
        indicators=INDICATORS.values(),
        known=known,
        day=day,
        since=request.form.get("since", day.isoformat()),
        typed=request.form,
        errors=errors,
    )
    return (shown, 422) if errors else shown


def _save(known: Targets) -> dict[str, str]:
    """Sets what was changed on the page and differs on the chosen day; what is wrong, by field.

    What the page showed is not what is in force on another day: left alone, it is not meant for that day.
    """
    since = request.form.get("since", type=date.fromisoformat)
    if since is None:
        return {"since": gettext("A day is required.")}
    errors = {}
    for code in INDICATORS:
        typed = request.form.get(code, "").strip()
        if typed == request.form.get(f"shown-{code}"):
            continue
        try:
            target = _number(typed)
            if target != known.of(code, since):
                set_target(
                    db.session(), district_id=realm().id, code=code, target=target, since=since,
                    by=current_user.id,
                )  # fmt: skip
        except RuleError as error:
            errors[code] = sentence(error, gettext)
    return errors


def _number(text: str) -> Target:
    """A whole number; empty: no target. Raises RuleError."""
    if not text:
        return None
    if not text.isdecimal() or len(text) > 3:
        raise RuleError("target_range", field="target")
    return int(text)
