"""Who saw what: every act has words, the principal reads it, the pack holds a year."""

import ast
import io
from pathlib import Path

import openpyxl
from flask import Flask
from flask.testing import FlaskClient

import lxsaas
from lxsaas.auditing.labels import VERBS
from lxsaas.core import clock
from lxsaas.core.audit import audit
from tests.exports.files import made_workbook
from tests.factories import Factory

TODAY = clock.today("Asia/Shanghai")


WRITERS = ("audit", "_audit", "_note", "log_sight")
"""The functions by which code writes into the log, or hands an action on to the one that does."""


def _text(node: ast.expr) -> str:
    """The beginning of a constant or formatted text; '' for anything else."""
    if isinstance(node, ast.JoinedStr):
        node = node.values[0]
    return str(node.value) if isinstance(node, ast.Constant) else ""


def verbs_in_source() -> set[str]:
    """The first words of the actions that code writes into the log."""
    found = set()
    for path in Path(lxsaas.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in WRITERS:
                # After the session stands the action; the helpers take it in other places.
                places = node.args[1:2] if getattr(node.func, "id", "") == "audit" else node.args
                action = next((text for text in map(_text, places) if "_" in text), "_")
                found.add(action.split("_")[0])
    return found - {""}


def test_every_act_that_is_logged_has_words() -> None:
    found = verbs_in_source()
    assert len(found) > 15
    assert found <= set(VERBS)


def test_the_principal_reads_who_saw_which_child_and_others_do_not(
    factory: Factory, app: Flask, client: FlaskClient
) -> None:
    school = factory.school()
    teacher = factory.staff(school, name="看过的老师")
    pupil_id = factory.pupil(school, factory.school_class(school, teacher), name="某某学生")
    teacher.sign_in(client).post(f"{school.path}pupils/{pupil_id}/secrets")
    principal = factory.staff(school, "principal").sign_in(app.test_client())
    for page in (f"{school.path}audit", f"{school.path}pupils/{pupil_id}/audit"):
        shown = principal.get(page).text
        assert "看过的老师" in shown
        assert "某某学生" in shown
        assert client.get(page).status_code == 403
    neighbour = factory.staff(factory.school(), "principal").sign_in(app.test_client())
    assert neighbour.get(f"{school.path}audit").status_code in (302, 403, 404)
    assert "看过的老师" in principal.get(f"{school.path}audit?first=0001-01-01&last=9999-12-31").text
    for nothing in ("verb=export", "last=2020-01-01", f"page={10**30}", f"staff={10**30}"):
        assert "某某学生" not in principal.get(f"{school.path}audit?{nothing}").text


def test_the_log_does_not_tell_who_is_in_counselling(factory: Factory, app: Flask) -> None:
    school = factory.school()
    counsellor = factory.staff(school, "counsellor")
    pupil_id = factory.pupil(school, factory.school_class(school), name="求助的学生")
    with factory.session(school.scope) as session:
        audit(session, "view_counselling_case", "counselling_case", 7, school_id=school.id,
              by=counsellor.id, pupil_id=pupil_id)  # fmt: skip
    principal = factory.staff(school, "principal").sign_in(app.test_client())
    assert "求助的学生" not in principal.get(f"{school.path}audit").text
    assert counsellor.username not in principal.get(f"{school.path}pupils/{pupil_id}/audit").text
    pack = made_workbook(app, principal, school, "audit/pack", year=TODAY.year)
    assert "求助的学生" not in str(cells(pack))


def cells(content: bytes) -> dict[str, list[object]]:
    """What each sheet of a workbook holds."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        sheet.title: [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
        for sheet in book
    }


def test_the_yearly_pack_counts_by_month_person_and_child_and_says_that_the_log_is_whole(
    factory: Factory, app: Flask, client: FlaskClient
) -> None:
    school = factory.school()
    teacher = factory.staff(school, name="看过的老师")
    pupil_id = factory.pupil(school, factory.school_class(school, teacher), name="某某学生")
    teacher.sign_in(client)
    for _ in range(3):
        client.post(f"{school.path}pupils/{pupil_id}/secrets")
    principal = factory.staff(school, "principal").sign_in(app.test_client())
    sheets = list(cells(made_workbook(app, principal, school, "audit/pack", year=TODAY.year)).values())
    assert len(sheets) == 5
    assert {"某某学生", "看过的老师", 3} <= set(sheets[2])
    assert any(isinstance(value, str) and len(value) == 64 for value in sheets[4])
    assert principal.post(f"{school.path}audit/pack", data={"year": 1900}).status_code == 404


def test_the_log_takes_as_many_queries_for_many_entries_as_for_few(
    factory: Factory, client: FlaskClient
) -> None:
    school = factory.school()
    factory.staff(school, "principal").sign_in(client)
    counted = []
    for number in (1, 60):
        with factory.session(school.scope) as session:
            for _ in range(number):
                audit(session, "view_pupil", "pupil", 1, school_id=school.id, by=None)
        with factory.counting_queries() as queries:
            client.get(f"{school.path}audit")
        counted.append(len(queries))
    assert counted[0] == counted[1]
