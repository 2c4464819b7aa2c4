"""Districts, schools and terms are set up with clear refusals, and found by name or pinyin."""

import uuid
from datetime import date, timedelta
from itertools import pairwise

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.core.pinyin import searchable
from lxsaas.core.scope import operating
from lxsaas.schools import actions, queries
from lxsaas.schools.models import District, School, Township
from tests.factories import Factory


def new_slug() -> str:
    return f"n{uuid.uuid4().hex[:10]}"


def new_code() -> str:
    return f"{uuid.uuid4().int % 10**10:010d}"


def test_a_new_district_has_terms_around_today(factory: Factory) -> None:
    slug = new_slug()
    with factory.session(operating()) as session:
        district = actions.create_district(session, slug=slug, name=" 平坝县教育局 ")
        terms = session.scalars(queries.terms_of(district.id)).all()
        assert district.name == "平坝县教育局"
        assert terms[0].starts_on < clock.today("Asia/Shanghai") < terms[-1].ends_on
        assert all(one.ends_on < following.starts_on for one, following in pairwise(terms))


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"slug": "Not Good"}, "slug_invalid", "slug"),
        ({"slug": "-a"}, "slug_invalid", "slug"),
        ({"slug": "a" * 41}, "slug_invalid", "slug"),
        ({"slug": "good\n"}, "slug_invalid", "slug"),
        ({"name": "  "}, "name_required", "name"),
        ({"timezone": "Mars/Olympus"}, "timezone_unknown", "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone_unknown", "timezone"),
    ],
)
def test_a_district_that_does_not_fit_is_refused_at_its_field(
    factory: Factory, given: dict[str, str], code: str, field: str
) -> None:
    values = {"slug": new_slug(), "name": "县"} | given
    with factory.session(operating()) as session, pytest.raises(RuleError) as refused:
        actions.create_district(session, **values)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_address_is_given_once(factory: Factory) -> None:
    taken = factory.district().slug
    with factory.session(operating()) as session, pytest.raises(RuleError) as refused:
        actions.create_district(session, slug=taken, name="县")
    assert refused.value.code == "slug_taken"


def test_a_township_is_made_once_and_none_of_blanks(factory: Factory) -> None:
    place = factory.district()
    with factory.session(operating()) as session:
        district = session.get_one(District, place.id)
        made = [
            actions.create_school(
                session, district=district, slug=new_slug(), name="平坝小学", register_code=new_code(),
                township=township,
            )
            for township in ("平坝乡", " 平坝乡 ", "  ", None)
        ]  # fmt: skip
        names = session.scalars(select(Township.name).where(Township.district_id == place.id)).all()
        assert names == ["平坝乡"]
        assert [one.township_id is None for one in made] == [False, False, True, True]
        assert made[0].pinyin == "pbxx pingbaxiaoxue"


@pytest.mark.parametrize("code", ["1", "12345678901", "12345abcde", "１２３４５６７８９０"])
def test_a_register_code_has_ten_digits(factory: Factory, code: str) -> None:
    place = factory.district()
    with factory.session(operating()) as session, pytest.raises(RuleError) as refused:
        actions.create_school(
            session, district=session.get_one(District, place.id), slug=new_slug(), name="x",
            register_code=code,
        )  # fmt: skip
    assert (refused.value.code, refused.value.field) == ("register_code_invalid", "register_code")


def test_terms_change_but_never_overlap(factory: Factory) -> None:
    slug = new_slug()
    with factory.session(operating()) as session:
        district = actions.create_district(session, slug=slug, name="县")
        first = session.scalars(queries.terms_of(district.id)).first()
        assert first is not None
        later = first.starts_on + timedelta(days=3)
        actions.set_term(
            session, district=district, name=first.name, starts_on=later, ends_on=first.ends_on
        )  # fmt: skip
        assert first.starts_on == later
    for days in ((later, later + timedelta(days=9)), (date(2001, 2, 1), date(2001, 1, 1))):
        with factory.session(operating()) as session:
            again = actions.find_district(session, slug)
            with pytest.raises(RuleError) as refused:
                actions.set_term(session, district=again, name="more", starts_on=days[0], ends_on=days[1])
            assert refused.value.code == "term_days"
            session.rollback()


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("平坝小学", "pbxx pingbaxiaoxue"),
        ("第2小学", "d2xx di2xiaoxue"),
        ("重庆路小学", "cqlxx chongqingluxiaoxue"),
    ],
)
def test_names_are_spelled_as_they_are_read(name: str, spelled: str) -> None:
    assert searchable(name) == spelled


def test_the_start_page_finds_by_name_initials_and_pinyin(client: FlaskClient, factory: Factory) -> None:
    place = factory.district()
    with factory.session(operating()) as session:
        school = actions.create_school(
            session, district=session.get_one(District, place.id), slug=new_slug(), name="鑫淼垚小学",
            register_code=new_code(),
        )  # fmt: skip
        path = f"/s/{school.slug}/"
    for words in ("鑫淼", "xmy", "XinMiao", "xin miao yao"):
        assert path in client.get("/", query_string={"q": words}).text
    for words in ("miao", "%", "_", ""):
        assert path not in client.get("/", query_string={"q": words}).text
    fragment = client.get("/", query_string={"q": "xmy"}, headers={"HX-Request": "true"}).text
    assert path in fragment
    assert "<html" not in fragment


def test_the_start_page_lists_no_more_than_a_page(client: FlaskClient, factory: Factory) -> None:
    place = factory.district()
    with factory.session(operating()) as session:
        for number in range(queries.LISTED + 2):
            session.add(
                School(district_id=place.id, slug=new_slug(), name=f"犇犇小学{number}", pinyin="bb ben",
                       register_code=new_code())
            )  # fmt: skip
    found = client.get("/", query_string={"q": "犇犇"}, headers={"Accept-Language": "en"}).text
    assert found.count('href="/s/') == queries.LISTED
    assert "There are more" in found


def test_a_value_that_no_column_can_hold_is_no_failure_of_ours(client: FlaskClient) -> None:
    client.application.testing = False
    try:
        assert client.get("/?q=%00").status_code == 400
    finally:
        client.application.testing = True
