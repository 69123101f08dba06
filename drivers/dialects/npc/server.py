"""The clearing house's end of an NPC conversation: reads requests, writes answers under their numbers."""

from __future__ import annotations

from collections.abc import Mapping

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply
from drivers.dialect import Asked, asked, taken
from drivers.dialects.npc import codes, lines, report, words


class NpcServer:
    """Keeps nothing but what has not come whole yet: whoever answers names the number."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Asked]:
        """Take bytes, return the requests they complete; one that makes no sense carries its complaint."""
        self._buffer += data
        return taken(lambda: lines.take(self._buffer, _asked))

    def answer(self, number: int, reply: Reply) -> bytes:
        """Write the answer to one request. Raises NotSpoken when it is longer than a line."""
        return lines.line({"n": number, **_status(reply), **_told(reply)})

    def to_send(self) -> bytes:
        """A clearing house asks nothing of anybody."""
        return b""


def _asked(told: Mapping[str, object]) -> Asked:
    return asked(lines.number(told), lambda: _command(told))


def _command(told: Mapping[str, object]) -> tuple[Command, Credentials | None]:
    return words.command(told), None


def _status(reply: Reply) -> dict[str, object]:
    match reply:
        case c.Refused(why, code, text):
            return {"ok": False, "code": code if code in codes.WHY else codes.CODE[why], "text": text}
        case c.AlreadySo(_, text):
            return {"ok": True, "code": codes.ALREADY_SO, "text": text}
        case c.Done(_, text):
            return {"ok": True, "code": codes.DONE, "text": text}
        case _:
            return {"ok": True, "code": codes.DONE, "text": ""}


def _told(reply: Reply) -> dict[str, object]:
    match reply:
        case c.PortHeld(file):
            return {"file": report.write(file)}
        case c.PortsListed(files):
            return {"files": [report.write(file) for file in files]}
        case _:
            return {}
