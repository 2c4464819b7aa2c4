"""The pages of every register: list, export, form, a row with its history, withdrawal, print, files."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas import navigation
from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheets
from lxsaas.exports.kinds import KINDS, Kind, declare
from lxsaas.extensions import db
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import named
from lxsaas.pupils.sections import Section, add_section
from lxsaas.registers import actions, listing
from lxsaas.registers.attachments import files_of
from lxsaas.registers.forms import RegisterForm
from lxsaas.registers.history import changes_of
from lxsaas.registers.hooks import tell_saved
from lxsaas.registers.listing import Names, Wish
from lxsaas.registers.page_base import PageBase
from lxsaas.registers.register import REGISTERS, SUBJECTS, Register
from lxsaas.registers.roster_pages import mount_rosters
from lxsaas.registers.rows import values_of
from lxsaas.registers.saving import Saving

PAGE_SIZE = 30
FOUND_LIMIT = 60
"""Children among whom one chooses; who looks for another types the name."""


def mount(blueprint: Blueprint, register: Register) -> None:
    """Gives a register its pages below `blueprint`, its place in 'All work' and on each child's page."""
    pages = RegisterPages(blueprint.name, register)
    one = f"/{register.name}/<int:{pages.key}>"
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
    if register.of_child and register.parent is None:
        rule = f"/pupils/<int:pupil_id>/{register.name}"
        blueprint.add_url_rule(
            rule, register.endpoint("of_child"), requires(register.view)(pages.of_child_page)
        )
        label = lazy_gettext(register.title)
        add_section(
            Section(pages.endpoint("of_child"), label, register.icon, register.view, register.of_file)
        )
    if register.area:
        navigation.add_tile(
            register.area, pages.endpoint("list"), lazy_gettext(register.title), register.icon, register.view
        )
    mount_rosters(blueprint, pages)
    PageBase.mounted[register.key] = pages
    REGISTERS[register.key] = (register, blueprint.name)
    declare(
        Kind(
            export_code(register), register.title, register.view, pages.export_content, register.name,
            reach=reach.reached_ids, note=pages.note_export,
        )
    )  # fmt: skip
    SUBJECTS[register.key] = pages.readable_at


def export_code(register: Register) -> str:
    return f"register.{register.key}"


