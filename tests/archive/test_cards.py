"""The contact card on paper: one page a child, a class at once; each child's sight logged once."""

import re

from flask.testing import FlaskClient
from sqlalchemy import event

from lxsaas.document_templates.languages import language_of_template
from lxsaas.extensions import db
from tests.archive.people import CHILD_PHONE, FATHER_PHONE, House
from tests.document_templates import LETTERHEAD, bring_template, words_of
from tests.documents.test_templates import docx


def test_a_card_says_what_a_teacher_needs_in_a_hurry(house: House, teacher: FlaskClient) -> None:
    page = teacher.get(f"{house.school.path}pupils/{house.child}/contact-card").text
    for words in ("汤文博", CHILD_PHONE, "平坝村二组", "汤建国", FATHER_PHONE, "东莞鞋厂"):
        assert words in page, words
    assert page.count('class="lx-sheet ') == 1
    [entry] = house.audited("open_secrets")
    assert (entry.subject_id, entry.detail) == (house.child, {"page": "card"})
    said = words_of(teacher.get(f"{house.school.path}pupils/{house.child}/contact-card.docx").data)
    assert {"汤文博", CHILD_PHONE, "汤建国", FATHER_PHONE} <= set(said)
    assert len(house.audited("open_secrets")) == 2


def test_a_class_prints_as_one_document_and_each_child_is_logged_once(
    house: House, teacher: FlaskClient
) -> None:
    more = [house.factory.pupil(house.school, house.class_id) for _ in range(4)]
    assert f"classes/{house.class_id}/contact-cards" in teacher.get(f"{house.school.path}contact-cards").text
    page = teacher.get(f"{house.school.path}classes/{house.class_id}/contact-cards").text
    assert page.count('class="lx-sheet ') == 5
    assert "陈雨桐" not in page
    seen = [str(entry.subject_id) for entry in house.audited("open_secrets")]
    assert sorted(seen) == sorted(map(str, [house.child, *more]))
    bring_template(house.factory, house.school.id, house.school.scope, "contact_card", house.teacher)
    said = words_of(teacher.get(f"{house.school.path}classes/{house.class_id}/contact-cards.docx").data)
    assert said.count(LETTERHEAD) == 5
    assert {"汤文博", CHILD_PHONE, "汤建国", FATHER_PHONE, "东莞鞋厂"} <= set(said)
    assert "陈雨桐" not in said
    assert len(house.audited("open_secrets")) == 10


def test_a_card_speaks_the_language_of_the_schools_template(house: House, teacher: FlaskClient) -> None:
    def said() -> str:
        answer = teacher.get(f"{house.school.path}pupils/{house.child}/contact-card.docx", headers=english)
        return "\n".join(words_of(answer.data))

    english = {"Accept-Language": "en"}
    teacher.post("/language", data={"language": "en"})
    assert ("father" in said().lower(), "父亲" in said()) == (True, False), "the product's: the reader's"
    bring_template(house.factory, house.school.id, house.school.scope, "contact_card", house.teacher)
    assert ("father" in said().lower(), "父亲" in said()) == (False, True)
    assert language_of_template(docx("Card of {{ name }}")) == "en"


def test_a_class_of_forty_five_takes_as_many_queries_as_one_of_five(
    house: House, teacher: FlaskClient
) -> None:
    counts = []
    for size in (5, 45):
        while len(re.findall("lx-sheet", cards(house, teacher))) < size:
            house.member(house.factory.pupil(house.school, house.class_id), name="某", relation="51")
        statements: list[str] = []

        def note(
            _c: object, _cur: object, statement: str, *_rest: object, kept: list[str] = statements
        ) -> None:
            kept.append(statement)

        with house.app.app_context():
            engine = db.engines["lx_school"]
        event.listen(engine, "before_cursor_execute", note)
        cards(house, teacher)
        cards(house, teacher, ".docx")
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len([one for one in statements if one.lstrip().lower().startswith("select")]))
    assert counts[0] == counts[1], counts


def cards(house: House, client: FlaskClient, form: str = "") -> str:
    answer = client.get(f"{house.school.path}classes/{house.class_id}/contact-cards{form}")
    assert answer.status_code == 200
    return answer.text if not form else ""


def test_cards_of_other_classes_and_people_do_not_exist(house: House, teacher: FlaskClient) -> None:
    counsellor = house.client(house.factory.staff(house.school, "counsellor"))
    for form in ("", ".docx"):
        others = (
            f"classes/{house.other_class}/contact-cards{form}",
            f"pupils/{house.other}/contact-card{form}",
        )
        assert {teacher.get(house.school.path + path).status_code for path in others} == {404}
        own = f"{house.school.path}pupils/{house.child}/contact-card{form}"
        assert counsellor.get(own).status_code == 403
    assert house.audited("open_secrets") == []
