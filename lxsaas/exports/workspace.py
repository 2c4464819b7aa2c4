"""Directories for files that are being made: of this user alone, and gone afterwards, also after a kill."""

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "exports"
_LOCK = "at-work"
UNLOCKED = 60.0
"""Seconds after which a directory without a lock has nobody at work."""


@contextmanager
def workspace(data_dir: Path) -> Iterator[Path]:
    """A directory that nobody else may enter, deleted at the end with whatever lies in it.

    A lock says that somebody works in it; the kernel takes it away from a process that was killed.
    """
    parent = data_dir / FOLDER
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made by mkdtemp: mode 0700.
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(data_dir: Path) -> int:
    """Deletes what killed workers of this machine left; how many directories."""
    swept = 0
    for folder in (data_dir / FOLDER).glob("*"):
        if not _is_at_work(folder):
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept


def _is_at_work(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        # Made this moment, or its worker was killed in that moment.
        return folder.exists() and folder.stat().st_mtime > time.time() - UNLOCKED
    return False
