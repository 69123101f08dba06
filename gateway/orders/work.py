"""Carrying one command to its element, however often it takes: busy and unreachable wait, in doubt looks first."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar, assert_never

from drivers import commands as c
from drivers.commands import Command, Credentials, Refused, Reply, Why
from drivers.element import Element
from drivers.errors import InDoubt, NotSpoken, Unreachable
from drivers.subscription import Iccid, Imsi, Subscription
from gateway.stock.vault import VaultError

T = TypeVar("T")
_KEYS_REPLACED_AT_MOST = 5


class Patience(Protocol):
    """Who is told that a command has to wait, and that it goes on."""

    async def waiting(self, why: str) -> None:
        """The element cannot be had now; called before every pause."""

    async def going_on(self) -> None:
        """It can again; called once after pauses."""


class Worker:
    """Sends commands and reads back, with no last try: an order never fails because an element was away."""

    def __init__(
        self,
        credentials: Callable[[Iccid], Awaitable[Credentials]],
        retry_min_s: float,
        retry_max_s: float,
        chance: random.Random,
    ) -> None:
        self._credentials = credentials
        self._retry_min_s = retry_min_s
        self._retry_max_s = retry_max_s
        self._chance = chance

    async def perform(self, element: Element, command: Command, patience: Patience, *, in_doubt: bool) -> Reply:
        """Return the element's final word on a command. ``in_doubt``: it may have been sent before; look first."""
        if isinstance(command, c.PutKeys):
            return await self._put_keys(element, command, patience, in_doubt=in_doubt)
        reply = await self._attempt(element, command, patience, in_doubt=in_doubt)
        contradicted = isinstance(reply, Refused) and reply.why in (Why.EXISTS, Why.NOT_FOUND, Why.CONFLICT)
        if contradicted and await self._patiently(lambda: self._is_so(element, command), patience):
            return c.AlreadySo(reply.code, reply.text) if isinstance(reply, Refused) else reply
        return reply

    async def _put_keys(self, element: Element, command: c.PutKeys, patience: Patience, *, in_doubt: bool) -> Reply:
        """Keys cannot be read, so whoever's are there, they are replaced, unless a subscriber there lives by them."""
        for _ in range(_KEYS_REPLACED_AT_MOST):
            reply = await self._attempt(element, command, patience, in_doubt=in_doubt)
            if not (isinstance(reply, Refused) and reply.why is Why.EXISTS):
                return reply
            if await self.read(element, command.imsi, patience) is not None:
                return reply
            gone = await self.perform(element, c.RemoveKeys(command.imsi, command.iccid), patience, in_doubt=False)
            if isinstance(gone, Refused):
                return gone
            in_doubt = False
        return reply

    async def _attempt(self, element: Element, command: Command, patience: Patience, *, in_doubt: bool) -> Reply:
        """Say a command until it has an answer; after silence, look before it is said again."""
        doubtful = in_doubt

        async def once() -> Reply:
            nonlocal doubtful
            if doubtful and await self._is_so(element, command):
                if isinstance(command, c.PutKeys):
                    return Refused(Why.EXISTS, "", "keys are there, and cannot be read")
                return c.Done("", "read back")  # by us, as far as anybody can tell: an undo takes it back
            doubtful = True  # from here on it may have been sent
            try:
                return await self._send(element, command)
            except Unreachable:
                doubtful = in_doubt
                raise

        return await self._patiently(once, patience)

    async def read(self, element: Element, imsi: Imsi, patience: Patience) -> Subscription | None:
        """Read a subscriber back, waiting for the element if need be."""
        return await self._patiently(lambda: element.read(imsi), patience)

    async def _send(self, element: Element, command: Command) -> Reply:
        try:
            keys = await self._credentials(command.iccid) if isinstance(command, c.PutKeys) else None
        except VaultError as closed:
            raise Unreachable(str(closed)) from closed  # nothing was sent; it waits until the right key is back
        reply = await element.send(command, keys)
        if isinstance(reply, Refused) and reply.why is Why.BUSY:
            raise Unreachable(f"{element.name} is busy (code {reply.code})")  # it did nothing
        return reply

    async def _patiently(self, attempt: Callable[[], Awaitable[T]], patience: Patience) -> T:
        """Try until the element gives an answer; pauses double up to the longest, each with full jitter."""
        pause_s, waited = self._retry_min_s, False
        while True:
            try:
                answer = await attempt()
            except (Unreachable, InDoubt) as away:
                await patience.waiting(str(away))
                waited = True
                await asyncio.sleep(self._chance.uniform(pause_s / 2, pause_s))
                pause_s = min(pause_s * 2, self._retry_max_s)
                continue
            if waited:
                await patience.going_on()
            return answer

    async def _is_so(self, element: Element, command: Command) -> bool:
        """Look whether the element already is as the command states."""
        match command:
            case c.PutKeys(imsi):
                return await element.has_keys(imsi)
            case c.RemoveKeys(imsi):
                return not await element.has_keys(imsi)
            case c.CreateSubscriber(imsi, msisdn) | c.ChangeMsisdn(imsi, msisdn):
                held = await element.read(imsi)
                return held is not None and held.msisdn == msisdn
            case c.RemoveSubscriber(imsi):
                return await element.read(imsi) is None
            case c.ChangeImsi(_, new_imsi):
                return await element.read(new_imsi) is not None
            case c.Provide(imsi, facet):
                held = await element.read(imsi)
                return held is not None and held.holds(facet)
            case c.CancelLocation() | c.KeepAlive():
                return False  # harmless to repeat
            case c.Login() | c.ReadSubscriber() | c.ReadKeys() | c.SendSms():
                raise NotSpoken(f"{type(command).__name__} is no step of an order")
            case _:
                assert_never(command)
