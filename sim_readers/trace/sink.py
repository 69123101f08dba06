"""A file that takes exchanges as they happen; a full disk spoils the trace, not the card in the reader."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from sim_readers.trace.exchange import Exchange

_MODE = 0o600


class FileSink(ABC):
    """A sink into a file (0600) that several readers' threads may share; ``failure`` says why it is not complete."""

    def __init__(self, path: Path, flags: int) -> None:
        """Open the file, to append with ``os.O_APPEND``, anew with ``os.O_EXCL``. Raises OSError."""
        made = os.open(path, os.O_WRONLY | os.O_CREAT | flags, _MODE)
        os.fchmod(made, _MODE)  # it may have been there with another mode
        self._file = os.fdopen(made, "wb")
        self._lock = threading.Lock()
        self.failure = ""

    @abstractmethod
    def render(self, exchange: Exchange) -> bytes:
        """Write one exchange as the file has it."""

    def __call__(self, exchange: Exchange) -> None:
        """Add one exchange."""
        self._add(self.render(exchange))

    def _add(self, octets: bytes) -> None:
        with self._lock:
            try:
                self._file.write(octets)
                self._file.flush()
            except (OSError, ValueError) as broken:
                self.failure = f"the trace is not complete: {broken}"

    def close(self) -> None:
        """Close the file; never raises."""
        with self._lock:
            try:
                self._file.close()
            except OSError as broken:
                self.failure = f"the trace is not complete: {broken}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
