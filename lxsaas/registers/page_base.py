"""What the pages of every register have in common: the row within reach, the form, who may read."""

from typing import Any, ClassVar

from flask import abort, render_template, request, url_for
from flask_login import current_user

from lxsaas.accounts.access import realm
from lxsaas.core.audit import audit
from lxsaas.core.crypto import school_cipher
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils import reach
from lxsaas.pupils.labels import RELATIONS
from lxsaas.pupils.models import Pupil
from lxsaas.registers import listing
from lxsaas.registers.forms import RegisterForm
from lxsaas.registers.listing import Names, Wish
from lxsaas.registers.offers import offer_rows, offers_for
from lxsaas.registers.register import Register
from lxsaas.registers.rosters import children_on, names_on
from lxsaas.registers.rows import sealed_fields, values_of


class PageBase:
    """One register and how its rows are loaded."""

    mounted: ClassVar[dict[str, "PageBase"]] = {}
    """Every register's pages, by table."""

    def __init__(self, blueprint: str, register: Register) -> None:
        self.blueprint, self.register = blueprint, register

    def endpoint(self, verb: str) -> str:
        return f"{self.blueprint}.{self.register.endpoint(verb)}"

    @property
    def key(self) -> str:
        """The argument of a row's address."""
        return f"{self.register.key}_id"

    def address(self, row_id: int) -> str:
        return url_for(self.endpoint("detail"), **{self.key: str(row_id)})  # type: ignore[arg-type]

    def readable_at(self, row_id: int) -> str:
        """The address of a row for who may read it and its files; 404 for others."""
        row, _ = self.load(row_id)
        if not self.may_read(row):
            abort(404)
        return self.address(row_id)

    def load(self, row_id: int) -> tuple[Any, Pupil | None]:
        """A row within reach with its child, or 404."""
        model: Any = self.register.model
        query = listing.rows_of(self.register, Wish(withdrawn=True), today=reach.today())
        row = db.session.scalars(query.where(model.id == row_id)).one_or_none()
        if row is None:
            abort(404)
        return row, reach.pupil_or_404(row.pupil_id) if self.register.of_child else None

    def place(self) -> tuple[Pupil | None, Any]:
        """The child and the row above for which an entry is made, as the request names them; or 404."""
        if self.register.parent:
            above = PageBase.mounted[self.register.parent.key]
            row, pupil = above.load(request.values.get("parent", 0, type=int))
            if row.withdrawn_at is not None or not above.may_read(row):
                abort(404)
            return pupil, row
        pupil_id = request.values.get("pupil", type=int)
        if self.register.of_child:
            by_keeper = self.register.of_file or self.register.by_keeper
            find = reach.kept_or_404 if by_keeper else reach.pupil_or_404
            return find(pupil_id if pupil_id is not None else abort(404)), None
        return None, None

    def may_read(self, row: Any) -> bool:
        """Who entered a text reads it, and who may see secrets of the children within reach (P8).

        Files are asked for by an address of all registers: what this one demands is asked here once more.
        """
        if self.register.view not in current_user.permissions:
            return False
        if not sealed_fields(self.register.model) or row.recorded_by == current_user.id:
            return True
        if self.register.of_child:
            return reach.may_open(row.pupil_id)
        return Permission.VIEW_SECRETS in current_user.permissions

    def may_change(self, row: Any) -> bool:
        """Whether a row can still be changed: not what was withdrawn, nor what the register holds fixed."""
        fixed = self.register.is_fixed
        return row.withdrawn_at is None and not (fixed and fixed(row)) and self._keeps_child_of(row)

    def may_withdraw(self, row: Any) -> bool:
        """Whether the signed-in person takes this row back, if it can still be."""
        fixed, needed = self.register.is_fixed, self.register.record
        if fixed and fixed(row):
            needed = self.register.withdraws_fixed or needed
        return needed in current_user.permissions and self._keeps_child_of(row)

    def may_record(self, pupil: Pupil | None) -> bool:
        """Whether the signed-in person enters rows, about this child where one is meant."""
        is_kept = pupil is None or not self.register.by_keeper or reach.keeps(pupil.id)
        return is_kept and self.register.record in current_user.permissions

    def _keeps_child_of(self, row: Any) -> bool:
        return not self.register.by_keeper or reach.keeps(row.pupil_id)

    def opened(self, row: Any) -> dict[str, Any]:
        """All fields; that sealed ones were seen is logged."""
        if sealed_fields(self.register.model):
            child = {"pupil_id": row.pupil_id} if self.register.of_child else {}
            audit(
                db.session(), f"view_{self.register.key}", self.register.key, row.id,
                school_id=realm().id, by=current_user.id, **child,
            )  # fmt: skip
        return values_of(row, school_cipher(db.session(), realm().id))

    def form(self, pupil: Pupil | None, **more: Any) -> RegisterForm:
        form = self.register.form(**more)
        if not self.register.with_files:
            del form.files
        form.offer(offers_for(db.session(), pupil))
        offer_rows(db.session(), form)
        form.offer_more(db.session(), pupil=pupil, today=reach.today())
        return form

    def show(self, template: str, **context: Any) -> str:
        return render_template(
            template, register=self.register, endpoint=self.endpoint, key=self.key,
            may_record=self.may_record(context.get("pupil")), **context,
        )  # fmt: skip

    def rosters_of(self, row: Any) -> list[dict[str, Any]]:
        """The rosters of a row: how many children, and the names of those within reach."""
        found = []
        for roster in self.register.rosters:
            count = dict(db.session.execute(children_on(roster, [row])).all()).get(row.id, 0)
            people = db.session.execute(names_on(roster, row, reach.pupils())).all()
            address = url_for(self.endpoint(roster.name), **{self.key: str(row.id)})  # type: ignore[arg-type]
            found.append(
                {
                    "roster": roster, "count": count, "people": people, "relations": RELATIONS,
                    "others": count - len({one.id for one in people}), "address": address,
                }
            )  # fmt: skip
        return found

    def parts_of(self, row: Any) -> list[dict[str, Any]]:
        """The entries that belong to a row, register by register, newest first."""
        found = []
        for part in PageBase.mounted.values():
            if part.register.parent is self.register:
                model: Any = part.register.model
                query = listing.rows_of(part.register, Wish(withdrawn=True), today=reach.today())
                rows = db.session.scalars(query.where(getattr(model, self.key) == row.id)).all()
                found.append(
                    {
                        "register": part.register,
                        "rows": rows,
                        "names": Names(db.session(), part.register, rows),
                        "address": part.address,
                        "new": url_for(part.endpoint("new"), parent=row.id),
                        "may_record": part.register.record in current_user.permissions,
                    }
                )
        return found
