"""The letterbox as counsellors see it: letters, answers, the code for the poster."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from lxsaas.accounts.access import realm, requires
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.counselling import actions, letterbox, queries
from lxsaas.counselling.forms import AttachForm
from lxsaas.counselling.letter_forms import AnswerForm
from lxsaas.counselling.letter_queries import letters_for
from lxsaas.counselling.pages import PAGE_SIZE, letter_or_404, own_case_or_404, show_form, today
from lxsaas.counselling.views import blueprint
from lxsaas.extensions import db
from lxsaas.registers.outcome import succeeds


@blueprint.get("/counselling/letters")
@requires(Permission.COUNSEL)
def letter_list() -> str:
    """Letters by day and state, unopened; those whose child waits come first."""
    show = "waiting" if request.args.get("show") == "waiting" else "all"
    page = db.paginate(
        letters_for(current_user.id, show),
        page=request.args.get("page", 1, type=int), per_page=PAGE_SIZE, error_out=False,
    )  # fmt: skip
    code = letterbox.current_code(db.session(), realm().id)
    return render_template("counselling/letter_list.html", page=page, show=show, code=code)


@blueprint.get("/counselling/letters/<int:letterbox_letter_id>")
@requires(Permission.COUNSEL)
def letter_detail(letterbox_letter_id: int) -> str | tuple[str, int]:
    """A letter, opened; the sight is logged."""
    form = AnswerForm(formdata=None)
    form.version.data = str(letter_or_404(letterbox_letter_id).version)
    return _letter_page(letterbox_letter_id, form)


@blueprint.post("/counselling/letters/<int:letterbox_letter_id>")
@requires(Permission.COUNSEL)
def answer_letter(letterbox_letter_id: int) -> Response | str | tuple[str, int]:
    """Answers the child."""
    letter = letter_or_404(letterbox_letter_id)
    form = AnswerForm()
    if form.validate() and succeeds(form, lambda: letterbox.answer_letter(
        db.session(), letter, text=form.text.data, version=form.seen_version, by=current_user.id
    )):  # fmt: skip
        flash(gettext("Sent. The child reads it with its code."), "success")
        return redirect(url_for("counselling.letter_list"))
    # Who was overtaken reads the news below the form, and may then send.
    form.version.data = str(letter_or_404(letterbox_letter_id).version)
    return _letter_page(letterbox_letter_id, form)


@blueprint.post("/counselling/letters/<int:letterbox_letter_id>/aside")
@requires(Permission.COUNSEL)
def put_aside(letterbox_letter_id: int) -> Response:
    """Takes a letter from those that wait."""
    letter, seen = letter_or_404(letterbox_letter_id), request.form.get("version", 0, type=int)
    try:
        letterbox.put_aside(db.session(), letter, version=seen, by=current_user.id)
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
        return redirect(url_for("counselling.letter_detail", letterbox_letter_id=letterbox_letter_id))
    db.session.commit()
    flash(gettext("Put aside."), "success")
    return redirect(url_for("counselling.letter_list"))


@blueprint.route("/counselling/letters/<int:letterbox_letter_id>/case", methods=["GET", "POST"])
@requires(Permission.COUNSEL)
def move_letter(letterbox_letter_id: int) -> Response | str | tuple[str, int]:
    """Puts a letter to one's own open case, or leads to a new one."""
    letter = letter_or_404(letterbox_letter_id)
    form = AttachForm()
    query = queries.cases_of(current_user.id, show="open", words="", sort="child", on=today())
    form.offer((row[0], row[1], row[2]) for row in db.session.execute(query))
    if request.method == "GET":
        form.version.data = str(letter.version)
    if form.validate_on_submit():
        case = own_case_or_404(form.case_id.data)
        if succeeds(form, lambda: actions.move_letter(
            db.session(), letter, case, version=form.seen_version, by=current_user.id
        )):  # fmt: skip
            flash(gettext("The letter belongs to the case now. Only you can read it."), "success")
            return redirect(url_for("counselling.case_detail", counselling_case_id=case.id))
    return show_form("counselling/letter_case.html", form, letter=letter_or_404(letterbox_letter_id))


@blueprint.get("/counselling/letterbox-code")
@requires(Permission.COUNSEL)
def letterbox_code() -> str:
    """Whether the letterbox is open, since when, and the button for a new code."""
    code = letterbox.current_code(db.session(), realm().id)
    return render_template("counselling/letterbox_code.html", code=code)


@blueprint.post("/counselling/letterbox-code")
@requires(Permission.COUNSEL)
def set_code() -> str:
    """Makes a new code and shows it this once, as a poster to print."""
    code = letterbox.set_code(db.session(), school_id=realm().id, by=current_user.id)
    db.session.commit()
    address = url_for("counselling.letterbox", _external=True)
    return render_template("counselling/poster.html", code=letterbox.in_groups(code, 3), address=address)


@blueprint.post("/counselling/letterbox-code/end")
@requires(Permission.COUNSEL)
def close_letterbox() -> Response:
    """Closes the letterbox: answers can still be read."""
    letterbox.close_letterbox(db.session(), school_id=realm().id, by=current_user.id)
    db.session.commit()
    flash(gettext("The letterbox is closed. Answers can still be read."), "success")
    return redirect(url_for("counselling.letterbox_code"))


def _letter_page(letter_id: int, form: AnswerForm) -> str | tuple[str, int]:
    letter = letter_or_404(letter_id)
    opened = letterbox.read_letter(db.session(), letter, by=current_user.id)
    shown = show_form("counselling/letter_detail.html", form, letter=letter, opened=opened)
    # Not before: a commit would have the letter read again.
    db.session.commit()
    return shown
