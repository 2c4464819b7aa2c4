"""Many browsers at once, each on a connection of its own that stays open, one request after the other."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Load:
    """What clients saw: seconds of each answer, and how many were not 200."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def under(port: int, requests: Sequence[bytes], seconds: float) -> Load:
    """Sends each of the requests, again and again, from a client of its own for so many seconds."""
    load = Load()
    asyncio.run(_all(port, requests, seconds, load))
    return load


async def _all(port: int, requests: Sequence[bytes], seconds: float, load: Load) -> None:
    until = time.monotonic() + seconds
    await asyncio.gather(*(_client(port, one, until, load) for one in requests))


async def _client(port: int, request: bytes, until: float, load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    # Nobody begins at the very same moment.
    await asyncio.sleep(hash(request) % 1000 / 1000)
    while time.monotonic() < until:
        start = time.perf_counter()
        try:
            writer.write(request)
            ok = await _answered(reader)
        except (OSError, asyncio.IncompleteReadError):
            ok = False
        load.seconds.append(time.perf_counter() - start)
        if not ok:
            load.errors += 1
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def _answered(reader: asyncio.StreamReader) -> bool:
    """Reads one answer; whether it is 200."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
    await reader.readexactly(length)
    return head.startswith(b"http/1.1 200")


def request_for(path: str, cookie: str = "") -> bytes:
    """A request as a browser sends it, that takes gzip."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
