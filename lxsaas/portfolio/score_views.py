"""Pages on which marks are entered: typed in a grid, pasted, or from a workbook; saved from the grid."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import requires
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.portfolio import grid as grids
from lxsaas.portfolio import queries
from lxsaas.portfolio.forms import GridForm, SheetForm
from lxsaas.portfolio.grid import Grid
from lxsaas.portfolio.messages import LINE_PROBLEMS
from lxsaas.portfolio.models import Exam, ExamSubject
from lxsaas.portfolio.reach import standing_exam_or_404
from lxsaas.portfolio.score_actions import StaleScoresError, held_scores, record_scores
from lxsaas.portfolio.sheet import Child, Column, LineProblem, SheetMarks, lines_of, read_marks
from lxsaas.portfolio.views import blueprint
from lxsaas.portfolio.workbook import rows_of_workbook
from lxsaas.pupils.reach import today
from lxsaas.pupils.register.sizes import LARGEST_FILE
from lxsaas.schools.models import SchoolClass


@blueprint.get("/exams/<int:exam_id>/entry")
@requires(Permission.RECORD_EXAMS)
def exam_entry(exam_id: int) -> str:
    """The grid: every subject, or one, which on a phone is quicker."""
    exam, held = standing_exam_or_404(exam_id)
    subjects = db.session.scalars(queries.subjects_of(exam.id)).all()
    only = request.args.get("subject", type=int)
    form = GridForm(formdata=None, data={"version": exam.version, "subject": only or ""})
    return _show(exam, held, subjects, _kept(exam, subjects, only), form)


@blueprint.post("/exams/<int:exam_id>/entry")
@requires(Permission.RECORD_EXAMS)
def exam_scores(exam_id: int) -> BaseResponse | tuple[str, int]:
    """Saves every cell of the grid that was changed, or none where one of them is wrong."""
    exam, held = standing_exam_or_404(exam_id)
    subjects = db.session.scalars(queries.subjects_of(exam.id)).all()
    form = GridForm()
    grid = grids.typed(_kept(exam, subjects, form.only), request.form)
    if form.validate() and _is_of_now(form, exam) and not grid.errors:
        try:
            changed = record_scores(
                db.session(), exam, entered=grid.entered(), today=today(), by=current_user.id,
                absent_where_empty=grids.subject_ids(grid) if form.finish.data else (),
            )  # fmt: skip
        except StaleScoresError as error:
            db.session.rollback()
            form.form_errors.append(sentence(error, gettext))
            grid = grids.marked_stale(grid, error.now)
        except RuleError as error:
            db.session.rollback()
            form.form_errors.append(sentence(error, gettext))
        else:
            db.session.commit()
            return _after_saving(exam_id, changed)
    return _show(exam, held, subjects, grid, form), 422


@blueprint.route("/exams/<int:exam_id>/sheet", methods=["GET", "POST"])
@requires(Permission.RECORD_EXAMS)
def exam_sheet(exam_id: int) -> str | tuple[str, int]:
    """Paste or upload marks; what was read stands in the grid, and nothing is saved before one says so."""
    exam, held = standing_exam_or_404(exam_id)
    subjects = db.session.scalars(queries.subjects_of(exam.id)).all()
    if request.method == "GET":
        return _show_sheet(exam, held, subjects, SheetForm(formdata=None))
    form = SheetForm()
    if not form.validate():
        return _show_sheet(exam, held, subjects, form), 422
    try:
        found = _read(form, exam, subjects)
    except RuleError as error:
        form.refuse(error)
        return _show_sheet(exam, held, subjects, form), 422
    grid = grids.filled(_kept(exam, subjects, None), found.texts)
    shown = GridForm(formdata=None, data={"version": exam.version, "subject": ""})
    return _show(exam, held, subjects, grid, shown, found)


def _kept(exam: Exam, subjects: Sequence[ExamSubject], only: int | None) -> Grid:
    roster = db.session.scalars(queries.roster_of(exam)).all()
    return grids.grid_of(roster, grids.only(subjects, only), held_scores(db.session(), exam.id))


def _is_of_now(form: GridForm, exam: Exam) -> bool:
    """Whether the exam is as it was when the grid was opened: its subjects may have changed."""
    if form.seen_version == exam.version:
        return True
    form.form_errors.append(sentence(RuleError("row_stale"), gettext))
    return False


def _read(form: SheetForm, exam: Exam, subjects: Sequence[ExamSubject]) -> SheetMarks:
    roster = [
        Child(pupil.id, pupil.name, pupil.seat_number)
        for pupil in db.session.scalars(queries.roster_of(exam))
    ]
    columns = [Column(one.id, one.name, one.full_marks) for one in subjects]
    if form.file.data:
        # One byte more tells a file that is too large without reading all of it.
        return read_marks(rows_of_workbook(form.file.data.read(LARGEST_FILE + 1)), roster, columns)
    return read_marks(lines_of(form.text.data or ""), roster, columns)


def _after_saving(exam_id: int, changed: int) -> BaseResponse:
    flash(
        ngettext("%(num)s mark saved.", "%(num)s marks saved.", changed)
        if changed
        else gettext("Nothing was changed."),
        "success",
    )
    return redirect(url_for("portfolio.exam_detail", exam_id=exam_id))


def _show(
    exam: Exam,
    held: SchoolClass,
    subjects: Sequence[ExamSubject],
    grid: Grid,
    form: GridForm,
    found: SheetMarks | None = None,
) -> str:
    return render_template(
        "portfolio/exam_entry.html", exam=exam, held=held, subjects=subjects, grid=grid, form=form,
        found=found, told=lambda error: sentence(error, gettext), problem_text=problem_text,
    )  # fmt: skip


def _show_sheet(exam: Exam, held: SchoolClass, subjects: Sequence[ExamSubject], form: SheetForm) -> str:
    return render_template("portfolio/exam_sheet.html", exam=exam, held=held, subjects=subjects, form=form)


def problem_text(problem: LineProblem) -> str:
    """'no child of this name in the class: …'."""
    return str(gettext(LINE_PROBLEMS[problem.code]) % {"value": problem.value})
