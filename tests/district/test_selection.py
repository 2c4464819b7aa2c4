"""Schools are found by what an officer looks for; what stands in the address is what is exported."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lxsaas.district.board import board
from lxsaas.district.selection import SIZES, size_of
from lxsaas.extensions import session_for
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.night import last_night, school_rows
from tests.district.conftest import NIGHT, Published, SignIn
from tests.factories import Factory


def exported(client: FlaskClient, address: str) -> list[str]:
    """The names of the schools in an exported table."""
    body = client.get(address).get_data(as_text=True)
    return [row[0] for row in csv.reader(io.StringIO(body)) if row and row[0].endswith("小学")]


def names(published: Published, *numbers: int) -> set[str]:
    return {f"{published.schools[number].slug}小学" for number in numbers}


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_the_database_judges_as_the_pages_do(app: Flask, factory: Factory, seed: int, kept: bool) -> None:
    made = Published(factory, 4, 4)
    made.night(seed)
    if kept:
        made.keep_standings()
    with app.app_context(), session_for(made.place.scope) as session:
        night = last_night(session)
        found = board(session, made.place.id, None)
        assert night is not None
        assert found is not None
        by_pages = {row.id: row for row in school_rows(session, night)}
        assert any(row.missed for row in found.schools)
        for row in found.schools:
            exact = by_pages[row.id].standing
            assert (row.missed, row.standing.mask) == (exact.missed, exact.mask)
            assert row.standing.shortfall == pytest.approx(exact.shortfall)
            share = by_pages[row.id].figures["left_behind_share"]
            assert row.size == (share.denominator if share else None)
        assert [row.id for row in found.schools] == [row.id for row in school_rows(session, night)]


def test_by_township_name_and_both(published: Published, sign_in: SignIn) -> None:
    client, path = sign_in(published.place), published.place.path
    township, name = published.townships[1], published.schools[3].slug
    assert set(exported(client, f"{path}schools.csv?township={township}")) == names(published, 3, 4)
    assert set(exported(client, f"{path}schools.csv?q={name}")) == names(published, 3)
    assert exported(client, f"{path}schools.csv?q={name}&township={published.townships[0]}") == []


def test_by_silence(published: Published, sign_in: SignIn) -> None:
    client, path = sign_in(published.place), published.place.path
    for number, days in enumerate((0, 6, 7, 13, 14)):
        published.last_entry(published.schools[number], NIGHT - timedelta(days=days))
    assert set(exported(client, f"{path}schools.csv?silent=7")) == names(published, 2, 3, 4, 5)
    assert set(exported(client, f"{path}schools.csv?silent=14")) == names(published, 4, 5)
    page = client.get(f"{path}schools?silent=14&sort=last_entry").text
    assert published.schools[4].slug in page
    assert published.schools[0].slug not in page


def test_those_that_the_night_did_not_count(published: Published, sign_in: SignIn) -> None:
    late = published.factory.school(published.place)
    client, path = sign_in(published.place), published.place.path
    assert exported(client, f"{path}schools.csv?uncounted=1") == [f"{late.slug}小学"]
    assert f"{path}schools?uncounted=1" in client.get(f"{path}overview").text


def test_by_a_missed_target_and_by_size(app: Flask, published: Published, sign_in: SignIn) -> None:
    client, path = sign_in(published.place), published.place.path
    with app.app_context(), session_for(published.place.scope) as session:
        found = board(session, published.place.id, None)
        assert found is not None
        rows = found.schools
    for code in ("archive_complete", "talk_monthly"):
        expected = {row.name for row in rows if row.standing.misses(code)}
        assert set(exported(client, f"{path}schools.csv?indicator={code}")) == expected
    for size in SIZES:
        expected = {row.name for row in rows if size_of(row) == size}
        assert set(exported(client, f"{path}schools.csv?size={size}")) == expected


@pytest.mark.parametrize("code", ["archive_complete", "care_targets"])
def test_sorted_by_an_indicator_unknown_values_stand_last(
    app: Flask, published: Published, sign_in: SignIn, code: str
) -> None:
    client, path = sign_in(published.place), published.place.path
    up = exported(client, f"{path}schools.csv?sort={code}")
    down = exported(client, f"{path}schools.csv?sort=-{code}")
    with app.app_context(), session_for(published.place.scope) as session:
        night = last_night(session)
        assert night is not None
        figures = {row.name: row.figures[code] for row in school_rows(session, night)}
    least = {
        name: one.bounds[0] / (one.denominator or 1) for name, one in figures.items() if one and one.bounds
    }
    assert len(up) == len(down) == 6
    assert [least[name] for name in up[: len(least)]] == sorted(least.values())
    assert [least[name] for name in down[: len(least)]] == sorted(least.values(), reverse=True)


def test_what_nobody_can_mean_is_no_filter(published: Published, sign_in: SignIn) -> None:
    client, path = sign_in(published.place), published.place.path
    odd = "township=x&size=vast&indicator=nothing&silent=²&sort=nothing&page=0"
    assert len(exported(client, f"{path}schools.csv?{odd}")) == 6
    for page in ("schools", "heat-map"):
        assert client.get(f"{path}{page}?{odd}").status_code == 200
    assert client.get(f"{path}schools?township={'9' * 30}").status_code == 200


def test_one_indicator_is_exported_alone(published: Published, sign_in: SignIn) -> None:
    client, path = sign_in(published.place), published.place.path
    body = client.get(f"{path}schools.csv?only=talk_monthly").get_data(as_text=True)
    name = INDICATORS["talk_monthly"].name
    assert name in body
    assert "Home visits" not in body
