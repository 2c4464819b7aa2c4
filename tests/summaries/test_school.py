"""A school's annual summary: computed from the records, worded by the school, final once it is signed."""

import io
import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document
from sqlalchemy.exc import ProgrammingError

from lxsaas.care.models import CareKind
from lxsaas.core.changes import note_change
from lxsaas.core.scope import Login
from lxsaas.document_templates.languages import translator
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.models import SchoolIndicator
from lxsaas.summaries.definitions import FIGURES, SECTIONS
from lxsaas.summaries.document import FIELDS, Shown
from lxsaas.summaries.models import AnnualSummary, SummarySection
from lxsaas.summaries.wording import starting_words
from tests.summaries.conftest import TITLE, YEAR, House

CHANGES = (
    "update annual_summary set figures = '[]' where id = :id",
    "update annual_summary set state = 'draft' where id = :id",
    "delete from annual_summary where id = :id",
    "update summary_section set body = 'x' where summary_id = :id",
    "delete from summary_section where summary_id = :id",
    "insert into summary_section (school_id, summary_id, code, body)"
    " select school_id, id, 'more', 'x' from annual_summary where id = :id",
    "truncate summary_section",
    "truncate annual_summary cascade",
)
NUMBER = re.compile(r"\d+(?:\.\d+)?%?")


def told(content: bytes) -> tuple[list[str], list[list[str]]]:
    """The paragraphs of a document, and the rows of its table."""
    document = Document(io.BytesIO(content))
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    return [one.text for one in document.paragraphs], rows


def kept(house: House) -> AnnualSummary:
    with house.factory.session(house.school.scope) as session:
        found = session.scalars(sa.select(AnnualSummary).order_by(AnnualSummary.id.desc())).first()
        assert found is not None
        session.expunge(found)
        return found


def figure(house: House, code: str) -> dict[str, Any]:
    return next(one for one in kept(house).figures if one["code"] == code)


def test_the_summary_tells_the_year_in_numbers(house: House) -> None:
    words = "\n".join(told(house.word(house.begin()))[0])
    assert "在校学生5名，其中留守儿童3名，占60.0%（3/5）" in words
    assert "双亲留守3" in words
    assert "3年级2、4年级1" in words
    assert "本学年开会1次" in words
    assert f"具体事项：{TITLE}" in words
    assert "比赛1" in words
    # Sums of the counted months, March with two of three and April with one of three among them.
    talks = figure(house, "talk_monthly")["value"]
    assert isinstance(talks, list)
    assert talks[0] == 3


def test_each_figure_equals_the_indicators_of_its_months_terms_or_day(house: House) -> None:
    house.begin()
    with house.factory.session(house.school.scope) as session:
        rows = session.scalars(sa.select(SchoolIndicator)).all()
        sums: dict[str, list[int]] = {}
        for row in rows:
            period = INDICATORS[row.indicator].period
            in_term = row.starts_on.month not in (7, 8) or period == "term"
            if (period == "day" and row.starts_on == date(YEAR + 1, 6, 30)) or (period != "day" and in_term):
                held = sums.setdefault(row.indicator, [0, 0])
                held[0] += row.numerator
                held[1] += row.denominator or 0
    found = {one["code"]: one["value"] for one in kept(house).figures if one["code"] in INDICATORS}
    assert set(found) == set(INDICATORS)
    expected = {code: held if INDICATORS[code].is_rate else held[0] for code, held in sums.items()}
    assert found == expected


def test_every_number_of_the_text_stands_in_the_appendix(house: House) -> None:
    lines, rows = told(house.word(house.begin()))
    appendix = {number for row in rows for number in NUMBER.findall(" ".join(row))}
    # The invented school's name has digits.
    text = [line.replace(house.school.slug, "") for line in lines[2 : lines.index("缺项清单")]]
    numbers = {number for line in text for number in NUMBER.findall(line)}
    assert len(numbers) > 8
    assert numbers <= appendix, numbers - appendix
    assert rows[0] == ["序号", "指标", "数值", "上年", "时段", "口径"]
    assert all(cell.strip() for row in rows for cell in row), "no cell is empty"


def test_nothing_is_blank_none_or_english(house: House) -> None:
    at = house.begin()
    lines, rows = told(house.word(at))
    words = "\n".join(lines) + "\n".join(cell for row in rows for cell in row)
    # The invented school's name begins with letters.
    foreign = re.findall(r"[A-Za-z]{2,}", words.replace(house.school.slug, ""))
    assert foreign == []
    assert "{" not in words
    assert not re.search(r"[：，占为][，。；]", words)
    page = house.client(house.principal).get(at, headers={"Accept-Language": "zh"}).text
    assert "None" not in page


