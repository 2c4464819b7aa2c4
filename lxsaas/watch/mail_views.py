"""The operator's page of mail: the queue, what failed and why, sending again by hand, the channel."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.reports.labels import FATES, REPORTS
from lxsaas.reports.queries import TROUBLED
from lxsaas.watch import mail
from lxsaas.watch.views import blueprint, for_operator, installed

__all__ = ["blueprint"]


@blueprint.get("/operator/mail")
@for_operator
def mail_page() -> str:
    """Counts by district and state; the messages of one state, or those that want a look."""
    state = request.args.get("state", "")
    if state and state not in mail.SHOWN:
        abort(404)
    found = mail.mail_state([state] if state else TROUBLED, request.args.get("page", 1, type=int))
    return render_template(
        "watch/mail.html", now=clock.now(), mail=found, state=state, shown=mail.SHOWN,
        fates=FATES, reports=REPORTS, rate=installed().mail_rate,
    )  # fmt: skip


@blueprint.post("/operator/mail/pause")
@for_operator
def pause_mail() -> BaseResponse:
    """Stops all mail."""
    mail.pause()
    flash(gettext("No mail goes out until it is resumed."), "warning")
    return redirect(url_for("watch.mail_page"))


@blueprint.post("/operator/mail/resumption")
@for_operator
def resume_mail() -> BaseResponse:
    """Lets it go again."""
    mail.resume()
    flash(gettext("Mail goes out again."), "success")
    return redirect(url_for("watch.mail_page"))


@blueprint.post("/operator/mail/<int:district_id>/<int:message_id>/resending")
@for_operator
def resend_mail(district_id: int, message_id: int) -> BaseResponse:
    """Puts one message up again."""
    try:
        mail.resend(district_id, message_id, clock.now())
        flash(gettext("The message goes again with the next round."), "success")
    except RuleError as error:
        flash(sentence(error, gettext), "warning")
    return redirect(url_for("watch.mail_page", state=request.form.get("state") or None))
