"""What layers above do when a register's form was saved."""

from collections.abc import Callable

from sqlalchemy.orm import Session

FormSaved = Callable[[Session, int, str, int], object]
"""Called with the session, the school's id, the form's code and the milliseconds for which it was open."""

form_saved: list[FormSaved] = []