def test_what_is_missing_stands_in_brackets_and_in_a_list(house: House) -> None:
    at = house.begin()
    page = house.client(house.principal).get(at).text
    assert "<li>谈心覆盖率与上年的比较</li>" in page
    lines, _ = told(house.word(at))
    after = lines[lines.index("缺项清单") :]
    assert "学校对下一学年的具体安排" in after
    assert any("【缺：谈心覆盖率与上年的比较】" in line for line in lines)


def test_against_the_year_before_rates_of_sums_are_compared(house: House) -> None:
    at = house.begin()
    with house.factory.session(house.school.scope) as session:
        summary = session.scalars(sa.select(AnnualSummary)).one()
        figures = [dict(one) for one in summary.figures]
        for one in figures:
            if one["code"] == "talk_monthly_change":
                one["value"] = -12.5
        summary.figures = figures
    assert "比上年下降12.5个百分点" in "\n".join(told(house.word(at))[0])


def test_the_same_frozen_summary_gives_the_same_bytes_whatever_happens_later(house: House) -> None:
    at = house.begin()
    draft = house.word(at)
    assert house.freeze(at) == 302
    final = house.word(at)
    assert final != draft
    house.factory.care(house.school, house.children[2], house.teacher, CareKind.TALK, date(YEAR + 1, 5, 5))
    house.count(date(YEAR + 1, 6, 30))
    house.client(house.principal).post("/language", data={"language": "en"})
    english = {"Accept-Language": "en"}
    assert house.client(house.principal).get(f"{at}/document.docx", headers=english).data == final
    assert house.word(at, house.archivist) == final
    with house.factory.session(house.school.scope) as session:
        summary = session.scalars(sa.select(AnnualSummary)).one()
        bodies = {one.code: one.body for one in session.scalars(sa.select(SummarySection))}
        again = Shown(summary, bodies, translator("zh"), "Asia/Shanghai").word(None)
        assert again == final, "made anew from what is kept"


