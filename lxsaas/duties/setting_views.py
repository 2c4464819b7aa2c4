"""Setting what is owed how often: by the district for its schools, by a school for itself."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.duties.views import amounts, blueprint
from lxsaas.duty_rules.actions import set_duty
from lxsaas.duty_rules.definitions import DUTIES, Duty
from lxsaas.duty_rules.queries import Amounts, district_settings
from lxsaas.extensions import db

district_blueprint = Blueprint("district_duties", __name__, url_prefix="/d/<district_slug>")
Cell = tuple[Duty, str, str]


@blueprint.route("/duties", methods=["GET", "POST"])
@requires(Permission.SET_DUTIES)
def settings() -> BaseResponse | str | tuple[str, int]:
    """A school's own numbers; what it does not set follows the district."""
    return _settings(amounts(), url_for("duties.settings"), school_id=realm().id)


@district_blueprint.route("/duties", methods=["GET", "POST"])
@requires(Permission.SET_DISTRICT_DUTIES)
def settings_of_district() -> BaseResponse | str | tuple[str, int]:
    """A district's numbers, for all schools that have not set their own."""
    rows = db.session.scalars(district_settings(realm().id)).all()
    known = Amounts({}, {(row.duty, row.risk, row.season): row.amount for row in rows})
    return _settings(known, url_for("district_duties.settings_of_district"), district_id=realm().id)


def _settings(known: Amounts, address: str, **owner: int) -> BaseResponse | str | tuple[str, int]:
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _save(known, **owner)
        if not errors:
            db.session.commit()
            flash(gettext("Saved."), "success")
            return redirect(address)
        db.session.rollback()
    shown = render_template(
        "duties/settings.html", address=address, duties=DUTIES.values(), amount=_shown(known), errors=errors
    )
    return (shown, 422) if errors else shown


def _save(known: Amounts, **owner: int) -> dict[str, str]:
    """Sets what differs; what is wrong, by field."""
    errors = {}
    for duty in DUTIES.values():
        for risk, season in duty.cells:
            field = f"{duty.code}-{risk}-{season}"
            text = request.form.get(field, "").strip()
            try:
                if not text.isdecimal() or len(text) > 4:
                    raise RuleError("duty_amount", field=field, most=duty.most)
                if int(text) != known.of(duty.code, risk, season):
                    set_duty(
                        db.session(), duty=duty.code, risk=risk, season=season, amount=int(text),
                        by=current_user.id, **owner,
                    )  # fmt: skip
            except RuleError as error:
                errors[field] = sentence(error, gettext)
    return errors


def _shown(known: Amounts) -> Callable[[Duty, Any, Any], str]:
    """What stands in a field: what was typed, else what is in force."""

    def amount(duty: Duty, risk: Any, season: Any) -> str:
        typed = request.form.get(f"{duty.code}-{risk}-{season}")
        return typed if typed is not None else str(known.of(duty.code, risk, season))

    return amount
