"""Every address of a district, as somebody who may not know a school sees it: the school is not there."""

import io
import zipfile

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.core import clock
from lxsaas.core.scope import aggregating
from lxsaas.correspondence.actions import Writer, raise_difficulty, write_to_schools
from lxsaas.networks.report_actions import open_report
from lxsaas.networks.report_models import DistrictMandatoryReport
from lxsaas.pupils.models import Pupil
from tests.district.conftest import NIGHT, Published, SignIn
from tests.factories import Factory, Person, Place

TODAY = clock.today("Asia/Shanghai")
OPEN = {"district.choose_start_view", "accounts.sign_out", "accounts.end_sessions"}


def fill(factory: Factory, district: Place, school: Place, officer: Person) -> dict[str, int]:
    """Something of everything that a district knows of a school; ids by the name in an address."""
    principal = factory.staff(school, "principal")
    pupil_id = factory.pupil(school, factory.school_class(school, principal))
    with factory.session(school.scope) as session:
        open_report(
            session, session.get_one(Pupil, (school.id, pupil_id)), harm="neglect", words="无人照看",
            known_at=clock.now(), by=principal.id,
        )  # fmt: skip
        (difficulty,) = raise_difficulty(
            session, district_id=district.id, school_id=school.id, title="缺教师", text="请支持",
            by=Writer("school", principal.id, "校长"),
        )  # fmt: skip
    with factory.session(aggregating(district.id, ())) as session:
        alarms = {kind: alarm(session, district, school, kind) for kind in ("silent", "mandatory_report")}
    with factory.session(district.scope) as session:
        write_to_schools(
            session, district_id=district.id, school_ids=[school.id], kind="request", title="请说明",
            text="请于本周答复", due_on=TODAY, today=TODAY, alarm_id=alarms["mandatory_report"],
            is_confidential=True, by=Writer("district", officer.id, "干部"),
        )  # fmt: skip
        report = session.scalars(
            select(DistrictMandatoryReport.id).where(DistrictMandatoryReport.unit_id == school.id)
        ).one()
    return {
        "district_mandatory_report_id": report, "thread_id": difficulty, "alarm_id": alarms["silent"],
        "school_id": school.id,
    }  # fmt: skip


def alarm(session: Session, district: Place, school: Place, kind: str) -> int:
    rule = AlarmRule(district_id=district.id, kind=kind, level="school", bound=1, delivery="digest")
    session.add(rule)
    session.flush()
    raised = Alarm(
        district_id=district.id, rule_id=rule.id, level="school", unit_id=school.id, about_on=NIGHT,
        as_of=NIGHT, source_id=1,
    )  # fmt: skip
    session.add(raised)
    session.flush()
    return raised.id


def addresses(app: Flask, slug: str, ids: dict[str, int]) -> list[tuple[str, str, bool]]:
    """(method, address, whether it names the thing) of every address of a district."""
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/d/<") or rule.endpoint in OPEN:
            continue
        for form in ("xlsx", "csv") if "form" in rule.arguments else ("",):
            given: dict[str, object] = {"district_slug": slug, "form": form, "code": "talk_monthly"}
            given |= {"report": "night", "kind_code": "silent"}
            given |= {name: ids.get(name, 1) for name in rule.arguments - given.keys()}
            built = rule.build(given)
            assert built is not None
            # Names that mean something to Flask, as anybody may put them into a link.
            address = f"{built[1]}{'&' if '?' in built[1] else '?'}endpoint=x&label=x&_anchor=x&only=x&page=x"
            found += [(method, address, bool(ids.keys() & rule.arguments)) for method in methods(rule)]
    return found


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST"})


def said(answer: bytes) -> str:
    """The text of an answer; of a workbook that of its sheets."""
    if not answer.startswith(b"PK"):
        return answer.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(answer)) as workbook:
        return "".join(workbook.read(name).decode(errors="replace") for name in workbook.namelist())


def test_no_address_shows_a_school_beyond_the_townships(
    app: Flask, factory: Factory, published: Published, sign_in: SignIn
) -> None:
    district, hidden, shown = published.place, published.schools[0], published.schools[3]
    officer = factory.officer(district)
    ids = fill(factory, district, hidden, officer)
    fill(factory, district, shown, officer)
    limited = sign_in(district, township_ids=[published.townships[1]])
    whole = sign_in(district)
    seen = {"limited": 0, "whole": 0}
    for method, address, is_of_school in addresses(app, district.slug, ids):
        for name, client in (("limited", limited), ("whole", whole)):
            answer = client.open(address, method=method)
            assert answer.status_code < 500, (method, address)
            text = said(answer.data).replace(address, "")
            if name == "limited":
                assert hidden.slug not in text, (method, address)
                assert not is_of_school or answer.status_code in (403, 404), (method, address)
            seen[name] += hidden.slug in text
    assert seen["whole"] > 10


def test_no_address_tells_an_analyst_which_school_opened_a_mandatory_report(
    app: Flask, factory: Factory, sign_in: SignIn
) -> None:
    """In a district without figures nothing else names the school."""
    district = factory.district()
    school, township = factory.school(district), factory.township(district)
    people = [sign_in(district, "analyst"), sign_in(district, "analyst", township_ids=[township])]
    with_report = fill(factory, district, school, factory.officer(district))
    for method, address, _ in addresses(app, district.slug, with_report):
        for client in people:
            text = said(client.open(address, method=method).data)
            assert "请说明" not in text, (method, address)
            if "mandatory-reports" in address:
                assert school.slug not in text.replace(address, ""), (method, address)