class RegisterPages(Saving):
    """The views of one register; each loads what is in reach, acts once, commits once."""

    def list_page(self) -> str:
        """The rows within reach; children are looked for by POST, for names belong in no address."""
        wish = listing.wish_of_request()
        query = listing.rows_of(self.register, wish, today=reach.today())
        page = db.paginate(
            query, page=request.values.get("page", 1, type=int), per_page=PAGE_SIZE, error_out=False
        )
        names = Names(db.session(), self.register, page.items)
        return self.show("registers/list.html", page=page, names=names, wish=wish)

    def export_page(self) -> BaseResponse:
        """The list as it is chosen, as a workbook: at once where it is short; its making is logged."""
        return list_or_job(KINDS[export_code(self.register)])

    def export_content(self) -> Content:
        """The rows as the list shows them, all of its pages."""
        query = listing.rows_of(self.register, listing.wish_of_request(), today=reach.today())
        return Sheets([listing.as_sheet(db.session(), self.register, query, reach.today())])

    def note_export(self, rows: int) -> None:
        register = self.register
        audit(
            db.session(), f"export_{register.key}", register.key, None,
            school_id=realm().id, by=current_user.id, rows=rows,
        )  # fmt: skip

    def of_child_page(self, pupil_id: int) -> str:
        """The rows about one child, withdrawn ones included."""
        pupil = (reach.kept_or_404 if self.register.of_file else reach.pupil_or_404)(pupil_id)
        wish = Wish(pupil_id=pupil.id, withdrawn=True)
        query = listing.rows_of(self.register, wish, today=reach.today())
        page = db.paginate(
            query, page=request.args.get("page", 1, type=int), per_page=PAGE_SIZE, error_out=False
        )
        names = Names(db.session(), self.register, page.items)
        return self.show("registers/of_child.html", pupil=pupil, page=page, names=names)

    def new_page(self) -> str:
        """The form; before that, where it is about a child, the choice of the child."""
        register = self.register
        if register.of_child and register.parent is None and "pupil" not in request.args:
            return self._choose()
        pupil, parent = self.place()
        known = register.defaults(db.session(), pupil, reach.today()) if register.defaults else {}
        form = self.form(pupil, formdata=None, data=known)
        form.open_new()
        shown = self._show_form(form, pupil, parent, None)
        # What the form holds already may be sealed elsewhere: that it was seen is logged.
        db.session.commit()
        return shown

    def create_page(self) -> BaseResponse | tuple[str, int]:
        """Enters a row with its files, or shows the form again with what is wrong."""
        pupil, parent = self.place()
        form = self.form(pupil)
        if form.validate():
            try:
                row = self.enter(form, pupil, parent)
            except RuleError as error:
                db.session.rollback()
                form.refuse(error)
            else:
                tell_saved(db.session(), realm().id, self.register.key, form.milliseconds)
                db.session.commit()
                flash(gettext("Saved."), "success")
                flash(self._draft(pupil, parent), "draft")
                return redirect(self._after(row))
        return self._show_form(form, *self.place(), None), 422

    def detail_page(self, **ids: int) -> str:
        """One row with its history and files; the sight of sealed texts is logged."""
        return self._row_page("registers/detail.html", ids[self.key])

    def print_page(self, **ids: int) -> str:
        """The same for paper."""
        return self._row_page("registers/print.html", ids[self.key])

    def edit_page(self, **ids: int) -> BaseResponse | str | tuple[str, int]:
        """Changes a row; what stood there is kept."""
        row, pupil = self.load(ids[self.key])
        if not self.may_read(row) or not self.may_change(row):
            abort(404)
        if request.method == "GET":
            form = self.form(pupil, formdata=None, data=self.opened(row))
            form.version.data = str(row.version)
            # Sent twice, it adds its photos once.
            form.open_new()
            shown = self._show_form(form, pupil, None, row)
            db.session.commit()
            return shown
        form = self.form(pupil)
        if form.validate():
            try:
                self.change(row, form, pupil)
            except RuleError as error:
                db.session.rollback()
                form.refuse(error)
            else:
                db.session.commit()
                flash(gettext("Saved."), "success")
                return redirect(self.address(ids[self.key]))
        row, pupil = self.load(ids[self.key])
        return self._show_form(form, pupil, None, row), 422

    def withdraw_page(self, **ids: int) -> BaseResponse:
        """Takes a row out of what counts, with the reason."""
        row, _ = self.load(ids[self.key])
        if not self.may_read(row):
            abort(404)
        if not self.may_withdraw(row):
            abort(403)
        seen, reason = request.form.get("version", 0, type=int), request.form.get("reason", "")
        try:
            actions.withdraw_row(db.session(), row, version=seen, by=current_user.id, reason=reason)
            self.follow(row, self.counted_day(row))
        except RuleError as error:
            db.session.rollback()
            flash(sentence(error, gettext), "error")
        else:
            db.session.commit()
            flash(gettext("Withdrawn. It counts nowhere any more; its history stays."), "success")
        return redirect(self.address(ids[self.key]))

    def _choose(self) -> str:
        """Children in reach: those of one's classes at once, others by name."""
        wanted = request.form.get("q", "").strip()
        pupils = reach.kept() if self.register.of_file or self.register.by_keeper else reach.pupils()
        query = pupils.order_by(Pupil.class_id, Pupil.pinyin, Pupil.id).limit(FOUND_LIMIT)
        found = db.session.scalars(query.where(named(wanted)) if wanted else query).all()
        return self.show("registers/choose.html", found=found, wanted=wanted)

    def _show_form(self, form: RegisterForm, pupil: Pupil | None, parent: Any, row: Any) -> str:
        above = None
        if self.register.parent:
            held = parent.id if parent else getattr(row, f"{self.register.parent.key}_id")
            above = PageBase.mounted[self.register.parent.key].address(held)
        return self.show(
            "registers/form.html", form=form, pupil=pupil, parent=parent, row=row, above=above,
            draft=self._draft(pupil, parent),
        )  # fmt: skip

    def _after(self, row: Any) -> str:
        if self.register.parent:
            above = self.register.parent.key
            return PageBase.mounted[above].address(getattr(row, f"{above}_id"))
        return self.address(row.id)

    def _row_page(self, template: str, row_id: int) -> str:
        row, pupil = self.load(row_id)
        readable = self.may_read(row)
        values = self.opened(row) if readable else values_of(row, None)
        changes = changes_of(db.session(), row) if readable else []
        shown = self.show(
            template, row=row, pupil=pupil, readable=readable, back=self._back(row, pupil), values=values,
            names=Names(db.session(), self.register, [row], [one.before for one in changes]),
            fields=listing.fields_shown(self.register), changes=changes, may_change=self.may_change(row),
            may_withdraw=self.may_withdraw(row),
            aside=self.register.aside.context(row) if self.register.aside and readable else None,
            attached=db.session.scalars(files_of(row)).all(),
            rosters=self.rosters_of(row) if readable else [],
            parts=self.parts_of(row) if readable else [],
        )  # fmt: skip
        # Not before: a commit would have every row read again, one by one.
        db.session.commit()
        return shown

    def _back(self, row: Any, pupil: Pupil | None) -> str:
        if self.register.parent:
            return self._after(row)
        if pupil:
            return url_for(self.endpoint("of_child"), pupil_id=pupil.id)
        return url_for(self.endpoint("list"))

    def _draft(self, pupil: Pupil | None, parent: Any) -> str:
        return f"{self.register.key}-{pupil.id if pupil else 0}-{parent.id if parent else 0}"
