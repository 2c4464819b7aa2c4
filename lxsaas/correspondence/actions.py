"""Opening threads, writing in them, closing and reopening; what stands there is never changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.correspondence.definitions import Side, asks
from lxsaas.correspondence.models import CorrespondenceThread as Thread
from lxsaas.correspondence.models import DistrictMessage, SchoolMessage
from lxsaas.schools.models import School


@dataclass(frozen=True)
class Writer:
    """Who writes, for which side."""

    side: Side
    staff_id: int
    name: str

    @property
    def model(self) -> type[DistrictMessage | SchoolMessage]:
        return DistrictMessage if self.side == "district" else SchoolMessage


def write_to_schools(
    session: Session,
    *,
    district_id: int,
    school_ids: Collection[int],
    kind: str,
    title: str | None,
    text: str | None,
    due_on: date | None,
    today: date,
    alarm_id: int | None = None,
    is_confidential: bool = False,
    client_key: UUID | None = None,
    by: Writer,
) -> list[int]:
    """A note or a request to each of some schools, a thread each; ids of those that are new.

    Sent twice with one `client_key` it makes one a school. Raises RuleError for what is missing, for a school
    of another district, and for a request without a day to come.
    """
    if kind == "request" and due_on is None:
        raise RuleError("thread_due_missing", field="due_on")
    if due_on is not None and due_on < today:
        raise RuleError("thread_due_past", field="due_on")
    own = select(School.id).where(School.district_id == district_id, School.id.in_(school_ids))
    found = session.scalars(own.order_by(School.id)).all()
    if not found or len(found) != len(set(school_ids)):
        raise RuleError("thread_no_school", field="schools")
    rows: list[dict[str, object]] = [
        {
            "district_id": district_id, "unit_id": school_id, "kind": kind, "due_on": due_on,
            "alarm_id": alarm_id, "is_confidential": is_confidential, "opened_by": by.staff_id,
            "client_key": client_key,
        }
        for school_id in found
    ]  # fmt: skip
    made = _open(session, rows, title, text, by)
    if made:
        audit(
            session, f"send_{kind}", "correspondence_thread", made[0],
            district_id=district_id, by=by.staff_id, schools=len(made),
        )  # fmt: skip
    session.flush()
    return made


def raise_difficulty(
    session: Session,
    *,
    district_id: int,
    school_id: int,
    title: str | None,
    text: str | None,
    client_key: UUID | None = None,
    by: Writer,
) -> list[int]:
    """A difficulty that the school cannot solve alone (P30); the id if it is new. Raises RuleError."""
    row: dict[str, object] = {
        "district_id": district_id, "unit_id": school_id, "kind": "difficulty",
        "raised_by": by.staff_id, "client_key": client_key,
    }  # fmt: skip
    made = _open(session, [row], title, text, by)
    if made:
        audit(
            session, "raise_difficulty", "correspondence_thread", made[0],
            school_id=school_id, by=by.staff_id,
        )  # fmt: skip
    session.flush()
    return made


def _open(
    session: Session, rows: list[dict[str, object]], title: str | None, text: str | None, by: Writer
) -> list[int]:
    if not (title or "").strip():
        raise RuleError("thread_title_missing", field="title")
    if not (text or "").strip():
        raise RuleError("thread_text_missing", field="text")
    opened = (
        upsert(Thread)
        .values([row | {"title": title, "last_side": by.side} for row in rows])
        .on_conflict_do_nothing(index_elements=["district_id", "unit_id", "client_key"])
        .returning(Thread.district_id, Thread.unit_id, Thread.id)
    )
    made = session.execute(opened).all()
    if made:
        author = {"staff_id": by.staff_id, "author_name": by.name, "body": text}
        session.execute(
            insert(by.model),
            [
                {"district_id": one.district_id, "unit_id": one.unit_id, "thread_id": one.id, **author}
                for one in made
            ],
        )
    return [one.id for one in made]


def write_message(
    session: Session, thread: Thread, *, text: str | None, client_key: UUID | None = None, by: Writer
) -> bool:
    """A word in a thread: of the side that was asked the answer, of the other one a further question.

    Whether it is new: sent twice with one `client_key` it is one. Raises RuleError.
    """
    if not (text or "").strip():
        raise RuleError("thread_text_missing", field="text")
    session.refresh(thread, with_for_update=True)
    state = thread.state
    if not _add(session, thread, by, body=str(text), client_key=client_key):
        return False
    if state == "closed":
        raise RuleError("thread_closed", field="text")
    thread.state = "open" if by.side == asks(thread.kind) else "answered"
    _note(session, thread, by, "answer_thread" if thread.state == "answered" else "write_message")
    return True


def read_note(session: Session, thread: Thread, *, by: Writer) -> None:
    """The school has read a note to which nothing is to be answered: that closes it. Raises RuleError."""
    session.refresh(thread, with_for_update=True)
    if thread.kind != "note" or by.side != "school":
        raise RuleError("thread_no_note")
    if thread.state == "closed":
        return
    _add(session, thread, by, event="read")
    thread.state, thread.closed_at = "closed", func.now()
    _note(session, thread, by, "read_note")


def close_thread(session: Session, thread: Thread, *, by: Writer) -> None:
    """Ends a thread; a school ends what it has raised itself. Raises RuleError."""
    _check_may_end(thread, by)
    session.refresh(thread, with_for_update=True)
    if thread.state == "closed":
        return
    _add(session, thread, by, event="closed")
    thread.state, thread.closed_at = "closed", func.now()
    _note(session, thread, by, "close_thread")


def reopen_thread(session: Session, thread: Thread, *, by: Writer) -> None:
    """Takes a closed thread up again: it waits for the side that was asked. Raises RuleError."""
    _check_may_end(thread, by)
    session.refresh(thread, with_for_update=True)
    if thread.state != "closed":
        raise RuleError("thread_not_closed")
    _add(session, thread, by, event="reopened")
    thread.state, thread.closed_at = "open", None
    _note(session, thread, by, "open_thread")


def _check_may_end(thread: Thread, by: Writer) -> None:
    if by.side == "school" and asks(thread.kind) != "school":
        raise RuleError("thread_not_yours")


def _add(
    session: Session,
    thread: Thread,
    by: Writer,
    *,
    event: str = "message",
    body: str = "",
    client_key: UUID | None = None,
) -> bool:
    added = (
        upsert(by.model)
        .values(
            district_id=thread.district_id, unit_id=thread.unit_id, thread_id=thread.id, event=event,
            staff_id=by.staff_id, author_name=by.name, body=body, client_key=client_key,
        )
        .on_conflict_do_nothing(index_elements=["district_id", "thread_id", "client_key"])
        .returning(by.model.id)
    )  # fmt: skip
    if session.scalar(added) is None:
        return False
    thread.last_at, thread.last_side = func.now(), by.side
    return True


def _note(session: Session, thread: Thread, by: Writer, action: str) -> None:
    own = {"school_id": thread.unit_id} if by.side == "school" else {"district_id": thread.district_id}
    audit(session, action, "correspondence_thread", thread.id, by=by.staff_id, **own)
    session.flush()
