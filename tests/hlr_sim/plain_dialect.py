"""A dialect as small as can be: nobody logs in, the element speaks first, and a line is a command."""

from __future__ import annotations

from collections.abc import Mapping

from drivers import commands as c
from drivers.commands import Command, Refused, Reply
from drivers.dialect import Asked, Capabilities, Client, Fit, fit_by_facets
from drivers.subscription import Imsi, Subscription

GREETING = b"hello> "
_WORDS: Mapping[str, type[c.ReadKeys | c.RemoveSubscriber | c.CancelLocation]] = {
    "keys": c.ReadKeys,
    "delete": c.RemoveSubscriber,
    "cancel": c.CancelLocation,
}


class PlainServer:
    """Answers with the name of what happened, then prompts again."""

    def __init__(self) -> None:
        self._own = GREETING
        self._number = 0

    def feed(self, data: bytes) -> list[Asked]:
        return [self._asked(line) for line in data.decode().splitlines()]

    def answer(self, number: int, reply: Reply) -> bytes:
        del number
        said = f"refused {reply.why}" if isinstance(reply, Refused) else type(reply).__name__.lower()
        return f"{said}\n".encode()

    def to_send(self) -> bytes:
        own, self._own = self._own, b""
        return own

    def _asked(self, line: str) -> Asked:
        self._number += 1
        word, _, imsi = line.partition(" ")
        command: Command | None = _WORDS[word](Imsi(imsi)) if word in _WORDS else None
        return Asked(self._number, command, complaint=f"what is {word}?")


class PlainDialect:
    """What a module in ``drivers/dialects`` exports; it keeps keys with the subscriber and tells nobody anything."""

    CAPABILITIES = Capabilities(
        commands=frozenset(_WORDS.values()), facets=frozenset(), max_window=1, keys_with_subscriber=True
    )

    def fit(self, wanted: Subscription, capabilities: Capabilities) -> Fit:
        return fit_by_facets(wanted, capabilities)

    def client(self, options: Mapping[str, object]) -> Client:
        raise NotImplementedError

    def server(self, options: Mapping[str, object]) -> PlainServer:
        del options
        return PlainServer()
