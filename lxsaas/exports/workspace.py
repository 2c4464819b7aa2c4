"""Directories for files that are being made: of this user alone, and gone afterwards, also after a kill."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

FOLDER = "exports"


@contextmanager
def workspace(data_dir: Path) -> Iterator[Path]:
    """A directory that nobody else may enter, deleted at the end with whatever lies in it.

    A lock says that somebody works in it; the kernel takes it away from a process that was killed.
    """
    parent = data_dir / FOLDER
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as held:
        # Nobody sweeps between the making and the lock.
        with _locked(parent, fcntl.LOCK_SH):
            # Made by mkdtemp: mode 0700.
            folder = Path(tempfile.mkdtemp(dir=parent))
            held.enter_context(_locked(folder, fcntl.LOCK_EX))
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def sweep(data_dir: Path) -> int:
    """Deletes what killed workers of this machine left; how many directories."""
    parent, swept = data_dir / FOLDER, 0
    with suppress(FileNotFoundError), _locked(parent, fcntl.LOCK_EX):
        for folder in parent.iterdir():
            # At work, or just done and gone.
            with suppress(BlockingIOError, FileNotFoundError), _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
    return swept


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)
