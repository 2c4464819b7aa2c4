"""Who sees and signs the filing: the school's own people; the next school and the district see no child."""

import io
import re

import openpyxl
import pytest
import sqlalchemy as sa

from lxsaas.core.audit import AuditEntry
from tests.factories import PASSWORD, Factory
from tests.filings.conftest import Office
from tests.guardrails.test_routes import text_of


def sign_form(office: Office, page: str, password: str = PASSWORD, **more: str) -> dict[str, str]:
    found = re.search(r'name="seal"[^>]*value="([0-9a-f]+)"', page)
    assert found
    return {"seal": found[1], "password": password} | more


def logged(office: Office, action: str) -> list[dict[str, object]]:
    with office.factory.session(office.school.scope) as session:
        query = sa.select(AuditEntry.detail).where(AuditEntry.action == action).order_by(AuditEntry.id)
        return list(session.scalars(query))


def test_the_principal_reads_signs_and_sends(office: Office) -> None:
    child = office.child()
    client = office.client(office.principal)
    assert "2026–2027学年第一学期" in client.get(f"{office.school.path}filings").text
    page = client.get(office.draft_path).text
    refused = client.post(f"{office.draft_path}/signature", data=sign_form(office, page, "wrong"))
    assert refused.status_code == 422
    answer = client.post(f"{office.draft_path}/signature", data=sign_form(office, page))
    assert answer.status_code == 302
    shown = client.get(answer.location).text
    assert "children?column=total" in shown
    listed = client.get(f"{answer.location}/children?column=healthy&grade=3").text
    assert f"pupils/{child}" in listed
    assert logged(office, "view_filing")[-1] == {"column": "healthy", "grade": 3, "rows": 1}
    again = client.get(office.draft_path).text
    assert 'name="reason"' in again


def test_guessing_the_password_in_an_open_session_is_slowed_down(office: Office) -> None:
    client = office.client(office.principal)
    form = sign_form(office, client.get(office.draft_path).text, "wrong")
    for _ in range(10):
        client.post(f"{office.draft_path}/signature", data=form)
    right = client.post(f"{office.draft_path}/signature", data=form | {"password": PASSWORD})
    assert right.status_code == 422
    assert office.versions() == []


@pytest.mark.parametrize("role", ["homeroom_teacher", "teacher", "counsellor"])
def test_colleagues_without_the_whole_school_see_no_filing(office: Office, role: str) -> None:
    client = office.client(office.factory.staff(office.school, role))
    filing_id = office.sign()
    for path in (
        "filings",
        f"filings/terms/{office.term_id}",
        f"filings/{filing_id}",
        f"filings/{filing_id}/children",
    ):
        assert client.get(office.school.path + path).status_code == 403


def test_the_archive_keeper_prepares_but_does_not_sign(office: Office) -> None:
    client = office.client(office.factory.staff(office.school, "archivist"))
    page = client.get(office.draft_path)
    assert page.status_code == 200
    assert 'name="password"' not in page.text
    answer = client.post(f"{office.draft_path}/signature", data={"seal": "x", "password": PASSWORD})
    assert answer.status_code == 403


def test_the_next_school_and_the_district_find_no_child(office: Office, factory: Factory) -> None:
    office.child()
    filing_id = office.sign()
    neighbour = factory.school(office.district)
    principal = factory.staff(neighbour, "principal").sign_in(office.app.test_client())
    for path in (f"filings/{filing_id}", f"filings/{filing_id}/children", f"filings/{filing_id}/table.xlsx"):
        assert principal.get(neighbour.path + path).status_code == 404
    officer = office.client(office.officer)
    assert officer.get(f"{office.school.path}filings/{filing_id}").status_code in (302, 401, 403)


def test_the_workbook_has_the_layout_of_the_official_table(office: Office) -> None:
    office.child(grade=1)
    office.child(grade=2, sex="male")
    client = office.client(office.principal)
    client.post("/language", data={"language": "en"})
    draft = openpyxl.load_workbook(io.BytesIO(client.get(f"{office.draft_path}/table.xlsx").data)).active
    assert draft is not None
    told = [str(cell.value) for row in draft.iter_rows() for cell in row if cell.value is not None]
    assert any("草稿" in one for one in told)
    filing_id = office.sign()
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(f"{office.school.path}filings/{filing_id}/table.xlsx").data)
    )
    sheet = book.active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "留守儿童情况统计表"
    assert rows[4][:4] == ["一年级", 1, 0, 1]
    assert rows[6][:4] == ["合计", 2, 1, 1]
    assert not [
        text
        for row in rows
        for text in row
        if isinstance(text, str) and re.search("[A-Za-z]{3}", text) and office.school.slug not in text
    ]
    assert sheet.page_setup.orientation == "landscape"


def test_the_list_of_children_is_taken_out_and_logged(office: Office) -> None:
    office.child()
    filing_id = office.sign()
    client = office.client(office.principal)
    for form in ("xlsx", "csv"):
        body = client.get(f"{office.school.path}filings/{filing_id}/children.{form}").data
        assert "童" in text_of(body)
    assert [one["rows"] for one in logged(office, "export_filing")] == [1, 1]


def test_figures_that_are_none_do_not_exist(office: Office) -> None:
    client = office.client(office.principal)
    assert client.get(f"{office.draft_path}/children?column=nonsense").status_code == 404
    assert client.get(f"{office.school.path}filings/terms/999999999").status_code == 404
