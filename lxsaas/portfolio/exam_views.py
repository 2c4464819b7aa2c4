"""Pages of exams as such: the list, entering one for several classes, its results, change, withdrawal."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.portfolio import actions, queries, results
from lxsaas.portfolio.forms import ExamForm, RuleForm, in_lines, seen_number
from lxsaas.portfolio.history import mark_changes
from lxsaas.portfolio.models import Exam, ExamRule
from lxsaas.portfolio.reach import (
    chosen_class,
    classes_in_reach,
    exam_or_404,
    standing_exam_or_404,
    term_name,
)
from lxsaas.portfolio.views import blueprint
from lxsaas.pupils.reach import today
from lxsaas.registers.history import changes_of

PAGE_SIZE = 30


@blueprint.get("/exams")
@requires(Permission.RECORD_EXAMS)
def exam_list() -> str:
    """The exams of a class, the newest first; the classes within reach to choose from."""
    classes = classes_in_reach()
    chosen = chosen_class(classes, request.args.get("class", type=int))
    terms = db.session.scalars(queries.terms_of(realm().id)).all()
    number = request.args.get("page", 1, type=int)
    shown = queries.exams_of([chosen.id] if chosen else [])
    page = db.paginate(shown, page=number, per_page=PAGE_SIZE, error_out=False)
    counts = db.session.execute(queries.children_entered([one.id for one in page.items])).all()
    return render_template(
        "portfolio/exam_list.html", classes=classes, chosen=chosen, page=page,
        entered=dict(counts),
        term_of=lambda day: term_name(list(terms), day),
    )  # fmt: skip


@blueprint.get("/exams/new")
@requires(Permission.RECORD_EXAMS)
def exam_new() -> str:
    """The form, filled with what is known: class, today, and the subjects of the exam before."""
    classes = classes_in_reach()
    chosen = chosen_class(classes, request.args.get("class", type=int))
    if chosen is None:
        return render_template("portfolio/no_class.html")
    form = ExamForm(formdata=None)
    form.offer(classes)
    before = db.session.scalars(queries.exams_of([chosen.id]).limit(1)).first()
    known = db.session.scalars(queries.subjects_of(before.id)).all() if before else []
    form.prefill(chosen, today(), known)
    return render_template("portfolio/exam_form.html", form=form, exam=None, several=len(classes) > 1)


@blueprint.post("/exams")
@requires(Permission.RECORD_EXAMS)
def exam_create() -> BaseResponse | tuple[str, int]:
    """Enters the exam for the chosen classes and leads to the first one's marks."""
    form, classes = ExamForm(), classes_in_reach()
    wanted = request.form.getlist("classes", type=int)
    # Checked before the form is: a class out of reach does not exist, whatever else is wrong.
    for class_id in wanted:
        chosen_class(classes, class_id)
    form.offer(classes)
    if form.validate():
        try:
            made = actions.add_exams(
                db.session(), school_id=realm().id, class_ids=wanted, name=form.name.data.strip(),
                taken_on=form.taken_on.data, subjects=form.entered_subjects(), today=today(),
                client_key=form.key, by=current_user.id,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            return redirect(url_for("portfolio.exam_entry", exam_id=made[0]))
    shown = render_template("portfolio/exam_form.html", form=form, exam=None, several=len(classes) > 1)
    return shown, 422


@blueprint.get("/exams/<int:exam_id>")
@requires(Permission.RECORD_EXAMS)
def exam_detail(exam_id: int) -> str:
    """The results of an exam: marks, standing, what moved; also of a withdrawn one, without standing."""
    exam, held = exam_or_404(exam_id)
    subjects = db.session.scalars(queries.subjects_of(exam.id)).all()
    sort = request.args.get("sort", "place")
    rows = results.result_rows(db.session(), exam, subjects, sort=sort)
    terms = db.session.scalars(queries.terms_of(realm().id)).all()
    return render_template(
        "portfolio/exam_detail.html", exam=exam, held=held, subjects=subjects, rows=rows, sort=sort,
        averages=results.averages(rows, subjects), entered=sum(row.is_entered for row in rows),
        term=term_name(list(terms), exam.taken_on), fallen=sum(row.has_fallen for row in rows),
    )  # fmt: skip


@blueprint.post("/exams/<int:exam_id>.xlsx")
@requires(Permission.RECORD_EXAMS)
def exam_export(exam_id: int) -> Response:
    """The results as a workbook, sorted as on the page."""
    exam, held = standing_exam_or_404(exam_id)
    subjects = db.session.scalars(queries.subjects_of(exam.id)).all()
    rows = results.result_rows(db.session(), exam, subjects, sort=request.form.get("sort", "place"))
    return results.workbook(db.session(), exam, held.code, subjects, rows)


@blueprint.get("/exams/<int:exam_id>/edit")
@requires(Permission.RECORD_EXAMS)
def exam_edit(exam_id: int) -> str:
    """Name, day and subjects to change."""
    exam, _ = standing_exam_or_404(exam_id)
    known = db.session.scalars(queries.subjects_of(exam.id)).all()
    form = ExamForm(formdata=None, data=_exam_shown(exam))
    del form.classes
    form.subjects.data = in_lines((one.name, one.full_marks) for one in known)
    return render_template("portfolio/exam_form.html", form=form, exam=exam, several=False)


@blueprint.post("/exams/<int:exam_id>/edit")
@requires(Permission.RECORD_EXAMS)
def exam_change(exam_id: int) -> BaseResponse | tuple[str, int]:
    """Changes an exam; what stood there is kept."""
    exam, _ = standing_exam_or_404(exam_id)
    form = ExamForm()
    del form.classes
    if form.validate():
        try:
            actions.change_exam(
                db.session(), exam, name=form.name.data.strip(), taken_on=form.taken_on.data,
                subjects=form.entered_subjects(), version=form.seen_version, today=today(),
                by=current_user.id,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(gettext("Saved."), "success")
            return redirect(url_for("portfolio.exam_detail", exam_id=exam_id))
    exam = db.session.get_one(Exam, (realm().id, exam_id))
    return render_template("portfolio/exam_form.html", form=form, exam=exam, several=False), 422


@blueprint.post("/exams/<int:exam_id>/withdrawal")
@requires(Permission.RECORD_EXAMS)
def exam_withdrawal(exam_id: int) -> BaseResponse:
    """Takes an exam with its results out of what counts, with the reason."""
    exam, _ = standing_exam_or_404(exam_id)
    version, reason = seen_number(request.form.get("version")), request.form.get("reason", "")
    try:
        actions.withdraw_exam(db.session(), exam, version=version, by=current_user.id, reason=reason)
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        flash(gettext("Withdrawn. It counts nowhere any more; its history stays."), "success")
    return redirect(url_for("portfolio.exam_detail", exam_id=exam_id))


@blueprint.get("/exams/<int:exam_id>/history")
@requires(Permission.RECORD_EXAMS)
def exam_history(exam_id: int) -> str:
    """What stood in the exam and in its marks before."""
    exam, held = exam_or_404(exam_id)
    subjects = db.session.scalars(queries.subjects_of(exam.id)).all()
    changes = mark_changes(db.session(), exam, subjects)
    return render_template(
        "portfolio/exam_history.html",
        exam=exam,
        held=held,
        changes=changes_of(db.session(), exam),
        page=Page.of(changes, request.args.get("page", 1, type=int), PAGE_SIZE),
    )


@blueprint.route("/exam-rule", methods=["GET", "POST"])
@requires(Permission.SET_DUTIES)
def exam_rule() -> BaseResponse | str | tuple[str, int]:
    """From which fall of a child's standing on the school is told."""
    held = db.session.scalars(queries.rule_of(realm().id)).one_or_none()
    if request.method == "GET":
        form = RuleForm(formdata=None, data=_rule_shown(held))
        return render_template("portfolio/exam_rule.html", form=form, least=queries.LEAST_PLACES)
    form = RuleForm()
    if form.validate():
        try:
            actions.set_exam_rule(
                db.session(), school_id=realm().id, fall_points=seen_number(form.fall_points.data),
                fall_places=seen_number(form.fall_places.data), version=form.seen_version,
                by=current_user.id,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(gettext("Saved."), "success")
            return redirect(url_for("portfolio.exam_rule"))
    return render_template("portfolio/exam_rule.html", form=form, least=queries.LEAST_PLACES), 422


def _exam_shown(exam: Exam) -> dict[str, object]:
    return {"name": exam.name, "taken_on": exam.taken_on, "version": exam.version}


def _rule_shown(held: ExamRule | None) -> dict[str, int]:
    if held is None:
        return {"fall_points": actions.FALL_POINTS, "fall_places": actions.FALL_PLACES, "version": 0}
    return {"fall_points": held.fall_points, "fall_places": held.fall_places, "version": held.version}
