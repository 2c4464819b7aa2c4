"""The district's pages of alarms: officers act, analysts look; what is asked of a school reaches it alone."""

import io
import re
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from lxsaas.accounts.models import DistrictStaff
from lxsaas.alarms import letter
from lxsaas.alarms.models import Alarm
from lxsaas.core import clock
from lxsaas.core.scope import aggregating, operating
from lxsaas.correspondence.models import CorrespondenceThread
from lxsaas.exports import answering
from lxsaas.extensions import db
from lxsaas.schools.models import School
from tests.alarms.conftest import Nights
from tests.exports.conftest import make, no_hints
from tests.exports.files import job_on
from tests.factories import Person

__all__ = ["no_hints"]

OCTOBER = date(2026, 10, 1)
SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    def client(person: Person) -> FlaskClient:
        made = app.test_client()
        made.set_cookie("language", "en", path="/")
        return person.sign_in(made)

    return client


@pytest.fixture
def alarmed(nights: Nights) -> Nights:
    """Two schools with too few talks in October, one of them by a hidden number."""
    nights.rule("below", indicator="talk_monthly", bound=60)
    nights.show("talk_monthly", OCTOBER, (23, 40), (None, 40, "few"), (40, 40))
    nights.night(date(2026, 10, 31))
    nights.judge(date(2026, 10, 31))
    return nights


def test_the_list_shows_what_raised_each_alarm_with_its_signs(alarmed: Nights, sign_in: SignIn) -> None:
    page = sign_in(alarmed.factory.officer(alarmed.district)).get(f"{alarmed.district.path}alarms").text
    assert "Talks below 60%" in page
    assert "57.5% (23/40)" in page
    assert "&lt;3/40" in page
    assert "2 open, of which 2 not acknowledged" in page


def test_it_searches_filters_and_exports_what_is_chosen(alarmed: Nights, sign_in: SignIn) -> None:
    officer, path = sign_in(alarmed.factory.officer(alarmed.district)), f"{alarmed.district.path}alarms"
    first, second = (school.slug for school in alarmed.schools[:2])
    found = officer.get(f"{path}?q={first}").text
    assert f"{first}小学" in found
    assert f"{second}小学" not in found
    assert "No alarm" in officer.get(f"{path}?kind=silent").text
    assert "No alarm" in officer.get(f"{path}?state=closed").text
    assert "No alarm" in officer.get(f"{path}?township=1").text
    book = officer.get(f"{path}/alarms.xlsx?q={second}")
    sheet = openpyxl.load_workbook(io.BytesIO(book.data)).active
    assert sheet is not None
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert "<3/40" in cells
    assert f"{second}小学" in cells
    assert f"{first}小学" not in cells


@pytest.mark.usefixtures("no_hints")
def test_a_long_list_is_a_job_and_lost_with_the_right_to_know(
    alarmed: Nights, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "SMALL", 1)
    person, path = alarmed.factory.officer(alarmed.district), alarmed.district.path
    officer = sign_in(person)
    assert "A long list: 2 rows" in officer.get(f"{path}alarms/alarms.csv").text
    page = officer.post(f"{path}alarms/alarms.csv").text
    job_id = job_on(page)
    assert make(alarmed.factory.app, alarmed.district, job_id)
    address = f"{path}exports/{job_id}/file"
    assert officer.get(address).status_code == 200
    with alarmed.factory.session(alarmed.district.scope) as session:
        # Which school opened a mandatory report would stand in it.
        session.get_one(DistrictStaff, (alarmed.district.id, person.id)).roles = ["analyst"]
    assert officer.get(address).status_code == 404


def test_three_people_and_an_alarm(alarmed: Nights, sign_in: SignIn) -> None:
    path = f"{alarmed.district.path}alarms/{alarmed.alarms()[0].id}"
    officer = alarmed.factory.officer(alarmed.district)
    analyst = alarmed.factory.officer(alarmed.district, "analyst")
    far = alarmed.factory.officer(alarmed.factory.district())
    assert sign_in(officer).get(path).status_code == 200
    looking = sign_in(analyst)
    assert looking.get(path).status_code == 200
    assert "<textarea" not in looking.get(path).text
    assert looking.post(f"{path}/acknowledgement", data={"remark": "x"}).status_code == 403
    assert looking.get(f"{path}/request").status_code == 403
    there = path.replace(alarmed.district.slug, far.place.slug)
    assert sign_in(far).get(there).status_code == 404
    principal = alarmed.factory.staff(alarmed.schools[0], "principal")
    assert sign_in(principal).get(path).status_code in (302, 404)


