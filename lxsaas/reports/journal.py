"""What one line tried of the batch in its hand: written to a file, read when its process was killed.

The database knows that a whole batch is being sent; a commit for each message would cost more than sending
it. What a killed process had written to a file is there for the next one on this machine, unless the machine
itself went down: then nothing is known of the batch, and all of it is in doubt.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import UUID

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_TRIED, _ACCEPTED, _REFUSED = b"t", b"a", b"r"


def this_boot() -> str | None:
    """What changes when the machine starts anew; None where the system does not say."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return None


class Journal:
    """Of one batch; gone when the batch is over. Its lock lasts as long as the process."""

    def __init__(self, path: Path, file: int) -> None:
        self._path, self._file = path, file

    @classmethod
    def begin(cls, folder: Path, district_id: int, claim: UUID, boot: str) -> Self:
        """A journal of the batch that will be claimed under this name."""
        folder.mkdir(parents=True, exist_ok=True)
        # Under another name until it is locked and says whose it is: whoever looks sees it whole.
        draft, path = folder / f".{claim}", folder / f"{claim}.journal"
        file = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        head = {"boot": boot, "district_id": district_id, "claim": str(claim)}
        os.write(file, json.dumps(head).encode() + b"\n")
        draft.rename(path)
        return cls(path, file)

    def tried(self, message_id: int) -> None:
        """Its final dot comes next."""
        self._note(_TRIED, message_id)

    def accepted(self, message_id: int) -> None:
        self._note(_ACCEPTED, message_id)

    def not_accepted(self, message_id: int) -> None:
        """The server said no, or was not asked."""
        self._note(_REFUSED, message_id)

    def end(self) -> None:
        """The database knows all."""
        self._path.unlink(missing_ok=True)
        self.leave()

    def leave(self) -> None:
        """As a killed process would: its lock goes, what it wrote stays."""
        os.close(self._file)

    def _note(self, what: bytes, message_id: int) -> None:
        os.write(self._file, b"%s%d\n" % (what, message_id))


@dataclass
class Left:
    """What a killed line left."""

    district_id: int
    claim: UUID
    tried: set[int] = field(default_factory=set)
    accepted: set[int] = field(default_factory=set)
    not_accepted: set[int] = field(default_factory=set)

    @property
    def in_doubt(self) -> set[int]:
        """Messages that may have arrived."""
        return self.tried - self.accepted - self.not_accepted


def left_behind(folder: Path, boot: str) -> Iterator[Left]:
    """Journals whose processes are dead; each is deleted when the caller comes back for the next.

    Those of another boot are deleted unread: the last lines may have been lost with it.
    """
    for path in sorted(folder.glob("*.journal")):
        try:
            file = path.open("rb")
        except FileNotFoundError:  # Its batch is over.
            continue
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            left = _read(file.read(), boot)
            if left is not None:
                yield left
            path.unlink(missing_ok=True)


def _read(text: bytes, boot: str) -> Left | None:
    """None where it says nothing that can be relied on."""
    try:
        first, *lines = text.splitlines()
        head = json.loads(first)
        return _left(head, lines) if head["boot"] == boot else None
    except (ValueError, KeyError, TypeError):
        return None


def _left(head: dict[str, str], lines: list[bytes]) -> Left:
    left = Left(int(head["district_id"]), UUID(head["claim"]))
    sets = {_TRIED: left.tried, _ACCEPTED: left.accepted, _REFUSED: left.not_accepted}
    for line in lines:
        sets[line[:1]].add(int(line[1:]))
    return left
