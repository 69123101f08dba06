"""The commands that turn one network picture into another, each with what undoes it.

``diff(before, after)`` is the plan, ``diff(after, before)`` is its inverse; dry-run, rollback and audit use the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from drivers.commands import (
    CancelLocation,
    ChangeImsi,
    ChangeMsisdn,
    Command,
    CreateSubscriber,
    Provide,
    PutKeys,
    RemoveKeys,
    RemoveSubscriber,
)
from drivers.subscription import Iccid, Subscription, changes


@dataclass(frozen=True, slots=True)
class Picture:
    """What the element of one host should hold for a line: a subscriber and, beside it, the keys of its SIM."""

    host: str
    iccid: Iccid
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class Step:
    """One command for one host's element, and the commands that take it back, in order."""

    host: str
    command: Command
    undo: tuple[Command, ...]


def diff(before: Picture | None, after: Picture | None) -> tuple[Step, ...]:
    """List the steps from ``before`` to ``after``; empty when nothing differs."""
    if before == after:
        return ()
    if before is None:
        return () if after is None else _create(after)
    if after is None:
        return _remove(before)
    if before.host != after.host:  # another network: the new one works before the old one ends
        return (*_create(after), *_remove(before))
    return _change(before, after)


def _create(after: Picture) -> tuple[Step, ...]:
    sub = after.subscription
    fresh = Subscription(sub.imsi, sub.msisdn)
    return (
        _step(after, PutKeys(sub.imsi, after.iccid), RemoveKeys(sub.imsi, after.iccid)),
        _step(after, CreateSubscriber(sub.imsi, sub.msisdn), RemoveSubscriber(sub.imsi)),
        *_provide(after.host, fresh, sub),
    )


def _remove(before: Picture) -> tuple[Step, ...]:
    sub = before.subscription
    fresh = Subscription(sub.imsi, sub.msisdn)
    again = (CreateSubscriber(sub.imsi, sub.msisdn), *(s.command for s in _provide(before.host, fresh, sub)))
    return (
        _step(before, RemoveSubscriber(sub.imsi), *again),
        _step(before, RemoveKeys(sub.imsi, before.iccid), PutKeys(sub.imsi, before.iccid)),
    )


def _change(before: Picture, after: Picture) -> tuple[Step, ...]:
    old, new = before.subscription, after.subscription
    swapped = old.imsi != new.imsi
    steps: list[Step] = []
    if swapped:
        steps += [
            _step(after, PutKeys(new.imsi, after.iccid), RemoveKeys(new.imsi, after.iccid)),
            _step(after, ChangeImsi(old.imsi, new.imsi), ChangeImsi(new.imsi, old.imsi)),
        ]
    if old.msisdn != new.msisdn:
        steps.append(_step(after, ChangeMsisdn(new.imsi, new.msisdn), ChangeMsisdn(new.imsi, old.msisdn)))
    steps += _provide(after.host, replace(old, imsi=new.imsi, msisdn=new.msisdn), new)
    if swapped:  # old credentials last, when the new ones work
        steps.append(_step(after, RemoveKeys(old.imsi, before.iccid), PutKeys(old.imsi, before.iccid)))
    elif steps:  # a registered phone keeps the old data until its serving node is told
        steps.append(Step(after.host, CancelLocation(new.imsi), ()))
    return tuple(steps)


def _provide(host: str, before: Subscription, after: Subscription) -> tuple[Step, ...]:
    return tuple(
        Step(host, Provide(after.imsi, facet), (Provide(after.imsi, before.current(facet)),))
        for facet in changes(before, after)
    )


def _step(picture: Picture, command: Command, *undo: Command) -> Step:
    return Step(picture.host, command, undo)
