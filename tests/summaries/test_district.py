"""The district's own summary: sums of what is published, small numbers hidden, for whole districts only."""

import io
import zipfile
from datetime import date

import sqlalchemy as sa
from docx import Document
from PIL import Image

from lxsaas.care.models import CareKind
from lxsaas.indicators.models import DistrictIndicator
from lxsaas.summaries.charts import bars, course
from lxsaas.summaries.district_document import ShownDistrict
from lxsaas.summaries.district_figures import DistrictYear, Sum, year_of_district
from lxsaas.summaries.spans import Span
from tests.summaries.conftest import TODAY, YEAR, House


def page(house: House, role: str = "officer", **more: object) -> tuple[int, str]:
    client = house.factory.officer(house.district, role, **more).sign_in(house.app.test_client())
    answer = client.get(f"{house.district.path}summary?year={YEAR}")
    return answer.status_code, answer.text


def test_it_is_for_officers_and_analysts_of_the_whole_district(house: House) -> None:
    assert page(house)[0] == 200
    assert page(house, role="analyst")[0] == 200
    township = house.factory.township(house.district)
    assert page(house, township_ids=[township])[0] == 403


def test_another_district_sees_its_own(house: House) -> None:
    far = house.factory.district()
    client = house.factory.officer(far).sign_in(house.app.test_client())
    assert client.get(f"{far.path}summary?year={YEAR}").status_code == 200
    assert client.get(f"{far.path}summary/document.docx?year={YEAR}").status_code == 404, (
        "nothing was counted"
    )
    assert client.get(f"{house.district.path}summary?year={YEAR}").status_code == 302


def test_sums_lie_within_the_bounds_of_what_is_published(house: House) -> None:
    """Two of three talked with in March: hidden to the district, told as a range that holds the truth."""
    with house.factory.session(house.district.scope) as session:
        found = year_of_district(session, house.district.id, YEAR, TODAY)
        assert found is not None
        sums = found.sums["district", house.district.id]
        rows = session.scalars(
            sa.select(DistrictIndicator).where(
                DistrictIndicator.level == "district", DistrictIndicator.indicator == "talk_monthly"
            )
        ).all()
        assert any(row.hidden or row.slack for row in rows)
    talks = sums["talk_monthly"]
    assert talks.least <= 3 <= talks.most
    assert talks.least < talks.most


def test_the_document_has_pictures_and_tables_and_is_the_same_twice(house: House) -> None:
    for child in house.children[:3]:
        house.factory.care(house.school, child, house.teacher, CareKind.HOME_VISIT, date(YEAR + 1, 5, 5))
    client = house.factory.officer(house.district).sign_in(house.app.test_client())
    address = f"{house.district.path}summary/document.docx?year={YEAR}"
    content = client.get(address).data
    assert client.get(address).data == content
    document = Document(io.BytesIO(content))
    assert len(document.tables) == 3
    assert document.tables[1].rows[1].cells[0].text == f"{house.school.slug}小学"
    words = "\n".join(one.text for one in document.paragraphs)
    assert "图中线条：1 谈心覆盖率、2 家访覆盖率、3 家长通话率" in words
    assert "None" not in words
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        pictures = [name for name in archive.namelist() if name.startswith("word/media/")]
    assert len(pictures) == 2


def test_a_figure_says_of_how_many_months_nothing_is_shown() -> None:
    """One or two must-visits in a month are hidden from the district altogether."""
    unit = ("district", 1)
    sums = {unit: {"must_visit_on_time": Sum(5, 5, 6, left_out=2), "drop_outs": Sum(0, 0, 0, left_out=1)}}
    year = DistrictYear(Span(YEAR, TODAY, []), sums, {}, [], [], 1)
    shown = ShownDistrict("县", year, is_chinese=False, translate=str, district_id=1)
    assert shown.value(unit, "must_visit_on_time") == (
        "83.3% (5/6), without 2 months or terms that are not shown"
    )
    assert shown.value(unit, "drop_outs") == "not shown"


def test_pictures_need_no_typeface_and_are_the_same_twice() -> None:
    lines = course(["9", "10", "11"], [[0.5, None, 1.0], [0.2, 0.3, 0.4], [None, None, None]])
    assert lines == course(["9", "10", "11"], [[0.5, None, 1.0], [0.2, 0.3, 0.4], [None, None, None]])
    assert Image.open(io.BytesIO(lines)).size == (1500, 660)
    assert Image.open(io.BytesIO(bars([0.5, None, 1.0]))).size[1] > Image.open(io.BytesIO(bars([]))).size[1]