def test_it_is_acknowledged_with_a_remark(alarmed: Nights, sign_in: SignIn) -> None:
    officer = sign_in(alarmed.factory.officer(alarmed.district))
    path = f"{alarmed.district.path}alarms/{alarmed.alarms()[0].id}"
    assert officer.post(f"{path}/acknowledgement", data={"remark": " "}).status_code == 422
    assert officer.post(f"{path}/acknowledgement", data={"remark": "已电话了解"}).status_code == 302
    page = officer.get(path).text
    assert "已电话了解" in page
    assert "1 not acknowledged" in officer.get(f"{alarmed.district.path}alarms").text


def test_the_school_is_asked_and_sees_only_what_was_asked_of_it(alarmed: Nights, sign_in: SignIn) -> None:
    officer = sign_in(alarmed.factory.officer(alarmed.district))
    path = f"{alarmed.district.path}alarms/{alarmed.alarms()[0].id}"
    proposed = officer.get(f"{path}/request").text
    assert "Talks below 60% (October 2026)" in proposed
    asked = {"title": "十月谈话", "text": "请说明", "due_on": str(clock.today("Asia/Shanghai"))}
    assert officer.post(f"{path}/request", data=asked).status_code == 302
    assert "十月谈话" in officer.get(path).text
    of_schools = []
    for school in alarmed.schools[:2]:
        principal = sign_in(alarmed.factory.staff(school, "principal"))
        of_schools.append(principal.get(f"{school.path}correspondence").text)
        assert not re.search(r"57\.5|23/40", of_schools[-1])
    assert "十月谈话" in of_schools[0]
    assert "十月谈话" not in of_schools[1]


def test_rules_are_set_by_officers_and_shown_to_analysts(nights: Nights, sign_in: SignIn) -> None:
    path = f"{nights.district.path}alarms/rules"
    officer = sign_in(nights.factory.officer(nights.district))
    analyst = sign_in(nights.factory.officer(nights.district, "analyst"))
    assert analyst.get(path).status_code == 200
    assert analyst.get(f"{path}/new/below").status_code == 403
    form = {
        "indicator": "home_visit_monthly", "level": "school", "bound": "0", "periods": "2",
        "delivery": "at_once", "is_active": "y",
    }  # fmt: skip
    refused = officer.post(f"{path}/new/below", data=form)
    assert refused.status_code == 422
    assert "Give a whole number from 1 to 100." in refused.text
    assert officer.post(f"{path}/new/below", data=form | {"bound": "70"}).status_code == 302
    assert "Home visits below 70% in 2 months in a row" in officer.get(path).text
    assert officer.post(f"{path}/new/below", data=form | {"bound": "", "level": "county"}).status_code == 422
    # Without a target it would never be so.
    endless = officer.post(f"{path}/new/below", data=form | {"bound": "", "indicator": "exam_progress"})
    assert endless.status_code == 422
    assert "There is no target of this indicator" in endless.text
    assert officer.get(f"{path}/new/nothing").status_code == 404


def test_a_changed_rule_is_judged_by_the_next_tick(alarmed: Nights, sign_in: SignIn) -> None:
    officer, path = sign_in(alarmed.factory.officer(alarmed.district)), f"{alarmed.district.path}alarms/rules"
    rule_id = alarmed.alarms()[0].rule_id
    form = {"level": "school", "bound": "30", "periods": "1", "delivery": "digest", "is_active": "y"}
    assert officer.post(f"{path}/{rule_id}", data=form).status_code == 302
    assert len(alarmed.alarms()) == 2
    alarmed.judge(date(2026, 11, 1), kinds=())
    assert [one.hidden for one in alarmed.alarms()] == ["few"]


def test_the_letter_says_what_the_page_says_and_no_remark(alarmed: Nights, sign_in: SignIn) -> None:
    officer = sign_in(alarmed.factory.officer(alarmed.district))
    first = alarmed.alarms()[0]
    path = f"{alarmed.district.path}alarms/{first.id}"
    officer.post(f"{path}/acknowledgement", data={"remark": "不外传"})
    for language, title in (
        ("en", "Talks below 60%"),
        ("zh_Hans_CN", "谈心覆盖率低于 60%"),
        (None, "低于 60%"),
    ):
        with alarmed.factory.session(aggregating(alarmed.district.id, ())) as session:
            said = letter.write(session, first.id, language)
        assert said is not None
        for part in (said.text, said.html):
            assert title in part
            assert "57.5% (23/40)" in part
            assert path in part
            assert "不外传" not in part
        assert alarmed.schools[0].slug in said.subject
    with alarmed.factory.session(aggregating(alarmed.factory.district().id, ())) as session:
        assert letter.write(session, first.id, "en") is None


