"""The gateway's end of an NPC conversation: each answer is known by its number."""

from __future__ import annotations

from collections.abc import Mapping

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply, Why
from drivers.dialect import Frame, taken
from drivers.dialects.npc import codes, lines, report, words
from drivers.errors import Garbled


class NpcClient:
    """Encodes commands and pairs each answer with the command of its number."""

    def __init__(self) -> None:
        self._waiting: dict[int, Command] = {}
        self._buffer = bytearray()

    def encode(self, number: int, command: Command, keys: Credentials | None = None) -> Frame:
        """Write the command. Raises NotSpoken."""
        del keys  # no command that is spoken here has any
        told = words.request(number, command)
        frame = Frame(lines.line(told), lines.text(words.masked(told)))
        self._waiting[number] = command
        return frame

    def feed(self, data: bytes) -> list[tuple[int, Reply]]:
        """Take bytes, return the answers they complete. Raises Garbled when one answers nothing that was asked."""
        self._buffer += data
        return taken(lambda: lines.take(self._buffer, self._read))

    def to_send(self) -> bytes:
        """A clearing house asks nothing of us."""
        return b""

    def _read(self, told: Mapping[str, object]) -> tuple[int, Reply]:
        number = lines.number(told)
        if number not in self._waiting:
            raise Garbled("an answer came to a number nothing was asked under")
        return number, _reply(self._waiting.pop(number), told)


def _reply(command: Command, told: Mapping[str, object]) -> Reply:
    ok, code, text = told.get("ok"), told.get("code"), told.get("text", "")
    if not isinstance(ok, bool) or not isinstance(code, str) or not isinstance(text, str):
        raise Garbled("an answer does not tell ok and code")
    if not ok:
        return c.Refused(codes.WHY.get(code, Why.OTHER), code, text)
    match command:
        case c.ReadPort(reference):
            file = report.read(told.get("file"))
            if file.reference != reference:
                raise Garbled("an answer tells of another file than the one asked for")
            return c.PortHeld(file)
        case c.ListPorts(since):
            return c.PortsListed(report.read_all(told.get("files"), since))
        case _ if code == codes.ALREADY_SO:
            return c.AlreadySo(code, text)
        case _:
            return c.Done(code, text)
