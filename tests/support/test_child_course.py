"""Support in a child's timeline and in the file that is handed over."""

import io
import zipfile
from datetime import timedelta

from flask.testing import FlaskClient

from lxsaas.core.clock import today
from lxsaas.registers.actions import add_row
from lxsaas.support.models import AttendanceEvent, DropOut, MustVisit
from tests.factories import Factory

TODAY = today("Asia/Shanghai")


def test_must_visits_and_absence_stand_in_the_course_and_their_words_in_the_file(
    client: FlaskClient, factory: Factory
) -> None:
    school = factory.school()
    teacher = factory.staff(school, language="en")
    child = factory.pupil(school, factory.school_class(school, teacher))
    rows = (
        (MustVisit, {"reason": "quarrel", "raised_on": TODAY, "due_on": TODAY + timedelta(days=7)}),
        (AttendanceEvent, {"kind": "late", "occurred_on": TODAY, "is_excused": False}),
        (DropOut, {"since_on": TODAY - timedelta(days=40), "reason": "work", "returned_on": TODAY}),
    )
    with factory.session(school.scope) as session:
        for model, values in rows:
            given = {"pupil_id": child, "words": "不在时间线上"} | values
            add_row(session, model, school_id=school.id, values=given, by=teacher.id)
    teacher.sign_in(client)
    page = client.get(f"{school.path}pupils/{child}/timeline").text
    picture = page.split("data-chart='")[1].split("'")[0]
    for lane in ("Must-visits", "Late", "Dropped out"):
        assert lane in picture, lane
    assert "Quarrel with classmates" in page
    assert "不在时间线上" not in page
    answer = client.post(f"{school.path}pupils/{child}/whole-file.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        file = archive.read("index.html").decode()
    assert file.count("不在时间线上") == 3
    assert "Quarrel with classmates" in file
