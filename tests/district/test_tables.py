"""Every table is a file too, with its title, day, units and definitions; and the figures are the page's."""

import csv
import io

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from lxsaas.district.board import board
from lxsaas.district.peers import compare, peers_of
from lxsaas.extensions import session_for
from lxsaas.indicators.commands import figures_of_district
from lxsaas.indicators.definitions import INDICATORS
from tests.district.conftest import Published, SignIn
from tests.indicators.districts import Built


def files_of(published: Published) -> list[str]:
    school, township = published.schools[0].id, published.townships[0]
    return [
        "overview", "townships", "schools", "trends", f"townships/{township}/trends",
        f"schools/{school}/trends", f"schools/{school}/comparison",
    ]  # fmt: skip


def rows_of(client: FlaskClient, address: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(address).data.decode("utf-8-sig"))))


def test_each_says_what_it_is(published: Published, sign_in: SignIn) -> None:
    client = sign_in(published.place)
    for name in files_of(published):
        rows = rows_of(client, f"{published.place.path}{name}.csv")
        lines = [row[0] for row in rows[:40] if row]
        assert lines[0]
        assert "As of March 20, 2024" in lines
        assert any("hidden, for fewer than three" in line for line in lines), name
        assert any(line.startswith("Talks (%): Care targets with a talk") for line in lines), name
        body = client.get(f"{published.place.path}{name}.xlsx").data
        sheet = openpyxl.load_workbook(io.BytesIO(body)).active
        assert sheet is not None
        assert sheet.cell(1, 1).value == lines[0]
        assert [cell.value for cell in sheet[2]][0] == lines[1]


def test_three_people_at_each_file(app: Flask, published: Published, sign_in: SignIn) -> None:
    far = Published(published.factory, 1)
    analyst, stranger = sign_in(published.place, "analyst"), sign_in(far.place)
    principal = published.factory.staff(published.schools[0], "principal").sign_in(app.test_client())
    for name in files_of(published):
        address = f"{published.place.path}{name}.csv"
        codes = [client.get(address).status_code for client in (analyst, stranger, principal)]
        assert codes == [200, 302, 302], name


def test_page_export_and_command_agree_to_the_last_digit(
    app: Flask, officer: FlaskClient, built: Built
) -> None:
    """`reports` compares its letters with the same rows."""
    path = built.place.path
    with app.app_context():
        shown = figures_of_district(built.place.slug, None)
    by_command = {
        row["indicator"]: (row["numerator"], row["denominator"], row["slack"])
        for row in shown
        if row["level"] == "district"
    }
    heading, *rows = [row for row in rows_of(officer, f"{path}overview.csv") if len(row) > 4]
    counted, due = heading.index("counted"), heading.index("of all due")
    assert rows
    for row in rows:
        code = next(one.code for one in INDICATORS.values() if row[0].startswith(f"{one.name} ("))
        numerator, denominator, slack = by_command[code]
        expected = f"{numerator}–{numerator + slack}" if slack else str(numerator)
        assert (row[counted], row[due]) == (expected, "" if denominator is None else str(denominator))
        page = officer.get(f"{path}indicators/{code}").text
        assert expected in page.replace(",", "")


def test_a_school_is_compared_with_those_of_its_size_by_what_is_shown(
    app: Flask, published: Published
) -> None:
    with app.app_context(), session_for(published.place.scope) as session:
        found = board(session, published.place.id, None)
        assert found is not None
        found.read(found.schools)
        school = next(row for row in found.schools if peers_of(row, found.schools))
        peers = peers_of(school, found.schools)
        assert school not in peers
        for one in compare(school, peers):
            bounds = [figure.bounds for row in peers if (figure := row.figures[one.indicator.code])]
            known = [bound for bound in bounds if bound is not None]
            assert one.peers.numerator == sum(least for least, _ in known)
            assert one.peers.slack == sum(most - least for least, most in known)
            assert one.better is None or 0 <= one.better <= one.others <= len(peers)


@pytest.mark.parametrize("page", ["overview", "schools", "heat-map"])
def test_what_was_suppressed_says_so(officer: FlaskClient, built: Built, page: str) -> None:
    seen = officer.get(f"{built.place.path}{page}").text
    assert "&lt;3" in seen or "small numbers are hidden" in seen
