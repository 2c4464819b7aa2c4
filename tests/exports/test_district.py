"""All figures of a district as a file: asked for, made by a worker, fetched, gone; within one's townships."""

import io
from datetime import date

import openpyxl
import pytest
from flask import Flask

from lxsaas.exports import making
from lxsaas.indicators import engine
from tests.factories import Factory, Place
from tests.indicators.districts import EPOCH, Child, SchoolData, build
from tests.indicators.test_figures import DEFINITION

NIGHT = date(2024, 3, 20)
CHILD = Child(EPOCH, None, (("register", EPOCH, None), (DEFINITION, EPOCH, None)), ())


@pytest.fixture(scope="module")
def district(app: Flask) -> Place:
    made = build(Factory(app), [SchoolData(0, (CHILD,) * size) for size in (5, 4, 2)])
    with app.app_context():
        engine.run_as_of(made.place.id, NIGHT)
    return made.place


def test_it(app: Flask, district: Place) -> None:
    officer = Factory(app).officer(district)
    client = officer.sign_in(app.test_client())
    client.set_cookie("language", "en", path="/")
    page = client.get(f"{district.path}figures")
    assert page.status_code == 200, page.text
    answer = client.post(
        f"{district.path}figures", data={"first": "2024-01", "last": "2024-03", "form": "xlsx"}
    )
    assert answer.status_code == 200, answer.text
    with app.app_context():
        jobs = making.look_after_all()
        print(jobs)
        settings = app.extensions["lxsaas.settings"]
        for j in jobs:
            assert making.make(*j, settings.data_dir)
    job = jobs[-1][2]
    got = client.get(f"{district.path}exports/{job}/file")
    assert got.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(got.data)).active
    for row in sheet.iter_rows(values_only=True):
        print(row[:12])
    assert 0
