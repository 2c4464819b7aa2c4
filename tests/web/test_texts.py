"""Every text of the interface is there in both languages."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

ROOT = Path(__file__).parents[2]
KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None, "_l": None, "N_": None,
    "ngettext": (1, 2), "lazy_ngettext": (1, 2),
}  # fmt: skip


def texts() -> Catalog:
    """Every text marked in source and templates."""
    found = Catalog()
    methods = [("lxsaas/**.py", "python"), ("lxsaas/templates/**", "jinja2")]
    for _file, _line, message, _comments, _context in extract_from_dir(
        ROOT, methods, {"**": {"encoding": "utf-8"}}, keywords=KEYWORDS
    ):
        found.add(message)
    return found


def test_every_text_has_its_chinese() -> None:
    with (ROOT / "lxsaas/translations/zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as file:
        chinese = read_po(file, locale="zh_Hans_CN")
    wanted = [message.id for message in texts() if message.id]
    assert len(wanted) > 300
    missing = [one for one in wanted if one not in chinese or not "".join(chinese[one].string or ())]
    assert missing == []
    assert [message.id for message in chinese if message.fuzzy and message.id] == []


def test_a_page_speaks_the_browser_s_language_until_another_is_chosen(client: FlaskClient) -> None:
    chinese, english = {"Accept-Language": "zh-CN,zh;q=0.9"}, {"Accept-Language": "en-GB,en;q=0.9"}
    assert 'lang="zh-CN"' in client.get("/", headers=chinese).text
    assert "Find your school" in client.get("/", headers=english).text
    assert "查找学校" in client.get("/", headers={"Accept-Language": "fr"}).text
    client.post("/language", data={"language": "zh_Hans_CN", "next": "//elsewhere.example"})
    assert "查找学校" in client.get("/", headers=english).text


def test_choosing_a_language_leads_nowhere_else(client: FlaskClient) -> None:
    for address in ("//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example"):
        answer = client.post("/language", data={"language": "en", "next": address})
        assert answer.headers["Location"] == "/"


def test_pages_allow_no_inline_script_and_are_kept_by_no_cache(client: FlaskClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
