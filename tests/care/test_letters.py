"""Letters to parents: the school's text, each child's figures, printed for a class, noted as sent once."""

import re
from datetime import date, timedelta

import pytest

from lxsaas.care.letters import PLACEHOLDERS, STARTING_TEXTS, check_text, filled
from lxsaas.care.models import CareDetail, CareKind, CareRecord, LetterTemplate
from lxsaas.core.audit import AuditEntry
from lxsaas.core.errors import RuleError
from lxsaas.core.scope import operating
from lxsaas.registers.models import RowVersion
from lxsaas.schools.models import Term
from lxsaas.support.models import AttendanceEvent
from tests.care.desk import TODAY, Desk
from tests.document_templates import LETTERHEAD, bring_template, words_of

TEXT = (
    "{孩子姓名}家长：{学期}谈心{谈心次数}次，家访{visits}次，通话{通话次数}次，缺勤{缺勤次数}次。"
    "{班级}{班主任}"
)


def write(desk: Desk, body: str = TEXT, title: str = "致家长的一封信") -> int:
    """A text of the school; its id."""
    answer = desk.post("letter-texts/entries", title=title, body=body)
    assert answer.status_code == 302, answer.text
    return max(int(template.id) for template in desk.rows(LetterTemplate))


def begin_term(desk: Desk, starts_on: date) -> None:
    with desk.factory.session(operating()) as session:
        session.add(
            Term(
                district_id=desk.school.district_id, name="2026年秋季学期", starts_on=starts_on,
                ends_on=starts_on + timedelta(days=140),
            )
        )  # fmt: skip


def test_our_own_texts_use_only_placeholders_that_there_are() -> None:
    for text in STARTING_TEXTS:
        check_text(text.body)
        assert "______" not in filled(text.body, {one.code: "x" for one in PLACEHOLDERS})


