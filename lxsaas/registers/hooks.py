"""What layers above do when a register's form was saved."""

from collections.abc import Callable

from sqlalchemy.orm import Session

FormSaved = Callable[[Session, int, str, int], object]
"""Called with the session, the school's id, the form's code and the milliseconds for which it was open."""

form_saved: list[FormSaved] = []


def tell_saved(session: Session, school_id: int, form: str, milliseconds: int | None) -> None:
    """Tells how long a form was open, by kind, nothing of who or for whom; nothing that was not measured."""
    for note in form_saved if milliseconds else ():
        note(session, school_id, form, milliseconds or 0)
