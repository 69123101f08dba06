"""What we say on one connection: numbered requests, and ahead of all messages what is owed besides them."""

from __future__ import annotations

from collections.abc import Callable

from drivers.commands import Command, Reply
from drivers.dialects.smpp.client import SmppClient
from drivers.dialects.smpp.pdu import MAX_SEQUENCE
from drivers.dialects.smpp.submission import Submission

MOST_OWED_BYTES = 1 << 20  # of answers: an SMSC that has not read so many reads nothing at all


class Voice:
    """Numbers requests from 1 (SMPP 3.4 §5.1.4), keeps what is to be written, and knows who asked."""

    def __init__(self, client: SmppClient) -> None:
        self.number = 0  # of the last request
        self._client = client
        self._asked: dict[int, Callable[[Reply], None]] = {}  # bind and enquire_link
        self._owed: list[bytes] = []  # answers, enquire_link, unbind
        self._owed_bytes = 0

    @property
    def unread(self) -> bool:
        """Whether so much is owed that the SMSC cannot be reading."""
        return self._owed_bytes > MOST_OWED_BYTES

    def submit(self, submission: Submission) -> tuple[int, bytes]:
        """Return one message's number and its bytes, for the window. Raises NotSpoken: then no number is used."""
        number = self._next()
        data = self._client.submit(number, submission)
        self.number = number
        return number, data

    def ask(self, command: Command, answered: Callable[[Reply], None]) -> None:
        """Say one request. Raises NotSpoken: then no number is used."""
        number = self._next()
        self.owe(self._client.encode(number, command).data)
        self.number = number
        self._asked[number] = answered

    def unbind(self) -> None:
        """Say the word that ends the conversation."""
        self.number = self._next()
        self.owe(self._client.unbind(self.number))

    def owe(self, data: bytes) -> None:
        """Keep something to be written."""
        self._owed.append(data)
        self._owed_bytes += len(data)

    def hear(self, number: int, reply: Reply) -> None:
        """Pass an answer on to whoever asked, if it was asked here."""
        if (answered := self._asked.pop(number, None)) is not None:
            answered(reply)

    def to_write(self) -> bytes:
        """Return what is owed; it is written then."""
        data = b"".join(self._owed)
        self._owed.clear()
        self._owed_bytes = 0
        return data

    def _next(self) -> int:
        return self.number % MAX_SEQUENCE + 1
