"""How one HLR answers neutral commands: what it does, what it refuses, and which phones it holds as registered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, assert_never

from drivers import commands as c
from drivers.commands import Command, Credentials, Done, Refused, Reply, Why
from drivers.dialect import Capabilities
from drivers.subscription import Imsi
from hlr_sim.network_side import Place
from hlr_sim.registrations import Registration, Registrations
from hlr_sim.store import HlrStore
from hlr_sim.subscribers import Subscriber
from hlr_sim.translation import as_told, with_facet
from hlr_sim.validity import complaint

_NOT_FOUND = Refused(Why.NOT_FOUND, "")
_EXISTS = Refused(Why.EXISTS, "")
_CONFLICT = Refused(Why.CONFLICT, "")

#: whoever does not say: keys apart from the subscriber, of whose end its serving node hears (TS 23.012 §3.6)
PLAIN = Capabilities(frozenset(), frozenset(), max_window=1, pushes=frozenset({c.RemoveSubscriber}))


class Behaviour(Protocol):
    """What stands behind an element's conversations."""

    def answer(self, command: Command, keys: Credentials | None = None, door: Capabilities = PLAIN) -> Reply:
        """Carry a command out, or refuse it; on return every change is durable.

        ``door`` is the dialect it came by: some tell the serving node of what others change in silence.
        """

    def close(self) -> None:
        """Let go of what is held open."""


