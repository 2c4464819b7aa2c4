"""What layers above do when children's marks fall: they put their functions into the list."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

FallingMarks = Callable[[Session, int, Sequence[int], int, int], None]
"""Called with session, school, children, exam and who entered the last marks, in the transaction that saves.

Once for each child and exam: when an exam is complete, and for who falls by a later correction.
"""

falling_marks: list[FallingMarks] = []