@pytest.mark.parametrize(
    ("text", "code"),
    [("{孩子的名字}好", "letter_placeholder"), ("{}", "letter_placeholder"), ("{孩子姓名", "letter_brace"),
     ("孩子}", "letter_brace"), ("字" * 4001, "letter_too_long")],
)  # fmt: skip
def test_a_text_that_could_not_be_filled_in_is_refused(text: str, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        check_text(text)
    assert (refused.value.code, refused.value.field) == (code, "body")


def test_the_refusal_stands_at_the_text_and_names_the_placeholder(desk: Desk) -> None:
    answer = desk.post("letter-texts/entries", title="信", body="亲爱的{孩纸}<script>")
    assert answer.status_code == 422
    assert "There is no placeholder {孩纸}" in answer.text.split('id="body-error"')[1][:500]
    assert "亲爱的{孩纸}&lt;script&gt;" in answer.text
    assert desk.rows(LetterTemplate) == []


def test_a_starting_text_becomes_the_school_s_own_and_keeps_its_past(desk: Desk) -> None:
    form = desk.get("letter-texts/new?start=term").text
    assert "尊敬的{孩子姓名}家长" in form
    template_id = write(desk)
    change = {"title": "致家长的一封信", "body": "{孩子姓名}一切都好。", "version": 1}
    assert desk.post(f"letter-texts/{template_id}/edit", **change).status_code == 302
    assert len(desk.rows(RowVersion)) == 1
    assert "一切都好" in desk.get(f"letters/{template_id}?class={desk.class_id}").text


def test_each_letter_holds_its_own_child_s_figures_of_the_term(desk: Desk) -> None:
    start = TODAY - timedelta(days=30)
    begin_term(desk, start)
    for kind, on in (
        (CareKind.TALK, TODAY), (CareKind.TALK, start), (CareKind.TALK, start - timedelta(days=1)),
        (CareKind.FAMILY_PHONE, TODAY), (CareKind.PARENT_CALL, TODAY), (CareKind.HOME_VISIT, TODAY),
    ):  # fmt: skip
        desk.factory.care(desk.school, desk.child, desk.teacher, kind, on)
    withdrawn = desk.record(CareKind.HOME_VISIT)
    desk.post(f"care-records/{withdrawn}/withdrawal", version=1, reason="重复")
    with desk.factory.session(desk.school.scope) as session:
        session.add(
            AttendanceEvent(
                school_id=desk.school.id, pupil_id=desk.child, occurred_on=TODAY, kind="absent",
                is_excused=False, recorded_by=desk.teacher.id,
            )
        )  # fmt: skip
    template_id = write(desk)
    page = desk.get(f"letters/{template_id}/print?class={desk.class_id}&who=all").text
    assert page.count('class="lx-sheet"') == 2
    assert "汤文博家长：2026年秋季学期谈心2次，家访1次，通话2次，缺勤1次。3 年级 1 班教师" in page
    assert "陈雨桐家长：2026年秋季学期谈心0次，家访0次，通话0次，缺勤0次。" in page
    bring_template(desk.factory, desk.school.id, desk.school.scope, "letter", desk.teacher)
    file = desk.get(f"letters/{template_id}/letters.docx?class={desk.class_id}&who=all").data
    said = words_of(file)
    assert said.count(LETTERHEAD) == 2
    assert [one for one in said if "谈心" in one] == [
        one for one in re.findall(r"<p>(.+?)</p>", page) if "谈心" in one
    ]
    only = desk.get(f"letters/{template_id}/print?class={desk.class_id}").text
    assert ("汤文博" in only, "陈雨桐" in only) == (True, False)
    assert [one.detail for one in desk.rows(AuditEntry) if one.action == "print_letters"] == [
        {"class_id": desk.class_id, "letters": 2},
        {"class_id": desk.class_id, "letters": 2},
        {"class_id": desk.class_id, "letters": 1},
    ]


def test_noting_a_class_s_letters_as_sent_makes_each_record_once(desk: Desk) -> None:
    template_id = write(desk)
    sent = {"class": desk.class_id, "means": 4}
    path = f"{desk.school.path}letters/{template_id}/sent"
    assert "Noted for 1 child" in desk.client.post(path, data=sent, follow_redirects=True).text
    assert "noted as sent already" in desk.client.post(path, data=sent, follow_redirects=True).text
    # All children of the class: only who has none yet gets one.
    page = desk.client.post(path, data=sent | {"who": "all"}, follow_redirects=True).text
    assert "Noted for 1 child" in page
    assert sorted((row.pupil_id, row.kind, row.occurred_on) for row in desk.rows(CareRecord)) == [
        (desk.child, CareKind.PARENT_LETTER, TODAY),
        (desk.other, CareKind.PARENT_LETTER, TODAY),
    ]
    assert {row.means for row in desk.rows(CareDetail)} == {4}
    another = write(desk, title="春节的信")
    page = desk.client.post(
        f"{desk.school.path}letters/{another}/sent", data=sent, follow_redirects=True
    ).text
    assert "Noted for 1 child" in page


def test_a_class_out_of_reach_gets_no_letters(desk: Desk) -> None:
    template_id = write(desk)
    far = desk.factory.school_class(desk.school, grade=5)
    for form in ("print", "letters.docx"):
        assert desk.get(f"letters/{template_id}/{form}?class={far}").status_code == 404
    assert desk.post(f"letters/{template_id}/sent", **{"class": far}).status_code == 404
    assert desk.get(f"letters/{template_id}?class={far}").status_code == 404
    teacher = desk.sign_in("teacher")
    assert desk.get("letters", teacher).status_code == 200
    assert "New text" not in desk.get("letters", teacher).text
    assert desk.post("letter-texts/entries", teacher, title="信", body="好").status_code == 403
    assert desk.get("letters", desk.sign_in("archivist")).status_code == 403


def test_a_class_s_letters_take_the_same_statements_however_large_it_is(desk: Desk) -> None:
    template_id = write(desk)
    of = f"class={desk.class_id}&who=all"
    paths = [f"letters/{template_id}/{form}?{of}" for form in ("print", "letters.docx")]
    desk.get(paths[0])
    before = [desk.statements_of(path) for path in paths]
    for _ in range(15):
        desk.factory.pupil(desk.school, desk.class_id)
    assert [desk.statements_of(path) for path in paths] == before
    assert desk.get(paths[0]).text.count('class="lx-sheet"') == 17
