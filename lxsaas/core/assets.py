"""Addresses of the built styles and scripts, and how they are served: unchangeable, compressed beforehand."""

import json
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, request, send_from_directory, url_for

from lxsaas.core.errors import ConfigurationError

YEAR = 31_536_000
"""Seconds for which a file whose name carries its content's hash is kept by a browser."""


def init_assets(app: Flask) -> None:
    """Gives templates `asset_url(name)` and takes over Flask's static route."""
    app.jinja_env.globals["asset_url"] = asset_url
    app.view_functions["static"] = serve_static


def asset_url(name: str) -> str:
    """The address of a built asset by its plain name, 'app.css'.

    Raises ConfigurationError when the assets were never built, or have no such name.
    """
    file = manifest(_dist() / "manifest.json").get(name)
    if file is None:
        raise ConfigurationError("asset_unknown", name=name)
    return url_for("static", filename=f"dist/{file}")


def manifest(path: Path) -> dict[str, str]:
    """From plain to hashed names, read again when the file has changed."""
    try:
        return _read_manifest(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ConfigurationError("assets_not_built") from None


@lru_cache(maxsize=4)
def _read_manifest(path: Path, _changed: int) -> dict[str, str]:
    names: dict[str, str] = json.loads(path.read_text())
    return names


def serve_static(filename: str) -> Response:
    """A file of `static/`: what is in the manifest for a year and with gzip if the browser takes it."""
    folder = _dist()
    name = filename.removeprefix("dist/")
    if "/." in f"/{filename}":
        abort(404)
    if name == filename or name not in manifest(folder / "manifest.json").values():
        return current_app.send_static_file(filename)
    options: dict[str, Any] = {"max_age": YEAR, "conditional": True}
    if request.accept_encodings["gzip"] > 0:
        kind = guess_type(name)[0]
        response = send_from_directory(folder, f"{name}.gz", mimetype=kind, **options)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = send_from_directory(folder, name, **options)
    response.cache_control.immutable = True
    response.vary.add("Accept-Encoding")
    return response


def _dist() -> Path:
    return Path(current_app.static_folder or "static") / "dist"
