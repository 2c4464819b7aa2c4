"""An uploaded register on its way: kept sealed, read, previewed, applied, erased."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import NotFoundError, RuleError
from lxsaas.pupils.models import RegisterImport
from lxsaas.pupils.register import ParsedRegister, RegisterFileError, RowProblem, read_register
from lxsaas.pupils.register.values import text_of
from lxsaas.pupils.register_actions import Counts, apply_register, counts_of
from lxsaas.pupils.register_diff import RegisterDiff, compare
from lxsaas.schools.models import School

Progress = Callable[[int, int], object]
UNREAD = ("uploaded", "reading")
OPEN = (*UNREAD, "previewed")
KEPT_DAYS = 30
"""How long a workbook waits to be applied: longer, and the school has a newer one."""


def keep_upload(
    session: Session, *, school_id: int, file_name: str, content: bytes, by: int
) -> RegisterImport:
    """Keeps an uploaded workbook, sealed, until it is applied or discarded."""
    cipher = school_cipher(session, school_id)
    kept = RegisterImport(school_id=school_id, uploaded_by=by, file_name=file_name[-100:])
    session.add(kept)
    session.flush()
    text = base64.b64encode(content).decode()
    kept.content_sealed = cipher.seal(text, table="register_import", column="content_sealed", row_id=kept.id)
    audit(session, "upload_register", "register_import", kept.id, school_id=school_id, by=by)
    session.flush()
    return kept


def load_import(session: Session, school_id: int, import_id: int) -> RegisterImport:
    """Raises NotFoundError."""
    found = session.get(RegisterImport, (school_id, import_id))
    if found is None:
        raise NotFoundError("not_found")
    return found


def hold(session: Session, kept: RegisterImport) -> str:
    """Locks an import for this transaction and returns its state: of two who go on with it one is first."""
    session.refresh(kept, with_for_update=True)
    return kept.state


def is_idle(session: Session, kept: RegisterImport) -> bool:
    """Locks an import as `hold` does, but where a worker is applying it at this moment, only says so."""
    query = select(RegisterImport).where(
        RegisterImport.school_id == kept.school_id, RegisterImport.id == kept.id
    )
    anew = {"populate_existing": True}
    found = session.scalars(query.with_for_update(skip_locked=True), execution_options=anew).first()
    return found is not None


def discard(session: Session, kept: RegisterImport) -> None:
    """Forgets a workbook that is not to be applied; one that is being applied already stays."""
    if hold(session, kept) in OPEN:
        erase(session, kept, state="discarded")


def discard_old(session: Session, school_id: int) -> None:
    """Forgets the workbooks that nobody has applied for KEPT_DAYS."""
    query = select(RegisterImport).where(
        RegisterImport.school_id == school_id,
        RegisterImport.state.in_((*OPEN, "applying")),
        RegisterImport.uploaded_at < func.now() - timedelta(days=KEPT_DAYS),
    )
    for kept in session.scalars(query.with_for_update(skip_locked=True)):
        erase(session, kept, state="discarded")


def preview(session: Session, kept: RegisterImport, *, today: date, on_progress: Progress) -> None:
    """Reads a kept workbook and keeps what it would change; or why the file cannot be used.

    What became of the import meanwhile, discarded or read by another worker, stands.
    """
    try:
        found = _read(session, kept, today, on_progress)
    except RegisterFileError as error:
        failure = {"code": error.code, "params": error.params}
        found = {"state": "failed", "failure": failure, "content_sealed": None, "finished_at": func.now()}
    if hold(session, kept) in UNREAD:
        for name, value in found.items():
            setattr(kept, name, value)
        session.flush()


def _read(session: Session, kept: RegisterImport, today: date, on_progress: Progress) -> dict[str, Any]:
    parsed = parse_kept(session, kept, today=today, on_progress=on_progress)
    cipher = school_cipher(session, kept.school_id)
    diff = compare(session, cipher, school_id=kept.school_id, parsed=parsed)
    text = json.dumps(described(parsed, diff), ensure_ascii=False, default=str)
    return {
        "preview_sealed": cipher.seal(text, table="register_import", column="preview_sealed", row_id=kept.id),
        "counts": asdict(counts_of(parsed, diff)),
        "state": "previewed",
        "rows_done": parsed.row_count,
        "rows_total": parsed.row_count,
    }


def parse_kept(
    session: Session, kept: RegisterImport, *, today: date, on_progress: Progress | None = None
) -> ParsedRegister:
    """The kept workbook, read again. Raises RegisterFileError, or RuleError when it is erased already."""
    cipher = school_cipher(session, kept.school_id)
    text = cipher.open(kept.content_sealed, table="register_import", column="content_sealed", row_id=kept.id)
    if text is None:
        raise RuleError("import_state")
    code = session.scalars(select(School.register_code).where(School.id == kept.school_id)).one()
    return read_register(
        base64.b64decode(text), school_register_code=code, today=today, on_progress=on_progress
    )


def opened_preview(session: Session, kept: RegisterImport) -> Mapping[str, Any]:
    """What the preview page shows; empty once it is erased."""
    cipher = school_cipher(session, kept.school_id)
    text = cipher.open(kept.preview_sealed, table="register_import", column="preview_sealed", row_id=kept.id)
    found: Mapping[str, Any] = json.loads(text) if text else {}
    return found


def described(parsed: ParsedRegister, diff: RegisterDiff) -> dict[str, Any]:
    """A diff as plain lists: names, changed fields, problems of the rejected."""
    return {
        "new": [{"row": row.row, "name": row.name, "class": row.class_code} for row in diff.new],
        "changed": [
            {
                "row": one.row.row,
                "name": one.pupil.name,
                "changes": [{"field": c.name, "old": plain(c.old), "new": plain(c.new)} for c in one.changes],
            }
            for one in diff.changed
        ],
        "left": [{"name": pupil.name, "born_on": pupil.born_on} for pupil in diff.left],
        "problems": [problem_row(problem, parsed) for problem in parsed.problems],
    }


def problem_row(problem: RowProblem, parsed: ParsedRegister) -> dict[str, Any]:
    at = parsed.headings.index("姓名")
    name = text_of(parsed.cells[problem.row][at])
    return {"name": name} | {name: getattr(problem, name) for name in ("row", "column", "value", "code")}


def plain(value: Any) -> str | None:
    """A field's value as text; of a family member the name, which says who it is."""
    if value is None:
        return None
    return str(value.get("name")) if isinstance(value, Mapping) else str(value)


def apply_kept(
    session: Session, kept: RegisterImport, *, today: date, accept_valid: bool, mark_left: bool
) -> Counts:
    """Applies a kept workbook and erases it."""
    parsed = parse_kept(session, kept, today=today)
    counts = apply_register(
        session,
        school_id=kept.school_id,
        parsed=parsed,
        today=today,
        accept_valid=accept_valid,
        mark_left=mark_left,
        by=kept.uploaded_by,
    )
    kept.counts = asdict(counts)
    erase(session, kept, state="applied")
    return counts


def erase(session: Session, kept: RegisterImport, *, state: str) -> None:
    """Forgets workbook and preview; what remains are numbers."""
    kept.state, kept.finished_at = state, func.now()
    kept.content_sealed = kept.preview_sealed = None
    session.flush()
