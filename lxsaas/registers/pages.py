"""The pages of every register: list, export, form, a row with its history, withdrawal, print, files."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas import navigation
from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import RuleError
from lxsaas.core.export import to_xlsx
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import named
from lxsaas.pupils.sections import Section, add_section
from lxsaas.registers import actions, listing
from lxsaas.registers.attachments import attach, files_of
from lxsaas.registers.forms import RegisterForm
from lxsaas.registers.history import changes_of
from lxsaas.registers.hooks import form_saved
from lxsaas.registers.listing import Names, Wish
from lxsaas.registers.register import REGISTERS, SUBJECTS, Register
from lxsaas.registers.rows import sealed_fields, values_of

PAGE_SIZE = 30
FOUND_LIMIT = 60
"""Children among whom one chooses; who looks for another types the name."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def mount(blueprint: Blueprint, register: Register) -> None:
    """Gives a register its pages below `blueprint`, its place in 'All work' and on each child's page."""
    pages = RegisterPages(blueprint.name, register)
    one = f"/{register.name}/<int:{register.key}_id>"
    for rule, verb, permission, methods in (
        (f"/{register.name}", "list", register.view, ["GET", "POST"]),
        (f"/{register.name}.xlsx", "export", register.view, ["POST"]),
        (f"/{register.name}/new", "new", register.record, ["GET", "POST"]),
        (f"/{register.name}/entries", "create", register.record, ["POST"]),
        (one, "detail", register.view, ["GET"]),
        (f"{one}/edit", "edit", register.record, ["GET", "POST"]),
        (f"{one}/withdrawal", "withdraw", register.record, ["POST"]),
        (f"{one}/print", "print", register.view, ["GET"]),
    ):
        view = requires(permission)(getattr(pages, f"{verb}_page"))
        blueprint.add_url_rule(rule, register.endpoint(verb), view, methods=methods)
    if register.of_child:
        rule = f"/pupils/<int:pupil_id>/{register.name}"
        blueprint.add_url_rule(
            rule, register.endpoint("of_child"), requires(register.view)(pages.of_child_page)
        )
        endpoint = f"{blueprint.name}.{register.endpoint('of_child')}"
        add_section(Section(endpoint, lazy_gettext(register.title), register.icon, register.view))
    if register.area:
        entry = (pages.endpoint("list"), lazy_gettext(register.title), register.icon, register.view)
        if entry[0] not in (known[0] for known in navigation.TILES[register.area][1]):
            navigation.TILES[register.area][1].append(entry)
    REGISTERS[register.key] = (register, blueprint.name)
    SUBJECTS[register.key] = pages.readable_at


