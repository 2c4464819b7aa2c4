"""The list of pupils within reach; the page of each child is `lxsaas.archive`'s."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import format_date, gettext
from flask_login import current_user
from sqlalchemy import Select, select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.crypto import school_cipher
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheet, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.exports.streaming import sheet_of
from lxsaas.extensions import db
from lxsaas.pupils import labels, queries, reach, secrets
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.phones import number_in
from lxsaas.schools.models import SchoolClass

blueprint = Blueprint("pupils", __name__, url_prefix="/s/<school_slug>")
PAGE_SIZE = 50
ORDERS: dict[str, Any] = {"name": Pupil.pinyin, "class": SchoolClass.code, "born": Pupil.born_on}


@blueprint.context_processor
def words() -> dict[str, object]:
    """What the templates of this feature call codes by."""
    return {"labels": labels, "definitions": DEFINITIONS}


@blueprint.route("/pupils", methods=["GET", "POST"])
@requires(Permission.VIEW_PUPILS)
def pupil_list() -> str:
    """Pupils within reach; searched by POST, for names belong in no address."""
    page = db.paginate(
        chosen(), page=request.values.get("page", 1, type=int), per_page=PAGE_SIZE, error_out=False
    )
    classes = db.session.scalars(queries.classes_with(reach.pupils())).all()
    wanted = request.form.get("q", "").strip()
    if number_in(wanted) and page.items:
        found = sorted(pupil.id for pupil in page.items)
        secrets.note_number_search(db.session(), school_id=realm().id, pupil_ids=found, by=current_user.id)
    shown = render_template(
        "pupils/pupil_list.html",
        page=page,
        rows=described(page.items),
        classes=classes,
        wanted=wanted,
        sort=request.values.get("sort", "class"),
    )
    # Not before: a commit would have every row read again, one by one.
    db.session.commit()
    return shown


@blueprint.post("/pupils.xlsx")
@requires(Permission.VIEW_PUPILS)
def pupil_export() -> BaseResponse:
    """The list as it is chosen, without what is sealed; its making is logged."""
    return list_or_job(PUPILS)


def export_content() -> Content:
    return Sheets([pupil_sheet(chosen())])


def pupil_sheet(query: Select[Pupil]) -> Sheet:
    """Pupils for a file."""
    headings = [gettext("Name"), gettext("Class"), gettext("Sex"), gettext("Born on"), gettext("Left behind")]
    notes = [gettext("As of %(day)s", day=format_date(reach.today()))]
    return sheet_of(db.session(), query, _lines, title=gettext("Pupils"), headings=headings, notes=notes)


def _lines(rows: Sequence[Any]) -> Iterator[list[str]]:
    for pupil, code, is_left in described([row[0] for row in rows]):
        sex = gettext(labels.SEXES[pupil.sex])
        yield [pupil.name, code, sex, str(pupil.born_on), gettext("yes") if is_left else ""]


def note_export(rows: int) -> None:
    secrets.note_export(db.session(), school_id=realm().id, count=rows, by=current_user.id)


def chosen() -> Select[Pupil]:
    """Pupils within reach, as search, filters and order of the request ask for."""
    query = reach.pupils().join(
        SchoolClass, (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
    )
    wanted, class_id = request.form.get("q", "").strip(), request.values.get("class", type=int)
    number = number_in(wanted)
    if number and Permission.VIEW_SECRETS in current_user.permissions:
        # Who is only assigned must not learn by trying whose number it is.
        digest = school_cipher(db.session(), realm().id).digest(number)
        kept = reach.kept().with_only_columns(Pupil.id)
        query = query.where(Pupil.id.in_(queries.with_number(digest)), Pupil.id.in_(kept))
    elif wanted:
        query = query.where(queries.named(wanted))
    if class_id:
        query = query.where(Pupil.class_id == class_id)
    if request.values.get("left_behind"):
        query = query.where(queries.left_behind(reach.care_definition(), reach.today()))
    sort = request.values.get("sort", "class")
    column = ORDERS.get(sort.removeprefix("-"), SchoolClass.code)
    return query.order_by(column.desc() if sort.startswith("-") else column, Pupil.pinyin, Pupil.id)


def described(pupils: Sequence[Pupil]) -> list[tuple[Pupil, str, bool]]:
    """Each pupil with the class's code and whether it is a care target today, in two queries."""
    ids = [pupil.id for pupil in pupils]
    codes = {row.id: row.code for row in db.session.scalars(select(SchoolClass))}
    targets = set(
        db.session.scalars(
            select(Pupil.id).where(
                Pupil.id.in_(ids), queries.left_behind(reach.care_definition(), reach.today())
            )
        )
    )
    return [(pupil, codes[pupil.class_id], pupil.id in targets) for pupil in pupils]


PUPILS = declare(
    Kind(
        "pupils", N_("Pupils"), Permission.VIEW_PUPILS, export_content, "pupils",
        reach=reach.reached_ids, note=note_export,
    )
)  # fmt: skip
