"""Carrying one command to its element, however often it takes: busy and unreachable wait, in doubt looks first."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar, assert_never

from drivers import commands as c
from drivers.commands import Command, Credentials, Held, Refused, Reply, Why
from drivers.errors import Busy, InDoubt, NotSpoken, Unreachable
from drivers.flow import Paused
from drivers.subscription import Iccid, Imsi
from drivers.target import Target
from gateway.stock.vault import VaultError

T = TypeVar("T")
_KEYS_REPLACED_AT_MOST = 5
_PAUSED_LOOK_S = 60.0
_MOST_DOUBLINGS = 16


class Patience(Protocol):
    """Who is told that a command has to wait, and that it goes on."""

    @property
    def lane(self) -> int:
        """Who goes first at the element; it may become more urgent meanwhile."""

    async def waiting(self, why: str) -> None:
        """The element cannot be had now; called before every pause."""

    async def paused(self, why: str, until: datetime | None) -> None:
        """Nobody is let through to it, until then as far as anybody knows; called before every wait."""

    async def going_on(self) -> None:
        """It can again; called once after pauses."""


class Worker:
    """Sends commands and reads back, with no last try: an order never fails because an element was away."""

    def __init__(self, credentials: Callable[[Iccid], Awaitable[Credentials]], chance: random.Random) -> None:
        self._credentials = credentials
        self._chance = chance

    async def perform(self, element: Target, command: Command, patience: Patience, *, in_doubt: bool) -> Reply:
        """Return the element's final word on a command. ``in_doubt``: it may have been sent before; look first."""
        if isinstance(command, c.PutKeys) and not element.capabilities.keys_with_subscriber:
            return await self._put_keys(element, command, patience, in_doubt=in_doubt)
        reply = await self._attempt(element, command, patience, in_doubt=in_doubt)
        contradicted = isinstance(reply, Refused) and reply.why in (Why.EXISTS, Why.NOT_FOUND, Why.CONFLICT)
        if contradicted and await self._patiently(element, lambda: self._is_so(element, command, patience), patience):
            return c.AlreadySo(reply.code, reply.text, reply.by) if isinstance(reply, Refused) else reply
        return reply

    async def look(self, element: Target, imsi: Imsi, patience: Patience) -> Held | None:
        """Read a subscriber back, waiting for the element if need be."""
        return await self._patiently(element, lambda: element.look(imsi, patience.lane), patience)

    async def has_keys(self, element: Target, imsi: Imsi, patience: Patience) -> bool:
        """Ask whether keys are held, waiting for the element if need be."""
        return await self._patiently(element, lambda: element.has_keys(imsi, patience.lane), patience)

    async def _put_keys(self, element: Target, command: c.PutKeys, patience: Patience, *, in_doubt: bool) -> Reply:
        """Keys cannot be read, so whoever's are there, they are replaced, unless a subscriber there lives by them."""
        for _ in range(_KEYS_REPLACED_AT_MOST):
            reply = await self._attempt(element, command, patience, in_doubt=in_doubt)
            if not (isinstance(reply, Refused) and reply.why is Why.EXISTS):
                return reply
            if await self.look(element, command.imsi, patience) is not None:
                return reply
            gone = await self.perform(element, c.RemoveKeys(command.imsi, command.iccid), patience, in_doubt=False)
            if isinstance(gone, Refused):
                return gone
            in_doubt = False
        return reply

    async def _attempt(self, element: Target, command: Command, patience: Patience, *, in_doubt: bool) -> Reply:
        """Say a command until it has an answer; after silence, look before it is said again."""
        doubtful = in_doubt
        refused: Counter[Why] = Counter()

        async def once() -> Reply:
            nonlocal doubtful
            if doubtful and await self._is_so(element, command, patience):
                if isinstance(command, c.PutKeys):
                    return Refused(Why.EXISTS, "", "keys are there, and cannot be read")
                return c.Done("", "read back", element.name)  # by us, as far as anybody can tell: an undo takes it back
            doubtful = True  # from here on it may have been sent
            try:
                reply = await self._send(element, command, patience.lane)
            except Unreachable:
                doubtful = in_doubt
                raise
            if isinstance(reply, Refused) and refused[reply.why] < element.retry.refused.get(reply.why, 0):
                refused[reply.why] += 1
                raise Busy(f"{element.name} refused ({reply.code} {reply.text}); configured to be asked again")
            return reply

        return await self._patiently(element, once, patience)

    async def _send(self, element: Target, command: Command, lane: int) -> Reply:
        try:
            keys = await self._credentials(command.iccid) if isinstance(command, c.PutKeys) else None
        except VaultError as closed:
            raise Unreachable(str(closed)) from closed  # nothing was sent; it waits until the right key is back
        reply = await element.send(command, keys, lane)
        if isinstance(reply, Refused) and reply.why is Why.BUSY:
            raise Busy(f"{element.name} is busy (code {reply.code} {reply.text})")  # it did nothing
        return reply

    async def _patiently(self, element: Target, attempt: Callable[[], Awaitable[T]], patience: Patience) -> T:
        """Try until the element gives an answer; pauses double up to the longest, each with full jitter."""
        tries, waited = 0, False
        while True:
            try:
                answer = await attempt()
            except Paused as paused:
                await patience.paused(str(paused), paused.until)
                waited = True
                await element.reopened(_PAUSED_LOOK_S)
            except (Unreachable, InDoubt) as away:
                await patience.waiting(str(away))
                waited = True
                rule = element.retry.pauses(away)
                pause_s = min(rule.min_s * 2**tries, rule.max_s)
                tries = min(tries + 1, _MOST_DOUBLINGS)
                await asyncio.sleep(self._chance.uniform(pause_s / 2, pause_s))
            else:
                if waited:
                    await patience.going_on()
                return answer

    async def _is_so(self, element: Target, command: Command, patience: Patience) -> bool:
        """Look whether the element already is as the command states."""
        match command:
            case c.PutKeys(imsi):  # where they replace others' silently, repeating is right and looking is not
                separate = not element.capabilities.keys_with_subscriber
                return separate and await element.has_keys(imsi, patience.lane)
            case c.RemoveKeys(imsi):
                return not await element.has_keys(imsi, patience.lane)
            case c.CreateSubscriber(imsi, msisdn):
                held = await element.read(imsi, patience.lane)
                return held is not None and (msisdn is None or held.msisdn == msisdn)
            case c.ChangeMsisdn(imsi, msisdn) | c.AssignMsisdn(imsi, msisdn):
                held = await element.read(imsi, patience.lane)
                return held is not None and held.msisdn == msisdn
            case c.ReleaseMsisdn(imsi):
                held = await element.read(imsi, patience.lane)
                return held is None or held.msisdn is None
            case c.RemoveSubscriber(imsi):
                return await element.read(imsi, patience.lane) is None
            case c.ChangeImsi(_, new_imsi):
                return await element.read(new_imsi, patience.lane) is not None
            case c.Provide(imsi, facet):
                held = await element.read(imsi, patience.lane)
                return held is not None and held.holds(facet)
            case c.CancelLocation() | c.KeepAlive() | c.BlockImei() | c.UnblockImei():
                return False  # harmless to repeat
            case c.RequestPort() | c.MovePort() | c.CancelPort() | c.ConfirmPort() | c.ReleasePort() | c.AnswerPort():
                return False  # the clearing house knows what it was told by its reference
            case c.ReadImei() | c.ReadPort() | c.ListPorts():
                raise NotSpoken(f"{type(command).__name__} is no step of an order")
            case c.Login() | c.ReadSubscriber() | c.ReadKeys() | c.ListSubscribers() | c.SendSms():
                raise NotSpoken(f"{type(command).__name__} is no step of an order")
            case _:
                assert_never(command)
