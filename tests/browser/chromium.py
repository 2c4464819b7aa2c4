"""Where the tests' Chromium comes from: this machine's, Playwright's, else the one in an npm package."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from lxsaas.assets.builder import ROOT, BuildError, node_tools

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PACKAGE = "@sparticuz/chromium@147.0.0"
CACHE = ROOT / "var" / "chromium"
# Made for machines without a desktop: the package brings the libraries that those lack.
_UNPACK = """
process.env.AWS_LAMBDA_JS_RUNTIME = "nodejs22.x";
const { default: chromium } = await import("@sparticuz/chromium");
await chromium.executablePath();
"""
# Without any font Chromium ends; the machine's own are there for Chinese where it has them.
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{own}</dir><dir>/usr/share/fonts</dir><cachedir>{own}/cache</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """A program that Playwright can start, with what must be in its environment."""

    program: Path
    environment: dict[str, str] = field(default_factory=dict)


def find_chromium(playwrights: str) -> Chromium | None:
    """The first Chromium found; None where this machine has none and npm cannot fetch one.

    `playwrights`: where Playwright would keep its own. Fetching takes some 70 MB, once, into var/chromium.
    """
    found = next((path for name in NAMES if (path := shutil.which(name))), None) or playwrights
    if Path(found).exists():
        return Chromium(Path(found))
    try:
        program = _carried()
    except (BuildError, OSError, subprocess.SubprocessError):
        return None
    folder = program.parent
    libraries = {"LD_LIBRARY_PATH": str(folder / "al2023" / "lib")}
    return Chromium(program, libraries | {"FONTCONFIG_FILE": str(folder / "fonts.conf")})


def _carried() -> Path:
    """Fetched and unpacked once; the folder gets its name when it is complete."""
    done = CACHE / "unpacked"
    if not done.exists():
        draft = CACHE / f"unpacking-{os.getpid()}"
        draft.mkdir(parents=True, exist_ok=True)
        npm, environment = node_tools()
        environment["TMPDIR"] = str(draft)
        (CACHE / "package.json").write_text('{"private": true, "type": "module"}')
        (CACHE / "unpack.mjs").write_text(_UNPACK)
        _run([*npm, "install", "--no-audit", "--no-fund", "--silent", PACKAGE], environment)
        node = shutil.which("node", path=environment.get("PATH")) or "node"
        _run([node, "unpack.mjs"], environment)
        (draft / "fonts.conf").write_text(_FONTS.format(own=done / "fonts"))
        draft.rename(done)
    return done / "chromium"


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, cwd=CACHE, env=environment, check=True, timeout=300, capture_output=True)
