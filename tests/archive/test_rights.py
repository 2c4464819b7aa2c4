"""Consent by purpose, the copy for the guardian, requests with their clock, erasure with what is kept."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from lxsaas.accounts.models import Staff
from lxsaas.archive.erasure import erase_pupil_secrets
from lxsaas.archive.models import ChildProfile, Consent, CorrectionRequest
from lxsaas.core.crypto import school_cipher
from lxsaas.pupils.models import Guardian, ParentAbsence, Pupil
from lxsaas.registers.models import Attachment, RowVersion
from tests.archive.people import CHILD_PHONE, FATHER_PHONE, IDENTITY, TODAY, House
from tests.care.desk import photo

CONSENT = {"purpose": "photos", "given_by": "汤建国", "relation": "51", "given_on": TODAY.isoformat()}
REQUEST = {
    "kind": "correct", "asked_by": "汤建国", "relation": "51", "asked_on": TODAY.isoformat(),
    "words": "地址写错了，应为三组",
}  # fmt: skip


def send(house: House, client: FlaskClient, path: str, form: dict[str, Any], **values: Any) -> Any:
    data = {"pupil": house.child} | form | values
    return client.post(f"{house.school.path}{path}/entries", data=data)


def rights(house: House, client: FlaskClient) -> str:
    answer = client.get(f"{house.school.path}pupils/{house.child}/rights")
    assert answer.status_code == 200
    return answer.text


def test_each_purpose_says_whether_the_guardian_agreed_and_to_which_text(
    house: House, teacher: FlaskClient
) -> None:
    assert rights(house, teacher).count("not given") == 5
    new = teacher.get(f"{house.school.path}consents/new?pupil={house.child}&purpose=photos").text
    assert '<option selected value="photos">' in new
    assert send(house, teacher, "consents", CONSENT).status_code == 302
    [row] = house.rows(Consent)
    assert (row.text_version, row.revoked_on) == (1, None)
    assert rights(house, teacher).count("not given") == 4


def test_a_consent_is_given_once_and_again_after_it_was_revoked(house: House, teacher: FlaskClient) -> None:
    send(house, teacher, "consents", CONSENT)
    twice = send(house, teacher, "consents", CONSENT)
    assert twice.status_code == 422
    assert 'id="purpose-error"' in twice.text
    [row] = house.rows(Consent)
    path = f"{house.school.path}consents/{row.id}/edit"
    answer = teacher.post(path, data=CONSENT | {"revoked_on": TODAY.isoformat(), "version": "1"})
    assert answer.status_code == 302
    assert "revoked" in rights(house, teacher)
    assert send(house, teacher, "consents", CONSENT).status_code == 302


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"purpose": "advertising"}, "purpose"),
        ({"given_on": (TODAY + timedelta(days=1)).isoformat()}, "given_on"),
        ({"given_on": "2001-01-01"}, "given_on"),
        ({"revoked_on": (TODAY - timedelta(days=1)).isoformat()}, "revoked_on"),
        ({"given_by": ""}, "given_by"),
        ({"given_by": "名" * 100_000}, "given_by"),
        ({"given_by": "\0"}, "given_by"),
        ({"relation": "00"}, "relation"),
    ],
)
def test_a_wrong_consent_is_told_at_its_field(
    house: House, teacher: FlaskClient, values: dict[str, Any], field: str
) -> None:
    answer = send(house, teacher, "consents", CONSENT, **values)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert not house.rows(Consent)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"words": ""}, "words"),
        ({"asked_on": (TODAY + timedelta(days=1)).isoformat()}, "asked_on"),
        ({"outcome": "accepted"}, "decided_on"),
        ({"decided_on": TODAY.isoformat()}, "decided_on"),
        ({"outcome": "refused", "decided_on": TODAY.isoformat()}, "answer"),
        ({"outcome": "accepted", "decided_on": "2025-01-01"}, "decided_on"),
    ],
)
def test_a_wrong_request_or_a_refusal_without_reason_is_told_at_its_field(
    house: House, teacher: FlaskClient, values: dict[str, Any], field: str
) -> None:
    answer = send(house, teacher, "corrections", REQUEST, **values)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert not house.rows(CorrectionRequest)


def test_a_request_has_a_clock_of_fifteen_days(house: House, teacher: FlaskClient) -> None:
    send(house, teacher, "corrections", REQUEST)
    assert "answer by" in rights(house, teacher)
    late = (TODAY - timedelta(days=16)).isoformat()
    send(house, teacher, "corrections", REQUEST, asked_on=late)
    assert "answer is late" in rights(house, teacher)
    page = teacher.get(f"{house.school.path}corrections?show=late").text
    assert page.count("corrections/") - page.count("corrections/new") == 1


def test_the_copy_tells_the_guardian_what_the_school_holds_and_is_logged(
    house: House, teacher: FlaskClient
) -> None:
    teacher.post(f"{house.school.path}pupils/{house.child}/profile", data={"interests": "画画"})
    send(house, teacher, "consents", CONSENT)
    send(house, teacher, "corrections", REQUEST)
    page = teacher.get(f"{house.school.path}pupils/{house.child}/copy").text
    for words in ("汤文博", IDENTITY, CHILD_PHONE, FATHER_PHONE, "画画", "Photos and works", "应为三组"):
        assert words in page, words
    assert [one.detail for one in house.audited("open_secrets")] == [{"page": "copy"}]


def test_of_a_child_that_left_principal_and_archive_keeper_print_the_copy(
    house: House, teacher: FlaskClient
) -> None:
    with house.factory.session(house.school.scope) as session:
        session.get_one(Pupil, (house.school.id, house.child)).left_on = TODAY
    path = f"{house.school.path}pupils/{house.child}/copy"
    principal = house.client(house.principal)
    assert path in principal.get(f"{house.school.path}pupils/{house.child}/erasure").text
    assert FATHER_PHONE in principal.get(path).text
    assert [one.detail for one in house.audited("open_secrets")] == [{"page": "copy"}]
    elsewhere = house.factory.staff(house.factory.school(), "principal")
    assert teacher.get(path).status_code == 404
    other = f"{elsewhere.place.path}pupils/{house.child}/copy"
    assert house.client(elsewhere).get(other).status_code == 404


def fill(house: House, client: FlaskClient) -> None:
    path = f"{house.school.path}pupils/{house.child}/profile"
    client.post(path, data={"character": "内向", "history": "哮喘"})
    client.post(path, data={"character": "开朗", "history": "哮喘", "version": "1"})


def test_only_principal_and_archive_keeper_erase_and_only_when_both_sides_agreed(
    house: House, teacher: FlaskClient
) -> None:
    path = f"{house.school.path}pupils/{house.child}/erasure"
    assert teacher.get(path).status_code == 403
    principal = house.client(house.principal)
    assert "Kept, because the law wants it" in principal.get(path).text
    fill(house, teacher)
    assert principal.post(path).status_code == 422
    assert house.rows(ChildProfile)[0].character_sealed
    assert principal.post(path, data={"agreed": "yes"}).status_code == 302
    [profile] = house.rows(ChildProfile)
    assert (profile.character_sealed, profile.history_sealed) == (None, None)
    [pupil] = house.rows(Pupil, Pupil.id == house.child)
    assert pupil.phone_sealed
    [entry] = house.audited("erase_pupil_secrets")
    assert entry.detail["profiles"] == 1


def test_erased_texts_are_in_no_earlier_version(house: House, teacher: FlaskClient) -> None:
    fill(house, teacher)
    with house.factory.session(house.school.scope) as session:
        pupil = session.get_one(Pupil, (house.school.id, house.child))
        erased = erase_pupil_secrets(session, pupil, today=TODAY, by=house.principal.id)
        assert erased.versions == 1
    [version] = house.rows(RowVersion)
    with house.factory.session(house.school.scope) as session:
        cipher = school_cipher(session, house.school.id)
        place = {"table": "row_version", "column": "values_sealed", "row_id": version.id}
        assert cipher.open(version.values_sealed, **place) == "{}"


def test_of_a_child_that_left_every_number_goes_and_the_name_stays(
    house: House, teacher: FlaskClient
) -> None:
    fill(house, teacher)
    with house.factory.session(house.school.scope) as session:
        session.get_one(Pupil, (house.school.id, house.child)).left_on = TODAY
        away = {"parent": "father", "starts_on": TODAY, "start_is_estimated": False, "source": "staff"}
        session.add(ParentAbsence(school_id=house.school.id, pupil_id=house.child, place="东莞", **away))
    principal = house.client(house.principal)
    assert "汤文博" in principal.post(f"{house.school.path}former-pupils", data={"q": "twb"}).text
    path = f"{house.school.path}pupils/{house.child}/erasure"
    assert principal.post(path, data={"agreed": "yes"}).status_code == 302
    [pupil] = house.rows(Pupil, Pupil.id == house.child)
    assert pupil.name == "汤文博"
    for column in ("identity_sealed", "identity_digest", "phone_sealed", "phone_digest", "address_sealed"):
        assert getattr(pupil, column) is None, column
    [father] = house.rows(Guardian)
    assert (father.phone_sealed, father.phone_digest, father.workplace) == (None, None, None)
    assert [(one.starts_on, one.place) for one in house.rows(ParentAbsence)] == [(TODAY, None)]
    assert teacher.get(path).status_code == 403


def test_another_school_s_pupil_cannot_be_erased(house: House) -> None:
    elsewhere = house.factory.school()
    client = house.factory.staff(elsewhere, "principal").sign_in(house.app.test_client())
    for method in (client.get, client.post):
        assert method(f"{elsewhere.path}pupils/{house.child}/erasure").status_code == 404


def test_a_signed_sheet_is_shown_to_nobody_to_whom_consents_are_closed(
    house: House, teacher: FlaskClient
) -> None:
    """Files of all registers have one address: it asks for what the register demands."""
    assert send(house, teacher, "consents", CONSENT, files=[photo()]).status_code == 302
    [file] = house.rows(Attachment)
    address = f"{house.school.path}attachments/{file.id}"
    assert teacher.get(address).status_code == 200
    with house.factory.session(house.school.scope) as session:
        session.get_one(Staff, (house.school.id, house.teacher.id)).roles = ["teacher"]
    assert teacher.get(f"{house.school.path}pupils/{house.child}").status_code == 200
    for path in ("", "/small"):
        assert teacher.get(address + path).status_code == 404
    assert teacher.post(f"{address}/withdrawal").status_code == 404