def test_a_final_summary_keeps_its_document_when_a_release_lays_it_out_otherwise(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = house.begin()
    assert house.freeze(at) == 302
    final = house.word(at)
    monkeypatch.setattr(Shown, "word", lambda *_: b"of another release")
    assert house.word(at) == final


def test_words_stay_when_figures_are_renewed(house: House) -> None:
    at = house.begin()
    sent = {"body": "我们和每个孩子谈心：{谈心覆盖率}。\n- 共{关爱对象人数}名。"}
    assert house.client(house.archivist).post(f"{at}/sections/care", data=sent).status_code == 302
    before = figure(house, "talk_monthly")["value"]
    house.factory.care(house.school, house.children[2], house.teacher, CareKind.TALK, date(YEAR + 1, 4, 5))
    with house.factory.session(house.school.scope) as session:
        note_change(session, school_id=house.school.id, starts_on=date(YEAR + 1, 4, 5), ends_on=None)
    house.count(date(YEAR + 1, 7, 1))
    assert house.client(house.archivist).post(f"{at}/renewal").status_code == 302
    after = figure(house, "talk_monthly")["value"]
    assert isinstance(before, list)
    assert isinstance(after, list)
    assert after[0] == before[0] + 1
    page = house.client(house.archivist).get(at).text
    assert f"我们和每个孩子谈心：{after[0] / after[1]:.1%}（{after[0]}/{after[1]}）。" in page
    shown = house.client(house.archivist).get(f"{at}/sections/care").text
    assert "{谈心覆盖率}" in shown


@pytest.mark.parametrize("body", ["{学生身份证}", "{谈心覆盖率", "谈心}", "{talk_monthly.value}", "a" * 6001])
def test_a_text_with_what_is_no_figure_is_refused_and_kept_in_the_form(house: House, body: str) -> None:
    at = house.begin()
    answer = house.client(house.principal).post(f"{at}/sections/care", data={"body": body})
    assert answer.status_code == 422
    assert body in answer.text
    assert 'id="body-error"' in answer.text
    with house.factory.session(house.school.scope) as session:
        section = session.scalars(sa.select(SummarySection).where(SummarySection.code == "care")).one()
        assert section.body == starting_words("zh")["care"]


def test_two_who_word_a_section_at_once_do_not_overwrite_each_other_unseen(house: House) -> None:
    page = f"{house.begin()}/sections/plan"
    client = house.client(house.principal)
    seen = re.findall(r'name="seen" type="hidden" value="([^"]+)"', client.get(page).text)
    assert len(seen) == 1
    assert (
        house.client(house.archivist).post(page, data={"body": "先写的", "seen": seen[0]}).status_code == 302
    )
    refused = client.post(page, data={"body": "后写的", "seen": seen[0]})
    assert refused.status_code == 422
    assert "后写的" in refused.text, "what was typed is kept"
    again = re.findall(r'name="seen" type="hidden" value="([^"]+)"', refused.text)
    assert client.post(page, data={"body": "后写的", "seen": again[0]}).status_code == 302


def test_an_emptied_section_is_missing_but_cases_may_be_left_out(house: House) -> None:
    at = house.begin()
    for code in ("archive", "cases"):
        house.client(house.principal).post(f"{at}/sections/{code}", data={"body": ""})
    lines, _ = told(house.word(at))
    assert lines[lines.index("档案建设") + 1] == "【缺：档案建设】"
    assert lines[lines.index("典型事例（不写姓名）") + 1] == "本总结没有写典型事例。"


def test_only_what_was_read_becomes_final_and_missing_things_are_confirmed(house: House) -> None:
    at = house.begin()
    client = house.client(house.principal)
    assert client.post(f"{at}/final", data={"version": "1"}).status_code == 422, "something is missing"
    client.post(f"{at}/sections/cases", data={"body": "一名学生……"})
    assert house.freeze(at, version=1) == 422, "changed meanwhile"
    assert house.freeze(at, version=2) == 302
    assert kept(house).frozen_by == house.principal.id
    assert client.get(f"{at}/sections/cases").status_code == 404
    assert house.freeze(at, version=3) == 422


def test_a_new_version_begins_with_the_words_of_the_final_one(house: House) -> None:
    at = house.begin()
    client = house.client(house.principal)
    client.post(f"{at}/sections/cases", data={"body": "有个孩子爱上了读书。"})
    assert client.post(f"{at}/versions").location.endswith(at), "a draft has no further version"
    assert house.freeze(at, version=2) == 302
    first = house.word(at)
    further = client.post(f"{at}/versions").location
    assert further != at
    assert "有个孩子爱上了读书。" in told(house.word(further))[0]
    assert client.post(f"{at}/versions").location == at, "one draft at a time"
    assert client.post(house.address(), data={"year": YEAR}).location == house.address()
    assert house.word(at) == first


def test_the_database_refuses_every_change_of_a_final_summary(house: House) -> None:
    at = house.begin()
    assert house.freeze(at) == 302
    before, summary = house.word(at), kept(house)
    settings = house.app.extensions["lxsaas.settings"]
    token = {"token": house.school.scope.token(settings.context_key)}
    for login in Login:
        engine = sa.create_engine(settings.login_url(login))
        for statement in CHANGES:
            with engine.connect() as connection:
                connection.execute(sa.text("select set_config('lx.context', :token, true)"), token)
                with pytest.raises(ProgrammingError, match="final|permission denied|kept for good"):
                    connection.execute(sa.text(statement), {"id": summary.id})
        engine.dispose()
    assert house.word(at) == before


def test_the_number_of_statements_does_not_grow_with_the_school(house: House) -> None:
    house.begin()
    with house.factory.counting_queries() as few:
        house.client(house.principal).post(f"{house.address()}/{kept(house).id}/renewal")
    class_id = house.factory.school_class(house.school, house.teacher, 5)
    for _ in range(12):
        house.factory.left_behind(house.school, house.factory.pupil(house.school, class_id))
    with house.factory.counting_queries() as many:
        house.client(house.principal).post(f"{house.address()}/{kept(house).id}/renewal")
    assert len(many) == len(few)


def test_parts_that_do_not_add_up_are_missing_until_the_night_has_counted(house: House) -> None:
    house.begin()
    assert sum(number for _, number in figure(house, "left_behind_kinds")["parts"]) == 3
    class_id = house.factory.school_class(house.school, house.teacher, 5)
    house.factory.left_behind(house.school, house.factory.pupil(house.school, class_id))
    house.client(house.principal).post(f"{house.address()}/{kept(house).id}/renewal")
    assert figure(house, "left_behind_kinds")["parts"] is None


def test_a_year_without_figures_has_no_summary(house: House) -> None:
    answer = house.client(house.principal).post(house.address(), data={"year": YEAR - 2})
    assert answer.location == house.address()
    for year in ("", "1999", "9999", "x"):
        assert house.client(house.principal).post(house.address(), data={"year": year}).status_code == 404


def test_both_languages_start_with_the_same_sections_and_known_figures_only() -> None:
    for language in ("zh", "en"):
        words = starting_words(language)
        assert set(words) == set(SECTIONS)
        assert set(re.findall(r"\{(\w+)\}", " ".join(words.values()))) <= set(FIGURES)
    assert len(FIELDS) == len({one.word for one in FIELDS.values()})


def test_an_english_summary_speaks_english(house: House) -> None:
    client = house.client(house.principal)
    answer = client.post(house.address(), data={"year": YEAR}, headers={"Accept-Language": "en"})
    lines, _ = told(house.word(answer.location))
    assert any(line.startswith("On the day of counting 5 pupils are enrolled") for line in lines)
