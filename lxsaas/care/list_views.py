"""Pages that list care records: of one child, of a class or all children within reach, and as a workbook."""

from flask import abort, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.care import listing
from lxsaas.care.pages import blueprint, may_read
from lxsaas.care.reach import chosen_class, classes_in_reach, reachable_pupil
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.extensions import db
from lxsaas.pupils.reach import reached_ids
from lxsaas.registers.offers import staff_offered
from lxsaas.schools.models import SchoolClass


@blueprint.get("/pupils/<int:pupil_id>/care-records")
@requires(Permission.VIEW_PUPILS)
def child_records(pupil_id: int) -> str:
    """What was done for one child, newest first; as a fragment for the child's own page."""
    pupil = reachable_pupil(pupil_id)
    wish = listing.wish_of_request(pupil_id=pupil.id)
    found = listing.shown(db.session(), wish)
    records = [row[0] for row in found.page.items]
    notes = listing.readable_notes(db.session(), pupil.id, records)
    template = "care/_child_list.html" if request.headers.get("HX-Request") else "care/child_records.html"
    readable = {record.id for record in records if may_read(record)}
    page = render_template(template, pupil=pupil, found=found, notes=notes, readable=readable, wish=wish)
    # Not before: a commit would have every row read again, one by one.
    db.session.commit()
    return page


@blueprint.get("/care-records")
@requires(Permission.VIEW_PUPILS)
def class_records() -> str:
    """What was done in a class, or for all children within reach: filtered, sorted, page by page."""
    return _list_page()


@blueprint.post("/care-records/found")
@requires(Permission.VIEW_PUPILS)
def class_search() -> str:
    """The same for children of a name; by POST, for names belong in no address."""
    return _list_page()


def _list_page() -> str:
    classes = classes_in_reach()
    everybody = request.args.get("class") == "all"
    chosen = None if everybody else chosen_class(classes, request.args.get("class", type=int))
    wish = listing.wish_of_request(class_id=chosen.id if chosen else None)
    return render_template(
        "care/class_records.html",
        classes=classes,
        chosen=chosen,
        everybody=everybody,
        wish=wish,
        staff=staff_offered(db.session(), realm().id),
        found=listing.shown(db.session(), wish) if chosen or everybody else None,
    )


@blueprint.route("/care-records.xlsx", methods=["GET", "POST"])
@requires(Permission.VIEW_PUPILS)
def class_export() -> BaseResponse:
    """The same as a workbook, filtered and sorted as on the page; a long one is asked for by POST."""
    return list_or_job(CARE_RECORDS)


def export_content() -> Content:
    class_id = None if request.args.get("class") == "all" else _class_or_404().id
    return Sheets([listing.sheet(db.session(), listing.wish_of_request(class_id=class_id))])


def _class_or_404() -> SchoolClass:
    return chosen_class(classes_in_reach(), request.args.get("class", type=int)) or abort(404)


def records_reached() -> list[int] | None:
    """The children reached; none for who sees the whole school but not who is counselled.

    So who no longer sees that loses a file that tells it.
    """
    reached = reached_ids()
    return [] if reached is None and Permission.VIEW_RISK not in current_user.permissions else reached


CARE_RECORDS = declare(
    Kind(
        "care_records", N_("Care records"), Permission.VIEW_PUPILS, export_content, "care",
        reach=records_reached, note=listing.note_export,
    )
)  # fmt: skip
