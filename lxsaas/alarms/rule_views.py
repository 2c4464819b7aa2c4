"""The district's rules: what raises an alarm, of whom, told how."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.alarms import actions, queries
from lxsaas.alarms.definitions import KINDS, Kind
from lxsaas.alarms.evaluation import add_presets
from lxsaas.alarms.forms import RuleForm
from lxsaas.alarms.models import AlarmRule
from lxsaas.alarms.views import blueprint
from lxsaas.core.errors import RuleError
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db


@blueprint.get("/rules")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def rule_list() -> str:
    """All rules, those in force first; officers change them."""
    rules = db.session.scalars(queries.rules_of(realm().id)).all()
    if add_presets(db.session(), realm().id, {rule.preset for rule in rules}):
        db.session.commit()
        rules = db.session.scalars(queries.rules_of(realm().id)).all()
    return render_template("alarms/rule_list.html", rules=rules, kinds=KINDS.values())


@blueprint.route("/rules/new/<kind_code>", methods=["GET", "POST"])
@requires(Permission.MANAGE_ALARMS)
def add_rule(kind_code: str) -> BaseResponse | str | tuple[str, int]:
    """A further rule of a kind."""
    kind = KINDS.get(kind_code) or abort(404)
    return rule_form(kind, None)


@blueprint.route("/rules/<int:rule_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_ALARMS)
def change_rule(rule_id: int) -> BaseResponse | str | tuple[str, int]:
    """Other numbers, or off."""
    rule = db.session.scalars(queries.rule_with(realm().id, rule_id)).one_or_none() or abort(404)
    return rule_form(KINDS[rule.kind], rule)


def rule_form(kind: Kind, rule: AlarmRule | None) -> BaseResponse | str | tuple[str, int]:
    """Shows the form of a rule, or saves what was typed."""
    form = RuleForm(obj=rule)
    form.fit(kind, is_new=rule is None)
    if rule is None and not form.is_submitted():
        form.is_active.data = True
        form.delivery.data = "digest"
        if "periods" in form:
            form.periods.data = 1
    if form.is_submitted() and form.validate():
        try:
            return save(form, kind, rule)
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
    shown = render_template("alarms/rule_form.html", form=form, kind=kind, rule=rule)
    return (shown, 422) if form.errors else shown


def save(form: RuleForm, kind: Kind, rule: AlarmRule | None) -> BaseResponse:
    """Adds or changes the rule. Raises RuleError."""
    wish = form.wish(kind, rule)
    if rule is None:
        actions.add_rule(db.session(), wish, district_id=realm().id, by=current_user.id)
    else:
        actions.change_rule(db.session(), rule, wish, by=current_user.id)
    db.session.commit()
    flash(gettext("Saved. It is judged within the minute."), "success")
    return redirect(url_for("alarms.rule_list"))
