"""The letterbox as children see it: without an account, with a code, nothing of it in an address.

Every form posts its code in the body, every page is kept by no cache, and no cookie is set but the one that
guards the forms.
"""

from uuid import uuid4

from flask import render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from lxsaas.accounts.access import public, realm
from lxsaas.core.errors import RuleError
from lxsaas.counselling import letterbox as box
from lxsaas.counselling import throttle
from lxsaas.counselling.letter_forms import AgainForm, LetterForm, ReplyCodeForm
from lxsaas.counselling.letter_queries import hours
from lxsaas.counselling.models import LetterboxLetter
from lxsaas.counselling.views import blueprint
from lxsaas.extensions import db
from lxsaas.registers.outcome import succeeds

Shown = Response | str | tuple[str, int]


@blueprint.get("/letterbox")
@public
def letterbox() -> Shown:
    """What the letterbox is, who helps at once in danger, and the form to write."""
    form = LetterForm(formdata=None)
    form.open_new()
    return _write_page(form)


@blueprint.post("/letterbox")
@public
def send_letter() -> Shown:
    """Puts a letter into the box, and shows the child its own code this once."""
    form = LetterForm()
    valid = form.validate()
    if wait := throttle.guessing():
        return _write_page(form, wait)
    if not valid or not _knows_the_poster(form):
        return _write_page(form)
    current = box.current_code(db.session(), realm().id)
    key = f"poster-{current.id if current else 0}"
    if wait := throttle.writing(key, is_new=True):
        return _write_page(form, wait)
    codes: list[str] = []
    if not succeeds(form, lambda: codes.append(box.send_letter(
        db.session(), school_id=realm().id, text=form.text.data, client_key=form.key or uuid4()
    ))):  # fmt: skip
        return _write_page(form)
    throttle.note_text(key, is_new=True)
    return render_template("counselling/letterbox_sent.html", code=box.in_groups(codes[0]))


@blueprint.get("/letterbox/answer")
@public
def reply_code() -> Shown:
    """Asks for the child's own code."""
    return _code_page(ReplyCodeForm(formdata=None))


@blueprint.post("/letterbox/answer")
@public
def read_answer() -> Shown:
    """Shows a child its letter and the answer."""
    form = ReplyCodeForm()
    valid = form.validate()
    if wait := throttle.guessing():
        return _code_page(form, wait)
    letter = _letter(form) if valid else None
    if letter is None:
        return _code_page(form)
    again = AgainForm(formdata=None)
    again.open_new()
    again.code.data = form.code.data
    return _thread_page(letter, again)


@blueprint.post("/letterbox/again")
@public
def write_again() -> Shown:
    """Adds to a letter what a child writes after the answer, or before it."""
    form = AgainForm()
    valid = form.validate()
    code = ReplyCodeForm(formdata=None, code=form.code.data)
    if wait := throttle.guessing():
        return _code_page(code, wait)
    letter = _letter(code)
    if letter is None:
        return _code_page(code)
    key = f"letter-{letter.id}"
    if not valid or (wait := throttle.writing(key, is_new=False)):
        return _thread_page(letter, form, 0 if not valid else wait)
    if not succeeds(form, lambda: box.write_again(
        db.session(), letter, text=form.text.data, client_key=form.key or uuid4()
    )):  # fmt: skip
        return _thread_page(letter, form)
    throttle.note_text(key, is_new=False)
    return render_template("counselling/letterbox_sent.html", code=None)


def _knows_the_poster(form: LetterForm) -> bool:
    """Whether the typed code is the poster's; a wrong one is counted, and told at its field."""
    if box.is_code(db.session(), realm().id, form.code.data):
        return True
    throttle.note_wrong_code()
    form.refuse(RuleError("letterbox_code", field="code"))
    return False


def _letter(form: ReplyCodeForm) -> LetterboxLetter | None:
    """The letter of a code; a wrong one is counted, and told in the form."""
    try:
        return box.letter_of(db.session(), school_id=realm().id, code=form.code.data)
    except RuleError as error:
        throttle.note_wrong_code()
        form.validate()
        form.refuse(error)
        return None


def _write_page(form: LetterForm, wait: int = 0) -> Shown:
    return _page(
        "counselling/letterbox.html", form, wait,
        is_open=box.current_code(db.session(), realm().id) is not None,
        hours=db.session.execute(hours(realm().id)).all(),
    )  # fmt: skip


def _code_page(form: ReplyCodeForm, wait: int = 0) -> Shown:
    return _page("counselling/letterbox_code_asked.html", form, wait)


def _thread_page(letter: LetterboxLetter, form: AgainForm, wait: int = 0) -> Shown:
    opened = box.read_letter(db.session(), letter, by=None)
    shown = _page("counselling/letterbox_thread.html", form, wait, letter=letter, opened=opened)
    db.session.commit()
    return shown


def _page(template: str, form: LetterForm | ReplyCodeForm | AgainForm, wait: int, **context: object) -> Shown:
    """A child's page: 429 with a kind word while it must wait, 422 where something is wrong."""
    if wait:
        minutes = -(-wait // 60)
        told = gettext(
            "Too many tries from here. What you wrote is still there: try again in %(minutes)s minutes.",
            minutes=minutes,
        )
        return render_template(template, form=form, wait=told, **context), 429
    shown = render_template(template, form=form, wait=None, **context)
    return (shown, 422) if form.errors or form.form_errors else shown
