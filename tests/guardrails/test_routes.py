"""Every route, called by five people with another school's ids: no trace of it in page, export or log."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from lxsaas.core.permissions import Permission
from lxsaas.core.scope import Login, looking_up
from lxsaas.extensions import session_for
from tests.factories import Factory, Person, Place
from tests.guardrails.canary import Tenant, kept_by_triggers, row_for, tables, writer_of

PEOPLE = ("own teacher", "other school's teacher", "principal", "officer", "nobody")
MARK = "CANARY-"


@dataclass
class Neighbours:
    """Two schools of two districts; the other one is full of canaries."""

    app: Flask
    own: Tenant
    other: Tenant
    clients: dict[str, FlaskClient]


@pytest.fixture(scope="module")
def neighbours(app: Flask) -> Neighbours:
    factory = Factory(app)
    other = full_of_canaries(app, factory, f"{MARK}OTHER")
    school = factory.school()
    teacher, principal = factory.staff(school), factory.staff(school, "principal")
    pupil_id = factory.pupil(school, factory.school_class(school, teacher))
    own = Tenant("OWN", school.district_id, school.id, {"pupil": {"id": pupil_id}})
    own.rows["school"] = {"slug": school.slug}
    far = factory.school()
    people: dict[str, Person | None] = {
        "own teacher": teacher,
        "other school's teacher": factory.staff(far),
        "principal": principal,
        "officer": factory.officer(factory.district()),
        "nobody": None,
    }
    clients = {name: signed_in(app, person) for name, person in people.items()}
    return Neighbours(app, own, other, clients)


def signed_in(app: Flask, person: Person | None) -> FlaskClient:
    client = app.test_client()
    return person.sign_in(client) if person else client


def full_of_canaries(app: Flask, factory: Factory, mark: str) -> Tenant:
    """A school with a row in every table, each text of which bears the mark."""
    tenant = Tenant(mark)
    with app.app_context(), session_for(looking_up()) as session:
        writers = {table.name: writer_of(session.connection(), table.name) for table in tables()}
    for table in tables():
        if table.name == "mail_channel" or kept_by_triggers(table):
            continue
        login: Login = writers[table.name]
        row = row_for(table, tenant)
        with factory.session(tenant.scope(login)) as session:
            statement = sa.insert(table).values(row)
            if "id" in table.columns:
                row["id"] = session.scalar(statement.returning(table.c.id))
            else:
                session.execute(statement)
        tenant.rows[table.name] = row
        if table.name in ("district", "school"):
            setattr(tenant, f"{table.name}_id", row["id"])
    return tenant


def routes(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def addresses(neighbours: Neighbours) -> Iterator[tuple[Rule, str, str]]:
    """Each route with the other school's ids: below the caller's own address, and below the other's."""
    for rule in routes(neighbours.app):
        for below in neighbours.own, neighbours.other:
            values: dict[str, int | str] = {}
            for argument in rule.arguments:
                if argument in ("school_slug", "district_slug"):
                    kind = argument.removesuffix("_slug")
                    values[argument] = str(below.rows.get(kind, {}).get("slug", "none"))
                elif argument == "form":
                    values[argument] = "xlsx"
                else:
                    values[argument] = neighbours.other.id_for(argument)
            with neighbours.app.test_request_context():
                address = neighbours.app.url_map.bind("").build(rule.endpoint, values)
            for method in (rule.methods or set()) & {"GET", "POST"}:
                yield rule, method, address


def text_of(body: bytes) -> str:
    """A page, or everything that a workbook holds."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"".join(archive.read(name) for name in archive.namelist())
    return body.decode(errors="replace")


def permission_of(app: Flask, rule: Rule) -> object:
    return getattr(app.view_functions[rule.endpoint], "permission", "not stated")


def test_each_route_states_its_permission_or_is_public(app: Flask) -> None:
    silent = [
        rule.endpoint for rule in routes(app) if not hasattr(app.view_functions[rule.endpoint], "permission")
    ]
    assert silent == []


PUBLIC = {
    "start.page", "web.set_language", "web.health", "accounts.home", "accounts.sign_in", "accounts.sign_out",
    "accounts.invitation", "counselling.letterbox", "counselling.send_letter", "counselling.reply_code",
    "counselling.read_answer", "counselling.write_again",
    # Behind the operator's token, which the canaries' installation does not have.
    "watch.operator_page", "watch.metrics",
}  # fmt: skip


def test_only_these_routes_are_public(app: Flask) -> None:
    found = {rule.endpoint for rule in routes(app) if permission_of(app, rule) is None}
    assert found == PUBLIC


def test_each_stated_permission_is_one(app: Flask) -> None:
    stated = {permission_of(app, rule) for rule in routes(app)} - {None}
    assert stated <= set(Permission)


@pytest.mark.parametrize("person", PEOPLE)
def test_no_route_shows_another_school(
    neighbours: Neighbours, person: str, capfd: pytest.CaptureFixture[str]
) -> None:
    client = neighbours.clients[person]
    canary = neighbours.other
    body = {"pupils": str(canary.id_for("pupil_id")), "pupil": str(canary.id_for("pupil_id")), "q": "CANARY"}
    called = 0
    for rule, method, address in addresses(neighbours):
        data = {**body, "file": (io.BytesIO(b"no workbook"), "register.xlsx")} if method == "POST" else None
        # Signing out in the middle would make the rest of the walk one of nobody.
        if rule.endpoint in ("accounts.sign_out", "accounts.end_own_sessions"):
            continue
        words = {"q": "CANARY", "pupil": body["pupil"]}
        answer = client.open(address, method=method, data=data, query_string=words)
        called += 1
        assert answer.status_code < 500, (person, method, address)
        shown = re.sub(r"(?:q|value)=\"?[^\s>]*CANARY\"?", "", text_of(answer.data))
        allowed = rule.endpoint in PUBLIC
        assert allowed or f"{MARK}OTHER" not in shown, (person, method, address)
    assert called > 40
    out, err = capfd.readouterr()
    assert MARK not in out + err


def test_the_canaries_sing_for_their_own_school(app: Flask, neighbours: Neighbours) -> None:
    """What the walk above looks for is really shown to those who may see it."""
    slug = neighbours.other.rows["school"]["slug"]
    scope = neighbours.other.scope(Login.SCHOOL)
    place = Place(neighbours.other.school_id, neighbours.other.district_id, slug, scope, f"/s/{slug}/")
    client = Factory(app).staff(place, "principal").sign_in(app.test_client())
    for page in ("pupils", f"pupils/{neighbours.other.id_for('pupil_id')}", "staff"):
        assert f"{MARK}OTHER" in client.get(place.path + page).text
    export = client.post(f"{place.path}pupils.xlsx")
    assert f"{MARK}OTHER" in text_of(export.data)