class RegisterPages:
    """The views of one register; each loads what is in reach, acts once, commits once."""

    def __init__(self, blueprint: str, register: Register) -> None:
        self._blueprint, self._register = blueprint, register

    def endpoint(self, verb: str) -> str:
        return f"{self._blueprint}.{self._register.endpoint(verb)}"

    def list_page(self) -> str:
        """The rows within reach; children are looked for by POST, for names belong in no address."""
        register, wish = self._register, listing.wish_of_request()
        query = listing.rows_of(register, wish, today=reach.today())
        page = db.paginate(
            query, page=request.values.get("page", 1, type=int), per_page=PAGE_SIZE, error_out=False
        )
        names = Names(db.session(), register, page.items)
        return self._show("registers/list.html", page=page, names=names, wish=wish)

    def export_page(self) -> Response:
        """The list as it is chosen, as a workbook; its making is logged."""
        register, wish = self._register, listing.wish_of_request()
        rows = db.session.scalars(listing.rows_of(register, wish, today=reach.today())).all()
        names = Names(db.session(), register, rows)
        table = listing.as_table(register, rows, names, reach.today())
        audit(
            db.session(), f"export_{register.key}", register.key, None,
            school_id=realm().id, by=current_user.id, rows=len(rows),
        )  # fmt: skip
        db.session.commit()
        headers = {"Content-Disposition": f'attachment; filename="{register.name}.xlsx"'}
        return Response(to_xlsx(table), content_type=XLSX, headers=headers)

    def new_page(self) -> str:
        """The form; before that, where it is about a child, the choice of the child."""
        pupil_id = request.args.get("pupil", type=int)
        if self._register.of_child and pupil_id is None:
            return self._choose()
        pupil = reach.pupil_or_404(pupil_id) if pupil_id else None
        form = self._form(pupil, formdata=None, data=self._defaults(pupil))
        form.open_new()
        return self._show("registers/form.html", form=form, pupil=pupil, row=None)

    def create_page(self) -> BaseResponse | tuple[str, int]:
        """Enters a row with its files, or shows the form again with what is wrong."""
        pupil_id = request.form.get("pupil", type=int)
        if self._register.of_child and pupil_id is None:
            abort(404)
        pupil = reach.pupil_or_404(pupil_id) if pupil_id else None
        form = self._form(pupil)
        if form.validate():
            try:
                row = self._enter(form, pupil)
            except RuleError as error:
                db.session.rollback()
                form.refuse(error)
            else:
                self._note_time(form)
                db.session.commit()
                flash(gettext("Saved."), "success")
                flash(self._draft(pupil), "draft")
                return redirect(url_for(self.endpoint("detail"), **{f"{self._register.key}_id": row.id}))
        pupil = reach.pupil_or_404(pupil_id) if pupil_id else None
        return self._show("registers/form.html", form=form, pupil=pupil, row=None), 422

    def detail_page(self, **ids: Any) -> str:
        """One row with its history and files; the sight of sealed texts is logged."""
        return self._row_page("registers/detail.html", ids)

    def print_page(self, **ids: Any) -> str:
        """The same for paper."""
        return self._row_page("registers/print.html", ids)

    def edit_page(self, **ids: Any) -> BaseResponse | str | tuple[str, int]:
        """Changes a row; what stood there is kept."""
        row, pupil = self._load(ids)
        if not self._may_read(row) or row.withdrawn_at is not None:
            abort(404)
        if request.method == "GET":
            form = self._form(pupil, formdata=None, data=self._opened(row))
            form.version.data = str(row.version)
            db.session.commit()
            return self._show("registers/form.html", form=form, pupil=pupil, row=row)
        form = self._form(pupil)
        if form.validate():
            try:
                self._change(row, form, pupil)
            except RuleError as error:
                db.session.rollback()
                form.refuse(error)
            else:
                db.session.commit()
                flash(gettext("Saved."), "success")
                return redirect(url_for(self.endpoint("detail"), **ids))
        row, pupil = self._load(ids)
        return self._show("registers/form.html", form=form, pupil=pupil, row=row), 422

    def withdraw_page(self, **ids: Any) -> BaseResponse:
        """Takes a row out of what counts, with the reason."""
        row, _ = self._load(ids)
        if not self._may_read(row):
            abort(404)
        version = request.form.get("version", 0, type=int)
        try:
            actions.withdraw_row(
                db.session(), row, version=version, by=current_user.id, reason=request.form.get("reason", "")
            )
            if self._register.follow:
                self._register.follow(db.session(), row, by=current_user.id)
        except RuleError as error:
            db.session.rollback()
            flash(_told(error), "error")
        else:
            db.session.commit()
            flash(gettext("Withdrawn. It counts nowhere any more; its history stays."), "success")
        return redirect(url_for(self.endpoint("detail"), **ids))

    def of_child_page(self, pupil_id: int) -> str:
        """The rows about one child, withdrawn ones included."""
        pupil = reach.pupil_or_404(pupil_id)
        wish = Wish(pupil_id=pupil.id, withdrawn=True)
        query = listing.rows_of(self._register, wish, today=reach.today())
        page = db.paginate(
            query, page=request.args.get("page", 1, type=int), per_page=PAGE_SIZE, error_out=False
        )
        names = Names(db.session(), self._register, page.items)
        return self._show("registers/of_child.html", pupil=pupil, page=page, names=names)

    def readable_at(self, row_id: int) -> str:
        """The address of a row for who may read it and its files; 404 for others."""
        ids: dict[str, Any] = {f"{self._register.key}_id": row_id}
        row, _ = self._load(ids)
        if not self._may_read(row):
            abort(404)
        return url_for(self.endpoint("detail"), **ids)

    def _show(self, template: str, **context: Any) -> str:
        return render_template(
            template, register=self._register, endpoint=self.endpoint, key=f"{self._register.key}_id",
            may_record=self._register.record in current_user.permissions,
            draft=self._draft(context.get("pupil")), **context,
        )  # fmt: skip

    def _choose(self) -> str:
        """Children in reach: those of one's classes at once, others by name."""
        wanted = request.form.get("q", "").strip()
        query = reach.pupils().order_by(Pupil.class_id, Pupil.pinyin, Pupil.id).limit(FOUND_LIMIT)
        found = db.session.scalars(query.where(named(wanted)) if wanted else query).all()
        return self._show("registers/choose.html", found=found, wanted=wanted)

    def _form(self, pupil: Pupil | None, **more: Any) -> RegisterForm:
        form = self._register.form(**more)
        if not self._register.with_files:
            del form.files
        form.offer(
            staff=listing.staff_offered(db.session(), realm().id),
            classmates=listing.classmates_offered(db.session(), pupil),
        )
        return form

    def _defaults(self, pupil: Pupil | None) -> dict[str, Any]:
        if self._register.defaults is None:
            return {}
        return self._register.defaults(db.session(), pupil, reach.today())

    def _enter(self, form: RegisterForm, pupil: Pupil | None) -> Any:
        values = form.values() | ({"pupil_id": pupil.id} if pupil else {})
        self._check(pupil, values)
        row, made = actions.add_row(
            db.session(), self._register.model, school_id=realm().id, values=values,
            client_key=form.key, by=current_user.id,
        )  # fmt: skip
        self._attach(row, form)
        if made and self._register.follow:
            self._register.follow(db.session(), row, by=current_user.id)
        return row

    def _change(self, row: Any, form: RegisterForm, pupil: Pupil | None) -> None:
        values = form.values() | ({"pupil_id": pupil.id} if pupil else {})
        self._check(pupil, values)
        changed = actions.edit_row(
            db.session(), row, values=values, version=form.seen_version, by=current_user.id
        )
        self._attach(row, form)
        if changed and self._register.follow:
            self._register.follow(db.session(), row, by=current_user.id)

    def _check(self, pupil: Pupil | None, values: dict[str, Any]) -> None:
        if self._register.check:
            self._register.check(db.session(), pupil=pupil, values=values, today=reach.today())

    def _attach(self, row: Any, form: RegisterForm) -> None:
        if self._register.with_files:
            attach(db.session(), row, form.cleaned_files(), client_key=form.key, by=current_user.id)

    def _load(self, ids: dict[str, Any]) -> tuple[Any, Pupil | None]:
        """A row within reach with its child, or 404."""
        model: Any = self._register.model
        wish = Wish(withdrawn=True)
        query = listing.rows_of(self._register, wish, today=reach.today())
        row = db.session.scalars(query.where(model.id == ids[f"{self._register.key}_id"])).one_or_none()
        if row is None:
            abort(404)
        pupil = reach.pupil_or_404(row.pupil_id) if self._register.of_child else None
        return row, pupil

    def _row_page(self, template: str, ids: dict[str, Any]) -> str:
        row, pupil = self._load(ids)
        readable = self._may_read(row)
        values = self._opened(row) if readable else values_of(row, None)
        names = Names(db.session(), self._register, [row])
        beside = self._register.load_beside(db.session(), row) if self._register.load_beside else {}
        shown = self._show(
            template, row=row, pupil=pupil, values=values, names=names, readable=readable,
            fields=listing.fields_shown(self._register.form(formdata=None, meta={"csrf": False})),
            changes=changes_of(db.session(), row) if readable else [],
            attached=db.session.scalars(files_of(row)).all(), beside=beside,
        )  # fmt: skip
        # Not before: a commit would have every row read again, one by one.
        db.session.commit()
        return shown

    def _may_read(self, row: Any) -> bool:
        """Who entered a text reads it, and who may see secrets of the children within reach (P8)."""
        if not sealed_fields(self._register.model) or row.recorded_by == current_user.id:
            return True
        return Permission.VIEW_SECRETS in current_user.permissions

    def _opened(self, row: Any) -> dict[str, Any]:
        """All fields; that sealed ones were seen is logged."""
        if sealed_fields(self._register.model):
            child = {"pupil_id": row.pupil_id} if self._register.of_child else {}
            audit(
                db.session(), f"view_{self._register.key}", self._register.key, row.id,
                school_id=realm().id, by=current_user.id, **child,
            )  # fmt: skip
        return values_of(row, school_cipher(db.session(), realm().id))

    def _draft(self, pupil: Pupil | None) -> str:
        return f"{self._register.key}-{pupil.id if pupil else 0}"

    def _note_time(self, form: RegisterForm) -> None:
        """How long the form was open, as the browser measured it: by kind, nothing of who or for whom."""
        text = form.elapsed_ms.data or ""
        if text.isdecimal() and len(text) < 9:
            for note in form_saved:
                note(db.session(), realm().id, self._register.key, int(text))


def _told(error: RuleError) -> str:
    return sentence(error, gettext)
