"""How one HLR answers neutral commands: what it does, what it refuses, and which phones it holds as registered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, assert_never

from drivers import commands as c
from drivers.commands import Command, Credentials, Done, Refused, Reply, Why
from hlr_sim.store import HlrStore
from hlr_sim.subscribers import Subscriber
from hlr_sim.translation import as_told, with_facet
from hlr_sim.validity import complaint

_NOT_FOUND = Refused(Why.NOT_FOUND, "")
_EXISTS = Refused(Why.EXISTS, "")
_CONFLICT = Refused(Why.CONFLICT, "")


class Behaviour(Protocol):
    """What stands behind an element's conversations."""

    def answer(self, command: Command, keys: Credentials | None = None) -> Reply:
        """Carry a command out, or refuse it; on return every change is durable."""


class Hlr:
    """One home location register with its authentication centre."""

    def __init__(self, store: HlrStore) -> None:
        self.store = store
        self._registered: set[str] = set()  # in memory only: after a restart phones register anew

    def answer(self, command: Command, keys: Credentials | None = None) -> Reply:
        """See Behaviour."""
        if wrong := complaint(command, keys):
            return Refused(Why.INVALID, "", wrong)
        match command:
            case c.Provide(imsi, facet):
                return self._of(imsi, lambda held: self._change(held, with_facet(held, facet)))
            case c.ReadSubscriber(imsi):
                return self._of(imsi, lambda held: c.Held(as_told(held)))
            case c.ReadKeys(imsi):
                return c.KeysHeld() if self.store.has_keys(imsi) else _NOT_FOUND
            case c.PutKeys(imsi) if keys is not None:
                return self._put_keys(imsi, keys)
            case c.RemoveKeys(imsi):
                return self._remove_keys(imsi)
            case c.CreateSubscriber(imsi, msisdn):
                return self._create(Subscriber(imsi, msisdn))
            case c.RemoveSubscriber(imsi):
                return self._of(imsi, self._remove)
            case c.ChangeImsi(old_imsi, new_imsi):
                return self._of(old_imsi, lambda held: self._change_imsi(held, new_imsi))
            case c.ChangeMsisdn(imsi, msisdn):
                return self._of(imsi, lambda held: self._change_msisdn(held, msisdn))
            case c.CancelLocation(imsi):
                return self._of(imsi, self._cancel_location)
            case c.KeepAlive() | c.Login():
                return Done()
            case c.SendSms() | c.PutKeys():
                return Refused(Why.INVALID, "", "an HLR has no such command")
            case _:
                assert_never(command)

    def attach(self, imsi: str) -> None:
        """A phone was let in: the serving node's address is held from now on (TS 23.012 §3.6.1)."""
        self._registered.add(imsi)

    def is_registered(self, imsi: str) -> bool:
        """Tell whether a serving node is known for the IMSI."""
        return imsi in self._registered

    def admitted(self, imsi: str) -> Subscriber | None:
        """Return the subscriber if a phone with this IMSI can be authenticated at all: data and keys are both there."""
        return self.store.find(imsi) if self.store.has_keys(imsi) else None

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def _of(self, imsi: str, then: Callable[[Subscriber], Reply]) -> Reply:
        held = self.store.find(imsi)
        return _NOT_FOUND if held is None else then(held)

    def _change(self, held: Subscriber, wanted: Subscriber) -> Reply:
        if wanted != held:
            self.store.put(wanted, instead_of=held)
        return Done()

    def _put_keys(self, imsi: str, keys: Credentials) -> Reply:
        if self.store.has_keys(imsi):
            return _EXISTS
        self.store.put_keys(imsi, keys)
        return Done()

    def _remove_keys(self, imsi: str) -> Reply:
        if not self.store.has_keys(imsi):
            return _NOT_FOUND
        self.store.remove_keys(imsi)
        return Done()

    def _create(self, wanted: Subscriber) -> Reply:
        if self.store.find(wanted.imsi) is not None:
            return _EXISTS
        if self.store.owner(wanted.msisdn) is not None:
            return _CONFLICT
        if not self.store.has_keys(wanted.imsi):
            return _NOT_FOUND  # an HLR of this family wants ADD KI before ADD SUB
        self.store.put(wanted)
        return Done()

    def _remove(self, held: Subscriber) -> Reply:
        self.store.remove(held)
        self._registered.discard(held.imsi)  # the serving node is told at once (TS 23.012 §3.6)
        return Done()

    def _change_imsi(self, held: Subscriber, new_imsi: str) -> Reply:
        if self.store.find(new_imsi) is not None:
            return _EXISTS
        if not self.store.has_keys(new_imsi):
            return _NOT_FOUND
        self.store.put(replace(held, imsi=new_imsi), instead_of=held)
        self._registered.discard(held.imsi)
        return Done()

    def _change_msisdn(self, held: Subscriber, msisdn: str) -> Reply:
        if self.store.owner(msisdn) not in (None, held.imsi):
            return _CONFLICT
        return self._change(held, replace(held, msisdn=msisdn))

    def _cancel_location(self, held: Subscriber) -> Reply:
        self._registered.discard(held.imsi)
        return Done()