class Hlr:
    """One home location register with its authentication centre."""

    def __init__(self, store: HlrStore) -> None:
        self.store = store
        self._registrations = Registrations()

    def answer(self, command: Command, keys: Credentials | None = None, door: Capabilities = PLAIN) -> Reply:
        """See Behaviour."""
        if wrong := complaint(command, keys):
            return Refused(Why.INVALID, "", wrong)
        reply = self._answer(command, keys, keys_with_subscriber=door.keys_with_subscriber)
        if isinstance(reply, Done) and door.heard(command) and (imsi := getattr(command, "imsi", None)) is not None:
            self._registrations.tell(imsi, self.store.find(imsi))
        return reply

    def attach(self, imsi: str, at: Place = Place.HOME) -> None:
        """A phone was let in: its serving node has the subscriber's data as they are now."""
        if (subscriber := self.store.find(imsi)) is not None:
            self._registrations.enter(subscriber, at)

    def detach(self, imsi: str) -> None:
        """A phone has left its serving node, to register anew or to be let in nowhere."""
        self._registrations.end(imsi)

    def registration(self, imsi: str) -> Registration | None:
        """Tell where a phone is served, and by which data."""
        return self._registrations.of(imsi)

    def is_registered(self, imsi: str) -> bool:
        """Tell whether a serving node is known for the IMSI."""
        return self.registration(imsi) is not None

    def admitted(self, imsi: str) -> Subscriber | None:
        """Return the subscriber if a phone with this IMSI can be authenticated at all: data and keys are both there."""
        return self.store.find(imsi) if self.store.has_keys(imsi) else None

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def _answer(self, command: Command, keys: Credentials | None, *, keys_with_subscriber: bool) -> Reply:
        match command:
            case c.Provide(imsi, facet):
                return self._of(imsi, lambda held: self._change(held, with_facet(held, facet)))
            case c.ReadSubscriber(imsi):
                return self._of(imsi, lambda held: c.Held(as_told(held), self.store.has_keys(imsi)))
            case c.ListSubscribers(prefix):
                return c.Listed(tuple(Imsi(imsi) for imsi in self.store.imsis(prefix)))
            case c.ReadKeys(imsi):
                return c.KeysHeld() if self.store.has_keys(imsi) else _NOT_FOUND
            case c.PutKeys(imsi) if keys is not None:
                return self._put_keys(imsi, keys, keys_with_subscriber=keys_with_subscriber)
            case c.RemoveKeys(imsi):
                return self._remove_keys(imsi)
            case c.CreateSubscriber(imsi, number):
                return self._create(Subscriber(imsi, number), keys_first=not keys_with_subscriber)
            case c.RemoveSubscriber(imsi):
                return self._of(imsi, lambda held: self._remove(held, keys_too=keys_with_subscriber))
            case c.ChangeImsi(old_imsi, new_imsi):
                return self._of(old_imsi, lambda held: self._change_imsi(held, new_imsi))
            case c.ChangeMsisdn(imsi, msisdn):
                return self._of(imsi, lambda held: self._change_msisdn(held, msisdn))
            case c.AssignMsisdn(imsi, msisdn):
                return self._of(imsi, lambda held: self._assign_msisdn(held, msisdn))
            case c.ReleaseMsisdn(imsi):
                return self._of(imsi, lambda held: self._change(held, replace(held, msisdn=None)))
            case c.CancelLocation(imsi):
                return self._of(imsi, self._cancel_location)
            case c.KeepAlive() | c.Login():
                return Done()
            case c.SendSms() | c.PutKeys():
                return Refused(Why.INVALID, "", "an HLR has no such command")
            case c.BlockImei() | c.UnblockImei() | c.ReadImei():
                return Refused(Why.INVALID, "", "an HLR knows no handsets")
            case c.RequestPort() | c.MovePort() | c.CancelPort() | c.ConfirmPort():
                return Refused(Why.INVALID, "", "an HLR ports no numbers")
            case c.ReleasePort() | c.AnswerPort() | c.ReadPort() | c.ListPorts():
                return Refused(Why.INVALID, "", "an HLR ports no numbers")
            case _:
                assert_never(command)

    def _of(self, imsi: str, then: Callable[[Subscriber], Reply]) -> Reply:
        held = self.store.find(imsi)
        return _NOT_FOUND if held is None else then(held)

    def _change(self, held: Subscriber, wanted: Subscriber) -> Reply:
        if wanted != held:
            self.store.put(wanted, instead_of=held)
        return Done()

    def _put_keys(self, imsi: str, keys: Credentials, *, keys_with_subscriber: bool) -> Reply:
        if keys_with_subscriber:
            if self.store.find(imsi) is None:
                return _NOT_FOUND
        elif self.store.has_keys(imsi):
            return _EXISTS
        self.store.put_keys(imsi, keys)
        return Done()

    def _remove_keys(self, imsi: str) -> Reply:
        if not self.store.has_keys(imsi):
            return _NOT_FOUND
        self.store.remove_keys(imsi)
        return Done()

    def _create(self, wanted: Subscriber, *, keys_first: bool) -> Reply:
        if self.store.find(wanted.imsi) is not None:
            return _EXISTS
        if self.store.owner(wanted.msisdn) is not None:
            return _CONFLICT
        if keys_first and not self.store.has_keys(wanted.imsi):
            return _NOT_FOUND  # an HLR of this family wants ADD KI before ADD SUB
        self.store.put(wanted)
        return Done()

    def _remove(self, held: Subscriber, *, keys_too: bool) -> Reply:
        if keys_too:
            self.store.remove_with_keys(held)
        else:
            self.store.remove(held)
        return Done()

    def _change_imsi(self, held: Subscriber, new_imsi: str) -> Reply:
        if self.store.find(new_imsi) is not None:
            return _EXISTS
        if not self.store.has_keys(new_imsi):
            return _NOT_FOUND
        self.store.put(replace(held, imsi=new_imsi), instead_of=held)
        self._registrations.end(held.imsi)
        return Done()

    def _change_msisdn(self, held: Subscriber, msisdn: str) -> Reply:
        if self.store.owner(msisdn) not in (None, held.imsi):
            return _CONFLICT
        return self._change(held, replace(held, msisdn=msisdn))

    def _assign_msisdn(self, held: Subscriber, msisdn: str) -> Reply:
        if self.store.owner(msisdn) not in (None, held.imsi):
            return _CONFLICT
        if held.msisdn not in (None, msisdn):
            return _EXISTS  # one it has already is changed, never assigned over
        return self._change(held, replace(held, msisdn=msisdn))

    def _cancel_location(self, held: Subscriber) -> Reply:
        self._registrations.end(held.imsi)
        return Done()
