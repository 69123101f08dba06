"""One simulated element as all its conversations share it: account, behaviour, faults, log, and standing still."""

from __future__ import annotations

import asyncio
import hmac
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from drivers import dialects
from drivers.commands import Command, Credentials, Login, Refused, Reply, Why
from drivers.dialect import Module
from hlr_sim.behaviour import Behaviour
from hlr_sim.commandlog import CommandLog
from hlr_sim.faults import FaultPlan
from hlr_sim.scenario import ElementSpec, names_user

#: dialects with a login, but no word for "you are logged out": the session ends with its connection
_ENDS_WITH_CONNECTION = frozenset({"osmo_vty"})
#: how a dialect words a wrong login, where its ordinary word for "forbidden" would say something else; most have one
#: word for both, as CAI
_MML_WRONG_LOGIN = Refused(Why.FORBIDDEN, "1013", "ERR1013:User name or password is wrong")
_WRONG_LOGIN = {
    "mml_h": _MML_WRONG_LOGIN,
    "eir": _MML_WRONG_LOGIN,
    "npc": Refused(Why.FORBIDDEN, "LOGIN_WRONG", "user or password is wrong"),
}


def utc_now() -> datetime:
    """Tell the time, as everything outside tests wants it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an element takes from outside: clocks and chance."""

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = utc_now
    random: Random = field(default_factory=Random)


@dataclass(frozen=True, slots=True)
class Account:
    """Who may talk to the element: one password for its dialogue, one for the SSH door around it."""

    password: str = field(repr=False)
    ssh_password: str = field(default="", repr=False)


class SimulatedElement:
    """The part of an element that has no socket; several may stand before one behaviour."""

    def __init__(  # noqa: PLR0913 - what an element is made of, each thing once
        self,
        spec: ElementSpec,
        account: Account,
        behaviour: Behaviour,
        faults: FaultPlan,
        around: Surroundings,
        *,
        dialect: Module | None = None,
    ) -> None:
        """``dialect`` replaces the one the scenario names."""
        self.spec = spec
        self.dialect = dialect or dialects.load(spec.dialect)
        self.needs_login = Login in self.dialect.CAPABILITIES.commands
        self.can_log_out = self.needs_login and spec.dialect not in _ENDS_WITH_CONNECTION
        self._names_user = names_user(self.dialect, spec.dialect_options)
        self.behaviour = behaviour
        self.faults = faults
        self.clock = around.clock
        self.random = around.random
        self.log = CommandLog(around.now)
        self.sessions = 0
        self.wrong_login = _WRONG_LOGIN.get(spec.dialect, Refused(Why.FORBIDDEN, ""))
        self._account = account
        self._moving = asyncio.Event()
        self._moving.set()
        self._thaw: asyncio.TimerHandle | None = None

    def carry_out(self, command: Command, keys: Credentials | None) -> Reply:
        """Do what was asked; a disk that fails is the element's own trouble, told as a refusal."""
        try:
            return self.behaviour.answer(command, keys, self.dialect.CAPABILITIES)
        except sqlite3.Error:
            return Refused(Why.OTHER, "")

    def admits(self, login: Login) -> bool:
        """Compare user, where one is said, and password, taking the same time however wrong they are."""
        known = _same(login.user, self.spec.user) | (not self._names_user)
        return known & _same(login.password, self._account.password)

    def admits_ssh(self, user: str, password: str) -> bool:
        """The same at the SSH door."""
        return _same(user, self.spec.user) & _same(password, self._account.ssh_password)

    def has_room(self) -> bool:
        """Tell whether one more connection is let in now; a scripted refusal is used up by asking."""
        return self.sessions < self.spec.max_sessions and not self.faults.refuses_connection(self.spec.name)

    @property
    def is_frozen(self) -> bool:
        """Whether the whole element stands still."""
        return not self._moving.is_set()

    def freeze(self, seconds: float) -> None:
        """Stand still; a second freeze replaces the end of the first."""
        if self._thaw is not None:
            self._thaw.cancel()
        self._moving.clear()
        self._thaw = asyncio.get_running_loop().call_later(seconds, self._moving.set)

    def thaw(self) -> None:
        """Move again at once."""
        self._moving.set()

    async def thawed(self) -> None:
        """Wait until the element moves."""
        await self._moving.wait()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())
