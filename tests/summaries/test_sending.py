"""A final summary goes to the district by the school's own act, as it is and for good."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError, ProgrammingError

from lxsaas.core.audit import DistrictAuditEntry
from lxsaas.core.scope import Scope
from lxsaas.correspondence.models import CorrespondenceThread
from lxsaas.summaries.models import DistrictSummary
from tests.factories import Person
from tests.summaries.conftest import YEAR, House


def sent_ids(house: House, scope: Scope) -> list[int]:
    with house.factory.session(scope) as session:
        return list(session.scalars(sa.select(DistrictSummary.id).order_by(DistrictSummary.number)))


def signed_in(house: House, person: Person) -> FlaskClient:
    return person.sign_in(house.app.test_client())


def test_the_principal_sends_and_the_officers_of_the_district_read(house: House) -> None:
    principal, at = house.client(house.principal), house.begin()
    confirmed = {"confirmed": "y"}
    assert principal.post(f"{at}/sending", data=confirmed).status_code == 422, "a draft is not sent"
    house.freeze(at)
    assert "确切" in principal.get(at).text, "what will be sent is said"
    assert house.client(house.archivist).post(f"{at}/sending", data=confirmed).status_code == 403
    assert principal.post(f"{at}/sending").status_code == 422
    assert principal.post(f"{at}/sending", data=confirmed).status_code == 302
    assert principal.post(f"{at}/sending", data=confirmed).status_code == 422, "once"
    [first] = sent_ids(house, house.school.scope)
    officer = signed_in(house, house.factory.officer(house.district))
    schools = f"{house.district.path}summary/schools"
    listed = officer.get(f"{schools}?year={YEAR}&state=sent").text
    assert f"{schools}/{first}/document.docx" in listed
    assert officer.get(f"{schools}/{first}/document.docx").data == house.word(at)
    with house.factory.session(house.district.scope) as session:
        assert "export_summary" in session.scalars(sa.select(DistrictAuditEntry.action)).all()
    later = principal.post(f"{at}/versions").location
    house.freeze(later)
    assert principal.post(f"{later}/sending", data=confirmed).status_code == 302
    second = sent_ids(house, house.school.scope)[-1]
    assert f"{schools}/{second}/" in officer.get(f"{schools}?year={YEAR}").text
    assert f"{schools}/{first}/" not in officer.get(f"{schools}?year={YEAR}").text, "the newest holds"
    nobody_changes_it(house)
    others_see_nothing(house, f"{schools}/{second}/document.docx")


def nobody_changes_it(house: House) -> None:
    for scope in (house.school.scope, house.district.scope):
        for change in (sa.update(DistrictSummary).values(number=9), sa.delete(DistrictSummary)):
            with house.factory.session(scope) as session, pytest.raises(ProgrammingError):
                session.execute(change)


def others_see_nothing(house: House, document: str) -> None:
    next_door = house.factory.school(house.district)
    assert sent_ids(house, next_door.scope) == []
    row = {
        "year": YEAR,
        "number": 1,
        "counted_on": f"{YEAR}-09-01",
        "missing_count": 0,
        "signed_name": "x",
        "content": b"x",
    }
    for forged in ({"unit_id": house.school.id}, {"district_id": house.factory.district().id}):
        given = row | {"unit_id": next_door.id, "district_id": house.district.id} | forged
        with house.factory.session(next_door.scope) as session, pytest.raises(DBAPIError, match="row-level"):
            session.execute(sa.insert(DistrictSummary).values(given))
    analyst = signed_in(house, house.factory.officer(house.district, "analyst"))
    assert analyst.get(document).status_code == 403
    township = house.factory.township(house.district)
    limited = signed_in(house, house.factory.officer(house.district, township_ids=[township]))
    assert limited.get(document).status_code == 404
    assert limited.get(f"{house.district.path}summary/schools").status_code == 200
    far = house.factory.district()
    stranger = signed_in(house, house.factory.officer(far))
    assert stranger.get(document.replace(house.district.path, far.path)).status_code == 404


def test_the_missing_are_listed_asked_once_and_taken_out(house: House) -> None:
    officer = signed_in(house, house.factory.officer(house.district))
    schools = f"{house.district.path}summary/schools"
    for query in ("?state=missing", "?sort=-sent&q=小学", ".csv?sort=school", ".xlsx"):
        answer = officer.get(schools + query)
        assert answer.status_code == 200
        assert query == ".xlsx" or house.school.slug in answer.text
    asked = {"year": YEAR, "key": "6f0d7c1e-3b52-4c44-9c3f-0e8a1f0f6a11"}
    for _ in range(2):
        assert officer.post(f"{schools}/reminders", data=asked).status_code == 302
    with house.factory.session(house.school.scope) as session:
        requests = sa.select(sa.func.count()).where(CorrespondenceThread.kind == "request")
        assert session.scalar(requests) == 1
