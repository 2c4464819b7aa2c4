"""Care in a child's timeline and in the file that is handed over; counselling in neither."""

import io
import uuid
import zipfile
from datetime import timedelta

from flask.testing import FlaskClient

from lxsaas.care.models import CareKind
from lxsaas.core.clock import today
from tests.factories import Factory

TODAY = today("Asia/Shanghai")


def test_records_are_counted_by_month_and_handed_over_with_their_notes(
    client: FlaskClient, factory: Factory
) -> None:
    school = factory.school()
    teacher = factory.staff(school, language="en")
    class_id = factory.school_class(school, teacher)
    child, other = factory.pupil(school, class_id), factory.pupil(school, class_id)
    teacher.sign_in(client)
    for day in (TODAY, TODAY - timedelta(days=40)):
        factory.care(school, child, teacher, CareKind.HOME_VISIT, day)
    factory.care(school, other, teacher, CareKind.GIFT, TODAY)
    for kind, note in ((CareKind.TALK, "谈了作业"), (CareKind.COUNSELLING, "不能写在任何地方")):
        form = {
            "pupils": [child], "kind": int(kind), "occurred_on": TODAY.isoformat(), "note": note,
            "client_key": str(uuid.uuid4()), "class_id": class_id, "back": "overview",
        }  # fmt: skip
        assert client.post(f"{school.path}care-records", data=form).status_code == 302
    page = client.get(f"{school.path}pupils/{child}/timeline").text
    picture = page.split("data-chart='")[1].split("'")[0]
    assert "Home visit" in picture
    assert "Gift" not in picture
    assert "Counselling" not in picture
    answer = client.post(f"{school.path}pupils/{child}/whole-file.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        file = archive.read("index.html").decode()
    assert file.count("Home visit") == 2
    assert "谈了作业" in file
    assert "不能写在任何地方" not in file
    assert "<td>Counselling" not in file
