"""The page on which children are tapped onto a row; each tap is kept at once, without scripts by a button."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import Select, func, select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import is_inside, realm, requires
from lxsaas.core.changes import note_change
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.extensions import db
from lxsaas.pupils import reach
from lxsaas.pupils.labels import RELATIONS
from lxsaas.pupils.models import Guardian, Pupil
from lxsaas.pupils.queries import classes_with, families_of, left_behind, named
from lxsaas.registers.page_base import PageBase
from lxsaas.registers.rosters import Person, Roster, on_roster, people_on, tap
from lxsaas.schools.models import SchoolClass

MOST = 120
"""Children shown at once; who looks for another chooses the class or types the name."""


@dataclass(frozen=True)
class Choice:
    """One box: a child, or somebody of its family."""

    value: str
    """'12' for a child, '12-34' for its guardian 34, '12-0' for somebody of the family."""
    label: str
    is_on: bool


@dataclass(frozen=True)
class Line:
    """A child with its boxes."""

    pupil: Pupil
    class_code: str
    is_target: bool
    is_first: bool
    """Of the care targets, or of those who were invited."""
    choices: Sequence[Choice]


class RosterPages:
    """The page of one roster of one register."""

    mounted: ClassVar[dict[str, "RosterPages"]] = {}
    """Every roster's page, by endpoint."""

    def __init__(self, pages: PageBase, roster: Roster) -> None:
        self.pages, self.roster = pages, roster

    @property
    def endpoint(self) -> str:
        return self.pages.endpoint(self.roster.name)

    def address(self, row: Any) -> str:
        """Where children are tapped onto a row."""
        return url_for(self.endpoint, **{self.pages.key: str(row.id)})  # type: ignore[arg-type]

    def page(self, **ids: int) -> BaseResponse | str:
        """Shows the children to tap; keeps taps, adds children by a rule, looks for others."""
        row, _ = self.pages.load(ids[self.pages.key])
        if row.withdrawn_at is not None or not self.pages.may_read(row):
            abort(404)
        if request.method == "GET":
            return self._show(row)
        try:
            added = self._keep(row)
        except RuleError as error:
            db.session.rollback()
            flash(sentence(error, gettext), "error")
            return redirect(self.pages.address(ids[self.pages.key]))
        db.session.commit()
        row, _ = self.pages.load(ids[self.pages.key])
        if "HX-Request" in request.headers:
            return render_template("registers/_roster_state.html", **self._state(row, _values_in("shown")))
        if request.form.get("then") == "find" or "rule" in request.form:
            if added:
                flash(ngettext("%(num)s child added.", "%(num)s children added.", added), "success")
            return self._show(row)
        flash(gettext("Saved."), "success")
        back = request.form.get("next", "")
        return redirect(back if is_inside(back) else self.pages.address(row.id))

    def _keep(self, row: Any) -> int:
        """What was ticked since the page was opened goes on the roster, what was unticked goes off it.

        Only the difference: two who tap at the same time do not undo each other. How many a rule added.
        """
        was, now = _values_in("was"), set(request.form.getlist("people"))
        put, take = self._people(now - was), self._people(was - now)
        ruled = self._by_rule(row)
        if put or take or ruled:
            tap(db.session(), self.roster, row, put={*put, *ruled}, take=take, by=current_user.id)
            self._note(row)
        return len(ruled)

    def _note(self, row: Any) -> None:
        """Figures follow from who was there as from the row itself."""
        if name := self.pages.register.counted_on:
            note_change(db.session(), school_id=row.school_id, starts_on=getattr(row, name), ends_on=None)

    def _by_rule(self, row: Any) -> set[Person]:
        """Those whom the chosen rule means and who are not on the roster yet."""
        code = request.form.get("rule")
        if code is None:
            return set()
        if code == "class":
            class_id = request.form.get("class", type=int)
            meant = reach.pupils().where(Pupil.class_id == class_id)
        else:
            rule = next((one for one in self.roster.rules if one.code == code), None) or abort(400)
            meant = rule.narrow(db.session(), reach.pupils(), row, reach.today())
        fresh = meant.where(Pupil.id.not_in(on_roster(self.roster, row)))
        return {(pupil_id, None) for pupil_id in db.session.scalars(fresh.with_only_columns(Pupil.id))}

    def _people(self, values: Iterable[str]) -> set[Person]:
        """The people whom values of boxes name; 404 where one is out of reach."""
        people = {_person(value) for value in values}
        ids = {pupil_id for pupil_id, _ in people}
        found = select(func.count()).select_from(reach.pupils().where(Pupil.id.in_(ids)).subquery())
        family = {(pupil_id, guardian_id) for pupil_id, guardian_id in people if guardian_id is not None}
        if ids and db.session.scalar(found) != len(ids) or family and not self.roster.with_family:
            abort(404)
        if family and family - {(one.pupil_id, one.id) for one in self._families(ids)}:
            abort(404)
        return people

    def _show(self, row: Any) -> str:
        return self.pages.show("registers/roster.html", back=self.pages.address(row.id), **self.context(row))

    def context(self, row: Any) -> dict[str, Any]:
        """What `registers/_roster.html` needs to show the children to tap."""
        wanted, class_id = request.form.get("q", "").strip(), request.values.get("class", type=int)
        classes = db.session.scalars(classes_with(reach.pupils())).all()
        invited = self._invited(row)
        if class_id is None and not wanted and not invited:
            class_id = classes[0].id if classes else 0
        lines = self._lines(row, self._meant(row, wanted, class_id))
        shown = {one.value for line in lines for one in line.choices}
        return {
            "row": row, "roster": self.roster, "classes": classes, "class_id": class_id, "wanted": wanted,
            "lines": lines, "rules": [one for one in self.roster.rules if invited or not one.of_after],
            "here": self.address(row), "next": request.form.get("next", ""),
            "shown": ",".join(sorted(shown)), **self._state(row, shown),
        }  # fmt: skip

    def _meant(self, row: Any, wanted: str, class_id: int | None) -> Select[Pupil]:
        """The children to show: who is called so, else a class, else who was invited."""
        if wanted:
            return reach.pupils().where(named(wanted))
        if class_id is not None:
            return reach.pupils().where(Pupil.class_id == class_id)
        return reach.pupils().where(Pupil.id.in_(self._first(row)))

    def _invited(self, row: Any) -> int:
        """How many of the children within reach stand on the roster before this one."""
        if self.roster.after is None:
            return 0
        here = reach.pupils().where(Pupil.id.in_(on_roster(self.roster.after, row)))
        return db.session.scalar(here.with_only_columns(func.count(Pupil.id))) or 0

    def _state(self, row: Any, shown: set[str]) -> dict[str, Any]:
        """How many of those within reach stand there, and which of the boxes shown are ticked.

        From these the next difference is taken.
        """
        on = db.session.execute(people_on(self.roster, row, reach.pupils())).all()
        was = sorted(shown & {_value(self.roster, *one) for one in on})
        is_saved = request.method == "POST"
        return {"count": len({one[0] for one in on}), "was": ",".join(was), "is_saved": is_saved}

    def _first(self, row: Any) -> Select[int]:
        """Ids of the children who stand first: who was invited, else the care targets."""
        if self.roster.after is not None:
            return on_roster(self.roster.after, row)
        return reach.pupils().where(self._is_target()).with_only_columns(Pupil.id)

    def _is_target(self) -> Any:
        return left_behind(reach.care_definition(), reach.today())

    def _lines(self, row: Any, pupils: Select[Pupil]) -> list[Line]:
        """The children with their boxes, those first who are expected; always the same few queries."""
        same = (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
        target, first = self._is_target(), Pupil.id.in_(self._first(row))
        found = db.session.execute(
            pupils.join(SchoolClass, same)
            .add_columns(SchoolClass.code, target, first)
            .order_by(first.desc(), SchoolClass.code, Pupil.pinyin, Pupil.id)
            .limit(MOST)
        ).all()
        on = {_value(self.roster, *one) for one in db.session.execute(people_on(self.roster, row, pupils))}
        family: dict[int, list[Guardian]] = {}
        for one in self._families({pupil.id for pupil, *_ in found}) if self.roster.with_family else ():
            family.setdefault(one.pupil_id, []).append(one)
        return [
            Line(pupil, code, is_target, is_first, self._choices(pupil, family.get(pupil.id, []), on))
            for pupil, code, is_target, is_first in found
        ]

    def _choices(self, pupil: Pupil, family: Sequence[Guardian], on: set[str]) -> list[Choice]:
        if not self.roster.with_family:
            return [Choice(str(pupil.id), pupil.name, str(pupil.id) in on)]
        named = [(f"{pupil.id}-{one.id}", _called(one)) for one in family if not one.is_gone]
        every = [*named, (f"{pupil.id}-0", gettext("somebody of the family"))]
        return [Choice(value, label, value in on) for value, label in every]

    def _families(self, pupil_ids: set[int]) -> Sequence[Guardian]:
        """The families of those of the children whose whole file one keeps (P8)."""
        kept = reach.kept().where(Pupil.id.in_(pupil_ids)).with_only_columns(Pupil.id)
        return db.session.scalars(families_of(realm().id, db.session.scalars(kept).all())).all()


def mount_rosters(blueprint: Blueprint, pages: PageBase) -> None:
    """Gives each roster of a register its page below the row's."""
    for roster in pages.register.rosters:
        mounted = RosterPages(pages, roster)
        RosterPages.mounted[mounted.endpoint] = mounted
        view = requires(pages.register.record)(mounted.page)
        rule = f"/{pages.register.name}/<int:{pages.key}>/{roster.name}"
        blueprint.add_url_rule(rule, pages.register.endpoint(roster.name), view, methods=["GET", "POST"])


def _called(member: Guardian) -> str:
    relation = gettext(RELATIONS.get(member.relation, RELATIONS["97"]))
    return str(gettext("%(relation)s %(name)s", relation=relation, name=member.name))


def _value(roster: Roster, pupil_id: int, guardian_id: int | None = None) -> str:
    return f"{pupil_id}-{guardian_id or 0}" if roster.with_family else str(pupil_id)


def _person(value: str) -> Person:
    child, _, member = value.partition("-")
    if not child.isdecimal() or len(child) > 18 or member and not (member.isdecimal() and len(member) < 19):
        abort(400)
    return int(child), int(member or "0") or None


def _values_in(name: str) -> set[str]:
    """The values of boxes that a hidden field lists."""
    return {value for value in request.form.get(name, "").split(",") if value}
