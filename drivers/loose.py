"""Loose error handling: one element's own answers read as its operator has agreed to read them.

Two releases of one HLR family answer the same code for different things, and many operators want "already defined" to
count as done. That is configuration: code (or the whole text, where a dialect has no codes) to neutral outcome.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers.commands import AlreadySo, Command, Credentials, Done, Refused, Reply, Why
from drivers.dialect import Client, Frame
from drivers.door import LOOKS

DONE, ALREADY_SO = "done", "already_so"
READINGS: tuple[str, ...] = (DONE, ALREADY_SO, *Why)


class LooseClient:
    """A client whose refusals are read anew before anybody sees them; everything else passes.

    Only of a change can a refusal count as done: of a look it would be an answer that tells nothing, of a login a lie.
    """

    def __init__(self, client: Client, readings: Mapping[str, str]) -> None:
        self._client = client
        self._readings = readings
        self._of_looks = {code: reading for code, reading in readings.items() if reading not in (DONE, ALREADY_SO)}
        self._looks: set[int] = set()

    def encode(self, number: int, command: Command, keys: Credentials | None = None) -> Frame:
        """See Client."""
        frame = self._client.encode(number, command, keys)
        if isinstance(command, LOOKS):
            self._looks.add(number)
        return frame

    def feed(self, data: bytes) -> list[tuple[int, Reply]]:
        """See Client."""
        return [(number, self._reread(number, reply)) for number, reply in self._client.feed(data)]

    def to_send(self) -> bytes:
        """See Client."""
        return self._client.to_send()

    def _reread(self, number: int, reply: Reply) -> Reply:
        if number not in self._looks:
            return reread(reply, self._readings)
        self._looks.discard(number)
        return reread(reply, self._of_looks)


def reread(reply: Reply, readings: Mapping[str, str]) -> Reply:
    """Read one reply as agreed; a success is never made a failure."""
    if not isinstance(reply, Refused):
        return reply
    reading = readings.get(reply.code) or readings.get(reply.text)
    match reading:
        case None:
            return reply
        case "done":
            return Done(reply.code, reply.text)
        case "already_so":
            return AlreadySo(reply.code, reply.text)
        case why:
            return Refused(Why(why), reply.code, reply.text)
