"""One reader at PC/SC: its card taken exclusively, and its own watch for cards that come and go."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from sim_readers.errors import NoReader
from sim_readers.pcsc.connection import PcscConnection
from sim_readers.pcsc.scard import Context, context, establish
from sim_readers.pcsc.trouble import CANCELLED, PASSING, READER_UNAVAILABLE, UNKNOWN_READER, PcscTrouble, before

_CHANGED: Final = 0x0002
_AWAY: Final = 0x000C  # unknown or unavailable: the reader itself is not there
_PRESENT: Final = 0x0020
_SLICE_S: Final = 0.5
_PAUSE_S: Final = 0.1
_PATIENCE_S: Final = 10.0


def choose(names: Sequence[str], address: str) -> str | None:
    """Find the one reader an address means: a name, or a regular expression between slashes, searched in the names.

    None when there is no such reader now. Raises NoReader when several match or the expression is none.
    """
    if not (len(address) > 1 and address.startswith("/") and address.endswith("/")):
        return address if address in names else None
    try:
        pattern = re.compile(address[1:-1])
    except re.error as wrong:
        raise NoReader(f"{address} is no regular expression ({wrong}): write the reader's name, or mend it") from wrong
    found = [name for name in names if pattern.search(name)]
    if len(found) > 1:
        raise NoReader(f"{address} matches {len(found)} readers ({', '.join(found)}): make it match one")
    return found[0] if found else None


class PcscReader:
    """A reader by its name or pattern; which one that is now is asked anew at every turn, so it may be re-plugged."""

    def __init__(self, address: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = f"pcsc:{address}"
        self._address = address
        self._clock = clock
        self._heard = clock()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._watches: set[Context] = set()
        self._connection: PcscConnection | None = None

    def connect(self) -> PcscConnection:
        """Take the card exclusively and power it. Raises NoCard, ReaderBusy, NoReader."""
        self._check_open()
        try:
            held = establish()
            try:
                card = held.connect(self._reader(held))
            except BaseException:
                held.release()
                raise
        except PcscTrouble as trouble:
            raise before(trouble.code, self._address) from trouble
        return self._keep(PcscConnection(held, card, self._address))

    def wait_for_card(self, timeout_s: float) -> bool:
        """Wait until a card is there, mute or not. Raises NoReader when reader or pcscd stay away for ten seconds."""
        return self._wait(present=True, timeout_s=timeout_s)

    def wait_for_removal(self, timeout_s: float) -> bool:
        """Wait until the reader is empty. Raises NoReader when reader or pcscd stay away for ten seconds."""
        return self._wait(present=False, timeout_s=timeout_s)

    def close(self) -> None:
        """Power the card off and end every wait; never raises."""
        self._closed.set()
        with self._lock:
            for watch in self._watches:
                watch.cancel()
            connection = self._connection
        if connection is not None:
            connection.close()

    def _wait(self, *, present: bool, timeout_s: float) -> bool:
        self._heard = self._clock()
        until = self._heard + timeout_s
        while True:
            try:
                return self._watch(present, until)
            except PcscTrouble as trouble:
                if trouble.code == CANCELLED:
                    return False
                patience = min(until, self._heard + _PATIENCE_S)
                if trouble.code not in PASSING or self._clock() >= patience:
                    raise before(trouble.code, self._address) from trouble
            if self._closed.wait(_PAUSE_S):
                return False

    def _watch(self, present: bool, until: float) -> bool:  # noqa: FBT001 - handed on from a keyword
        with self._watching() as watch:
            reader = self._reader(watch)
            state = watch.state(reader)
            while True:
                if state & _AWAY:
                    raise PcscTrouble(READER_UNAVAILABLE)
                self._heard = self._clock()
                if bool(state & _PRESENT) is present:
                    return True
                left_s = until - self._heard
                if left_s <= 0 or self._closed.is_set():
                    return False
                # in slices: a cancel that comes between two waits is lost
                state = watch.state(reader, state & ~_CHANGED, min(left_s, _SLICE_S))

    @contextmanager
    def _watching(self) -> Iterator[Context]:
        with context() as watch:
            with self._lock:
                self._watches.add(watch)
            try:
                yield watch
            finally:
                with self._lock:
                    self._watches.discard(watch)

    def _reader(self, held: Context) -> str:
        reader = choose(held.readers(), self._address)
        if reader is None:
            raise PcscTrouble(UNKNOWN_READER)
        return reader

    def _keep(self, connection: PcscConnection) -> PcscConnection:
        with self._lock:
            self._connection = connection
        if self._closed.is_set():  # while we connected
            connection.close()
        self._check_open()
        return connection

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise NoReader(f"{self._address}: the reader is closed: open it again")
