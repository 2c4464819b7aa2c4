"""Pages about one child: exams, the timeline, the whole file to hand over."""

from flask import Response, render_template, request
from flask_babel import lazy_gettext
from flask_login import current_user

from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.crypto import school_cipher
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.portfolio.course import course_of, standing_chart
from lxsaas.portfolio.timeline import SPANS, timeline_of
from lxsaas.portfolio.views import blueprint
from lxsaas.portfolio.whole_file import file_as_zip
from lxsaas.pupils import reach
from lxsaas.pupils.sections import Section, add_section

PAGE_SIZE = 50
add_section(Section("portfolio.pupil_exams", lazy_gettext("Exams"), "chart-line", Permission.VIEW_PUPILS))
add_section(Section("portfolio.timeline", lazy_gettext("Timeline"), "history", Permission.VIEW_PUPILS))
add_section(
    Section(
        "portfolio.whole_file", lazy_gettext("Whole file"), "download", Permission.VIEW_SECRETS, of_file=True
    )
)


@blueprint.get("/pupils/<int:pupil_id>/exams")
@requires(Permission.VIEW_PUPILS)
def pupil_exams(pupil_id: int) -> str:
    """One child's exams: marks, standing in the class and its course."""
    pupil = reach.pupil_or_404(pupil_id)
    course = course_of(db.session(), pupil.id)
    return render_template(
        "portfolio/pupil_exams.html",
        pupil=pupil,
        course=list(reversed(course)),
        standing=standing_chart(course),
    )


@blueprint.get("/pupils/<int:pupil_id>/timeline")
@requires(Permission.VIEW_PUPILS)
def timeline(pupil_id: int) -> str:
    """The child's course in one picture, and day by day."""
    pupil = reach.pupil_or_404(pupil_id)
    wanted = request.args.get("months", SPANS[0], type=int)
    months = wanted if wanted in SPANS else SPANS[0]
    found = timeline_of(db.session(), pupil, reach.today(), months)
    return render_template(
        "portfolio/timeline.html",
        pupil=pupil,
        spans=SPANS,
        months=months,
        picture=found.chart,
        page=Page.of(found.moments, request.args.get("page", 1, type=int), PAGE_SIZE),
    )


@blueprint.get("/pupils/<int:pupil_id>/whole-file")
@requires(Permission.VIEW_SECRETS)
def whole_file(pupil_id: int) -> str:
    """What taking the file out means, and the button."""
    return render_template("portfolio/whole_file_page.html", pupil=reach.kept_or_404(pupil_id))


@blueprint.post("/pupils/<int:pupil_id>/whole-file.zip")
@requires(Permission.VIEW_SECRETS)
def whole_file_zip(pupil_id: int) -> Response:
    """The whole file of a child whose file one keeps; that it was taken out is logged."""
    pupil = reach.kept_or_404(pupil_id)
    cipher = school_cipher(db.session(), pupil.school_id)
    body, parts = file_as_zip(
        db.session(), cipher, pupil, school=realm().name, by=current_user.name, today=reach.today()
    )
    audit(
        db.session(), "export_whole_file", "pupil", pupil.id, school_id=pupil.school_id,
        by=current_user.id, parts=len(parts), documents=sum(len(one.documents) for one in parts),
    )  # fmt: skip
    db.session.commit()
    headers = {"Content-Disposition": f'attachment; filename="file-{pupil_id}.zip"'}
    return Response(body, content_type="application/zip", headers=headers)
