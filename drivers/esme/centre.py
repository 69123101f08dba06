"""One SMSC: all its connections, how fast it is spoken to, and how it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from random import Random

from drivers.commands import Refused, Reply
from drivers.dialects.smpp.delivery import Heard
from drivers.esme.account import Account
from drivers.esme.bind import Bind
from drivers.esme.config import CentreConfig
from drivers.esme.connecting import Connect
from drivers.esme.figures import CentreFigures, Tally
from drivers.esme.line import Line
from drivers.esme.place import Place
from drivers.esme.rate import Rate
from drivers.esme.terms import ROLES, Role

_log = logging.getLogger(__name__)
_SYSTEM_ERROR = "0x08"  # ESME_RSYSERR: the SMSC is ill
_ILL_AFTER = 10  # messages in a row that it did not answer, or with a system error
_REST_S = 10.0

HearFrom = Callable[[str, Sequence[Heard]], Awaitable[None]]
"""Takes what the SMSC of this name has told into safe keeping; when it raises, the SMSC is asked to send it again."""


def _nothing() -> None:
    return


class Centre:
    """One SMSC, made in a running loop; places there are given by ``drivers.esme.esme``."""

    def __init__(self, config: CentreConfig, connect: Connect, random: Random) -> None:
        self.config = config
        self.name = config.name
        self.rank = config.rank
        self.weight = config.weight
        roles = ROLES[config.binding] * config.connections
        self._account = Account(config.refused_bind_pause_s)
        self._lines = [Line(config, role, connect, random, self._account) for role in roles]
        self._senders = [line for line in self._lines if line.role is not Role.RECEIVER]
        self._rate = Rate(config.speed)
        self._tally = Tally()
        self._held: tuple[str, datetime | None] | None = None
        self._failures = 0  # in a row
        self._rests_until_s = 0.0
        self._loop = asyncio.get_running_loop()
        self._hear: HearFrom | None = None
        self._on_room: Callable[[], None] = _nothing
        self._on_change: Callable[[], None] = _nothing

    def start(self, hear: HearFrom, on_room: Callable[[], None], on_change: Callable[[], None]) -> None:
        """Bind. ``on_room`` is called when there may be more room, ``on_change`` when the state is another."""
        self._hear, self._on_room, self._on_change = hear, on_room, on_change
        for line in self._lines:
            line.start(self._heard, self, held=self._held is not None)

    async def close(self, timeout_s: float = 10.0) -> None:
        """Unbind until it is started again; messages without an answer have so long for it."""
        await asyncio.gather(*(line.close(timeout_s) for line in self._lines))

    @property
    def connected(self) -> bool:
        """Whether any connection is bound."""
        return any(line.bound for line in self._lines)

    @property
    def usable(self) -> bool:
        """Whether messages are taken here, now or as soon as there is room."""
        return self._held is None and any(line.sender or line.asleep for line in self._senders)

    @property
    def in_maintenance(self) -> bool:
        """Whether nobody is let through by a human's decision."""
        return self._held is not None

    @property
    def reason(self) -> str:
        """Why a connection is not bound; empty when all are."""
        return next((line.reason for line in self._lines if line.reason), "")

    @property
    def paused(self) -> tuple[str, datetime | None] | None:
        """Why nothing is sent now and until when, as far as anybody knows; ``None`` when something is."""
        if self._held is not None:
            return self._held
        now_s = self._loop.time()
        if not self.usable:
            return self.reason or f"{self.name} is being connected", None
        if now_s < self._rests_until_s:
            return f"{self.name} has answered {_ILL_AFTER} messages in a row with an error, or not at all", None
        if now_s < self._rate.paused_until_s:
            return f"{self.name} has said that it was too much; it is sent less", None
        return None

    def hold(self, why: str, until: datetime | None) -> None:
        """Unbind by a human's decision, once all is answered, and stay away until ``release``."""
        if self._held == (why, until):
            return
        if self._held is None:
            _log.info("centre %s is left alone: %s", self.name, why)
            for line in self._lines:
                line.leave()
        self._held = (why, until)
        self.changed()

    def release(self) -> None:
        """End ``hold``, if there is one: it is bound again at once, whatever was waited for before."""
        if self._held is None:  # asked time and again: pauses after refused binds are not to be cut short by it
            return
        _log.info("centre %s is spoken to again", self.name)
        self._held = None
        self._account.anew()
        for line in self._lines:
            line.come()
        self.changed()

    def figures(self) -> CentreFigures:
        """Tell how it is."""
        senders = [sender for line in self._senders if (sender := line.sender)]
        in_use = sum(line.bind.window.in_use for line in self._senders if line.bind)
        return CentreFigures(
            bound=sum(line.bound for line in self._lines),
            connections=len(self._lines),
            window_in_use=in_use,
            window=sum(sender.window.size for sender in senders),
            per_s=self._rate.per_s,
            submitted=self._tally.answers + in_use,
            by_status=dict(self._tally.by_status),
            receipts=self._tally.receipts,
            latency_p50_s=self._tally.latency_s(0.5),
            latency_p99_s=self._tally.latency_s(0.99),
        )

    def healthy(self, now_s: float) -> bool:
        """Whether it is worth waiting for room here rather than going to a centre of the next rank."""
        if self._held is not None or now_s < self._rests_until_s or self._rate.choked(now_s):
            return False
        return any(line.sender or line.coming for line in self._senders)

    def due_s(self, segments: int, now_s: float) -> float | None:
        """How long until so many segments may go out; 0: now; ``None``: when a connection has room for them."""
        if now_s < self._rests_until_s:
            return self._rests_until_s - now_s
        return None if self._roomiest(segments) is None else self._rate.due_s(segments, now_s)

    def wake(self, segments: int) -> None:
        """Bring back connections that have left for want of messages, if there is no room on the others."""
        if self._roomiest(segments) is None:
            for line in self._senders:
                line.wake()

    def place(self, segments: int) -> Place | None:
        """Promise room that ``due_s`` has said is there."""
        bind = self._roomiest(segments)
        if bind is None:
            return None
        reserved = min(segments, bind.window.size)
        self._rate.take(segments)
        bind.window.reserved += reserved
        return Place(self, bind, segments, reserved)

    def give_back(self, tokens: int) -> None:
        """See Place.release."""
        self._rate.give_back(tokens)
        self._on_room()

    def answered(self, reply: Reply | None, sent_s: float, now_s: float) -> None:
        """See Watch."""
        self._tally.answered(reply, now_s - sent_s)
        if reply is None:
            self._failed(now_s)
        elif not isinstance(reply, Refused):
            self._failures = 0
            self._rate.accepted(now_s)
        elif reply.code in self.config.throttling:
            if self._rate.throttled(sent_s, now_s):
                _log.info("centre %s: throttled with %s; now %.1f/s", self.name, reply.code, self._rate.per_s or 0.0)
        elif reply.code == _SYSTEM_ERROR:
            self._failed(now_s)
        else:
            self._failures = 0

    def cut(self, count: int) -> None:
        """See Watch: one misfortune, however many messages it was; the pause before the next bind is for that."""
        for _ in range(count):
            self._tally.answered(None, 0.0)

    def room(self) -> None:
        """See Watch."""
        self._on_room()

    def changed(self) -> None:
        """See Watch."""
        self._on_change()

    async def _heard(self, heard: Sequence[Heard]) -> None:
        if self._hear is not None:
            await self._hear(self.name, heard)
        self._tally.heard(heard)

    def _failed(self, now_s: float) -> None:
        self._failures += 1
        if self._failures < _ILL_AFTER:
            return
        self._failures = 0
        self._rests_until_s = now_s + _REST_S
        _log.warning("centre %s: %d errors in a row; left alone for %g s", self.name, _ILL_AFTER, _REST_S)
        self._loop.call_later(_REST_S, self.changed)
        self.changed()

    def _roomiest(self, segments: int) -> Bind | None:
        """The connection with the most room, if that is enough."""
        best, most = None, 0
        for line in self._senders:
            bind = line.sender
            if bind is not None and (room := bind.window.room) > most:
                best, most = bind, room
        return best if best is not None and most >= min(segments, best.window.size) else None
