"""What was sent is no draft any more: the phone forgets it, and does not offer to send it once again."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import lxsaas
from tests.factories import Factory

HOME = Path(lxsaas.__file__).parent
KEYS = sorted(
    {
        (path.name, key)
        for path in (HOME / "templates").rglob("*.html")
        for key in re.findall(r'draft="([a-z-]+)"', path.read_text("utf-8"))
    }
)


@pytest.mark.parametrize(("template", "key"), KEYS)
def test_each_form_that_keeps_a_draft_has_a_view_that_ends_it(template: str, key: str) -> None:
    ended = re.compile(rf'flash\(f?"{key}["{{]')
    assert any(ended.search(path.read_text("utf-8")) for path in HOME.rglob("*views.py")) or any(
        ended.search(path.read_text("utf-8")) for path in HOME.rglob("pages.py")
    )


def test_a_difficulty_that_was_sent_is_forgotten_by_the_phone(client: FlaskClient, factory: Factory) -> None:
    school = factory.school()
    factory.staff(school, roles=["principal"]).sign_in(client)
    path = f"{school.path}correspondence/difficulties/new"
    page = client.get(path).text
    hidden = dict(re.findall(r'type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    sent = hidden | {"title": "缺心理教师", "text": "请求支持一名兼职教师。"}
    assert 'data-draft="difficulty"' in page
    assert 'data-draft-saved="difficulty"' in client.post(path, data=sent, follow_redirects=True).text
