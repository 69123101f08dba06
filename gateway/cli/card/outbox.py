"""What has to reach the gateway one day: written down first, durably, and struck out when it has.

JSON lines: a document with its ``id``, or ``{"sent": id}``. Several processes may append to one file.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
from collections.abc import Iterable
from pathlib import Path

from gateway.cli.gateway_client import Json

_PRIVATE = 0o600


class Outbox:
    """One such file. Thread-safe; what another process appended meanwhile is seen at the next look."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._read_up_to = 0
        self._documents: dict[str, Json] = {}
        self._sent: set[str] = set()

    def add(self, document: Json) -> None:
        """Write a document down; it has an ``id``. Raises OSError."""
        self._append([document])

    def strike(self, ids: Iterable[str]) -> None:
        """These have arrived. Raises OSError."""
        lines: list[Json] = [{"sent": name} for name in ids]
        if lines:
            self._append(lines)

    def waiting(self) -> list[Json]:
        """What has not arrived yet, oldest first. Raises OSError."""
        return [document for name, document in self._seen().items() if name not in self._sent]

    def everything(self) -> list[Json]:
        """All that was ever written down, oldest first. Raises OSError."""
        return list(self._seen().values())

    def _seen(self) -> dict[str, Json]:
        with self._lock:
            if self._file.exists():
                with self._file.open("rb") as file:
                    file.seek(self._read_up_to)
                    for line in file:
                        if not line.endswith(b"\n"):
                            break
                        self._read_up_to += len(line)
                        self._take(line)
            return dict(self._documents)

    def _take(self, line: bytes) -> None:
        try:
            told = json.loads(line)
        except ValueError:
            return  # torn by a loss of power before its fsync
        if "sent" in told:
            self._sent.add(told["sent"])
        elif "id" in told:
            self._documents[told["id"]] = told
            self._sent.discard(told["id"])  # written down anew: it has to be sent again

    def _append(self, documents: Iterable[Json]) -> None:
        text = b"".join(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in documents)
        with self._lock:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, _PRIVATE)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                size = os.fstat(descriptor).st_size
                torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
                text = b"\n" + text if torn else text
                if os.write(descriptor, text) != len(text):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # half a line is no line
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
