"""One place for a connection to an SMSC: bound again whenever it breaks, with pauses that spare the SMSC."""

from __future__ import annotations

import asyncio
import logging
from random import Random

from drivers.errors import NotSpoken, Unreachable
from drivers.esme.account import Account
from drivers.esme.bind import Bind
from drivers.esme.config import CentreConfig
from drivers.esme.connecting import Connect
from drivers.esme.hearing import Hear
from drivers.esme.terms import NOT_WANTED, BindRefused, Role, Watch

_log = logging.getLogger(__name__)
_STEADY_S = 30.0  # a connection that was bound for so long is no reason for a longer pause


class Line:
    """Keeps one connection bound from ``start`` to ``close``, except between ``leave`` and ``come``."""

    def __init__(self, config: CentreConfig, role: Role, connect: Connect, random: Random, account: Account) -> None:
        self.role = role
        self.bind: Bind | None = None
        self.reason = ""  # why it is not bound
        self.asleep = False  # unbound because there was nothing to do
        self._config = config
        self._connect = connect
        self._random = random
        self._account = account
        self._name = f"{config.name} ({role})"
        self._trying = True  # the first attempt is not over: it may be bound in a moment
        self._held = False
        self._failures = 0
        self._wanted = asyncio.Event()
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._parting: asyncio.Task[None] | None = None

    @property
    def sender(self) -> Bind | None:
        """The connection, if messages can be submitted on it."""
        return self.bind if self.bind is not None and self.bind.taking else None

    @property
    def bound(self) -> bool:
        """Whether it is bound."""
        return self.bind is not None and self.bind.bound

    @property
    def coming(self) -> bool:
        """Whether a connection may be had in a moment, if one is wanted."""
        return not self._held and not self.bound and (self.asleep or self._trying)

    def start(self, hear: Hear, watch: Watch, *, held: bool = False) -> None:
        """Bind, and bind again; ``held``: not before ``come``. What was closed is started as if for the first time."""
        self._held, self.asleep, self._trying, self._failures = held, False, True, 0
        self._want()
        self._task = asyncio.create_task(self._run(hear, watch), name=f"line {self._name}")

    def wake(self) -> None:
        """There is something to send again."""
        if self.asleep:
            self.asleep, self._trying = False, True
            self._want()

    def leave(self) -> None:
        """Answer what is to be answered, unbind, and stay away until ``come``."""
        self._held = True
        self._want()
        if self.bind is not None and self.bind.bound:
            parting = self.bind.drain(self._config.timers.response_s)
            self._parting = asyncio.create_task(parting, name=f"parting {self._name}")

    def come(self) -> None:
        """Bind again, and at once, whatever the pause was for: somebody may have mended it."""
        self._held, self.asleep, self._failures = False, False, 0
        if not self.bound:
            self._trying = True
            self._hurry.set()
        self._want()

    async def close(self, timeout_s: float) -> None:
        """Unbind until it is started again; what is without an answer has so long for it."""
        self._held = True
        self._want()
        try:
            if self.bind is not None:
                await self.bind.drain(timeout_s)
        finally:  # whoever does not wait for the answers leaves no connection either
            tasks = [task for task in (self._task, self._parting) if task is not None]
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)
            self.bind = self._task = self._parting = None

    def _want(self) -> None:
        if self._held or self.asleep:
            self._wanted.clear()
        else:
            self._wanted.set()

    async def _run(self, hear: Hear, watch: Watch) -> None:
        while True:
            await self._wanted.wait()
            self._hurry.clear()
            pause_s = await self._account.rest_s()
            if pause_s:  # another connection has been told that we are not wanted
                self.reason, self._trying = self._account.reason, False
            else:
                pause_s = await self._once(Bind(self._config, self.role, self._connect, hear, watch), watch)
            watch.changed()
            try:
                async with asyncio.timeout(pause_s):
                    await self._hurry.wait()
            except TimeoutError:
                continue

    async def _once(self, bind: Bind, watch: Watch) -> float:
        """Bind, stay as long as it lasts, return how long to wait before the next time."""
        try:
            await bind.open()
        except BindRefused as refused:
            if refused.code in NOT_WANTED:
                return self._stop(str(refused))
            return self._away(str(refused))
        except NotSpoken as unspeakable:  # a login the protocol cannot carry
            return self._stop(str(unspeakable))
        except Unreachable as away:
            return self._away(str(away))
        except Exception as fault:  # noqa: BLE001 - a fault of ours must not leave the SMSC alone for good
            _log.exception("%s: connecting stopped by a fault; it is tried again", self._name)
            return self._away(f"connecting stopped by a fault ({type(fault).__name__})")
        return await self._stay(bind, watch)

    async def _stay(self, bind: Bind, watch: Watch) -> float:
        loop = asyncio.get_running_loop()
        since_s = loop.time()
        self._account.wanted()
        self.bind, self.reason, self._trying = bind, "", False
        _log.info("%s: bound", self._name)
        watch.changed()
        if self._held:  # it was decided while we were connecting
            self.leave()
        try:
            why = await bind.ended()
        finally:
            await bind.close()
            self.bind = None
        if bind.idle:
            self.asleep = True
            self._want()
        if bind.left:
            _log.info("%s: unbound by us", self._name)
            return 0.0
        if loop.time() - since_s >= _STEADY_S:
            self._failures = 0
        return self._away(f"{self._name}: {why}")

    def _stop(self, why: str) -> float:
        """The SMSC knows us and does not want us: asking on would get the account locked."""
        self.reason, self._trying = why, False
        _log.warning("%s; asked again in %g s", why, self._config.refused_bind_pause_s)
        return self._account.refused(why)

    def _away(self, why: str) -> float:
        """Exponential back-off with full jitter: many clients of one SMSC shall not come back all at once."""
        self._account.unknown()
        pauses = self._config.reconnect
        longest_s = min(pauses.max_s, pauses.min_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        pause_s = self._random.uniform(0, longest_s)
        _log.log(logging.INFO if why == self.reason else logging.WARNING, "%s; next try in %.1f s", why, pause_s)
        self.reason, self._trying = why, False
        return pause_s
