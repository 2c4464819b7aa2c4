"""No change of a file loses what stood there; the file is a chapter of what is handed over."""

from flask.testing import FlaskClient

from lxsaas.archive.copy_of_file import chapter
from lxsaas.core.crypto import school_cipher
from lxsaas.pupils.models import Pupil
from tests.archive.people import FATHER_PHONE, TODAY, House


def test_the_history_shows_who_changed_what_and_is_logged(house: House, teacher: FlaskClient) -> None:
    base = f"{house.school.path}pupils/{house.child}"
    teacher.post(f"{base}/profile", data={"character": "内向", "guardianship": "good"})
    changed = {"character": "开朗", "guardianship": "", "lives_with": "alone", "version": "1"}
    teacher.post(f"{base}/profile", data=changed)
    form = {"name": "汤建国", "relation": "51", "phone": "13900009999", "version": "1"}
    teacher.post(f"{house.school.path}guardians/{house.father}", data=form)
    teacher.post(f"{house.school.path}guardians/{house.father}/removal", data={"version": "2"})
    page = teacher.get(f"{base}/history").text
    for words in ("<del>内向</del> → 开朗", f"<del>{FATHER_PHONE}</del> → 13900009999", "removed", "alone",
                  "<del>good: all duties met</del> → –"):  # fmt: skip
        assert words in page, words
    assert [one.detail["page"] for one in house.audited("open_secrets")] == ["history"]


def test_the_file_is_a_chapter_of_what_is_handed_over(house: House, teacher: FlaskClient) -> None:
    teacher.post(f"{house.school.path}pupils/{house.child}/profile", data={"interests": "画画"})
    with house.app.test_request_context(), house.factory.session(house.school.scope) as session:
        pupil = session.get_one(Pupil, (house.school.id, house.child))
        part = chapter(session, school_cipher(session, house.school.id), pupil, TODAY)
    assert "画画" in str(part.facts)
    assert FATHER_PHONE in str([table.rows for table in part.tables])
