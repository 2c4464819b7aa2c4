"""Contents of pages, kept in this process until anything that the district is shown changes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """What was used last, up to so many bytes; safe in threads."""

    def __init__(self, size_of: Callable[[V], int], *, limit: int) -> None:
        self._size_of = size_of
        self._limit = limit
        self._size = 0
        self._held: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> V | None:
        with self._lock:
            value = self._held.get(key)
            if value is not None:
                self._held.move_to_end(key)
            return value

    def put(self, key: Hashable, value: V) -> None:
        """Keeps a value in the place of an earlier one; those unused for longest go."""
        with self._lock:
            old = self._held.pop(key, None)
            if old is not None:
                self._size -= self._size_of(old)
            self._held[key] = value
            self._size += self._size_of(value)
            while self._size > self._limit:
                _, gone = self._held.popitem(last=False)
                self._size -= self._size_of(gone)

    def clear(self) -> None:
        with self._lock:
            self._held.clear()
            self._size = 0