def test_the_list_asks_as_often_for_many_alarms(alarmed: Nights, sign_in: SignIn) -> None:
    officer, path = sign_in(alarmed.factory.officer(alarmed.district)), f"{alarmed.district.path}alarms"

    with alarmed.factory.app.app_context():
        engine = db.engines["lx_district"]

    def asked() -> int:
        sent: list[str] = []
        event.listen(
            engine, "before_cursor_execute", note := lambda _c, _k, statement, *_: sent.append(statement)
        )
        officer.get(path)
        event.remove(engine, "before_cursor_execute", note)
        return len(sent)

    officer.get(path)
    few = asked()
    alarmed.schools += [alarmed.factory.school(alarmed.district) for _ in range(10)]
    alarmed.show("talk_monthly", OCTOBER, *[(1, 40)] * 14)
    alarmed.judge(date(2026, 10, 31))
    assert len(alarmed.alarms()) == 14
    assert asked() == few


def test_an_officer_of_some_townships_sees_their_alarms_and_the_district_s(
    alarmed: Nights, sign_in: SignIn
) -> None:
    township = alarmed.factory.township(alarmed.district)
    with alarmed.factory.session(operating()) as session:
        session.get_one(School, alarmed.schools[1].id).township_id = township
    of_township = alarmed.factory.officer(alarmed.district, township_ids=[township])
    officer, path = sign_in(of_township), f"{alarmed.district.path}alarms"
    page = officer.get(path).text
    assert alarmed.schools[1].slug in page
    assert alarmed.schools[0].slug not in page
    assert "1 open" in page
    first, second = alarmed.alarms()
    assert officer.get(f"{path}/{second.id}").status_code == 200
    assert officer.get(f"{path}/{first.id}").status_code == 404
    assert officer.post(f"{path}/{first.id}/acknowledgement", data={"remark": "x"}).status_code == 404


def test_which_school_opened_a_mandatory_report_is_for_officers(nights: Nights, sign_in: SignIn) -> None:
    rule_id = nights.rule("mandatory_report")
    with nights.factory.session(aggregating(nights.district.id, ())) as session:
        session.add(
            Alarm(
                district_id=nights.district.id, rule_id=rule_id, level="school",
                unit_id=nights.schools[0].id, about_on=OCTOBER, as_of=OCTOBER, source_id=1,
            )
        )  # fmt: skip
    path = f"{nights.district.path}alarms"
    analyst = sign_in(nights.factory.officer(nights.district, "analyst"))
    assert nights.schools[0].slug in sign_in(nights.factory.officer(nights.district)).get(path).text
    assert nights.schools[0].slug not in analyst.get(path).text
    assert analyst.get(f"{path}/{nights.alarms()[0].id}").status_code == 404


def test_what_is_asked_because_of_a_mandatory_report_is_for_who_may_know_of_it(
    nights: Nights, sign_in: SignIn
) -> None:
    school, rule_id = nights.schools[0], nights.rule("mandatory_report")
    with nights.factory.session(aggregating(nights.district.id, ())) as session:
        session.add(
            Alarm(
                district_id=nights.district.id, rule_id=rule_id, level="school", unit_id=school.id,
                about_on=OCTOBER, as_of=OCTOBER, source_id=1,
            )
        )  # fmt: skip
    officer = sign_in(nights.factory.officer(nights.district))
    asked = {"title": "是否已报警", "text": "请当日回复", "due_on": clock.today("Asia/Shanghai").isoformat()}
    path = f"{nights.district.path}alarms/{nights.alarms()[0].id}/request"
    assert officer.post(path, data=asked).status_code == 302
    with nights.factory.session(nights.district.scope) as session:
        thread_id = session.scalars(select(CorrespondenceThread.id)).one()
    people = {
        nights.factory.officer(nights.district): True,
        nights.factory.officer(nights.district, "analyst"): False,
        nights.factory.staff(school, "principal"): True,
        nights.factory.staff(school, "archivist"): False,
    }
    for person, knows in people.items():
        client, threads = sign_in(person), f"{person.place.path}correspondence"
        assert client.get(f"{threads}/{thread_id}").status_code == (200 if knows else 404)
        assert ("是否已报警" in client.get(threads).text) is knows
        assert ("是否已报警" in client.post(f"{threads}/threads.csv").text) is knows
