"""The commands that turn one network picture into another, each with what undoes it.

``diff(before, after)`` is the plan, ``diff(after, before)`` is its inverse; dry-run, rollback and audit use the same.
How an element wants it (keys apart or on the subscriber, IMSI changed or number handed over) is read off what it can.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from drivers.commands import (
    AssignMsisdn,
    CancelLocation,
    ChangeImsi,
    ChangeMsisdn,
    Command,
    CreateSubscriber,
    Held,
    Provide,
    PutKeys,
    ReleaseMsisdn,
    RemoveKeys,
    RemoveSubscriber,
)
from drivers.dialect import Capabilities
from drivers.subscription import Iccid, Msisdn, NetworkAccess, Subscription, changes


@dataclass(frozen=True, slots=True)
class Picture:
    """What one element should hold for a line: a subscriber and the keys of its SIM; and what that element can."""

    element: str
    iccid: Iccid
    subscription: Subscription
    can: Capabilities


@dataclass(frozen=True, slots=True)
class Step:
    """One command for one element, and the commands that take it back, in order."""

    element: str
    command: Command
    undo: tuple[Command, ...]


def diff(before: Picture | None, after: Picture | None) -> tuple[Step, ...]:
    """List the steps from ``before`` to ``after``; empty when nothing differs."""
    if before is None:
        return () if after is None else _create(after)
    if after is None:
        return _remove(before)
    if before.element != after.element:  # another register: the new one works before the old one ends
        return (*_create(after), *_remove(before))
    if before.subscription.imsi == after.subscription.imsi:
        return _change(before, after)
    return _swap(before, after) if ChangeImsi in after.can.commands else _take_over(before, after)


def is_so(wanted: Picture, found: Held | None) -> bool:
    """Tell whether an element holds exactly what it should, keys too where they were looked for."""
    if found is None or found.keys is False:
        return False
    return found.subscription.but_own_choices(wanted.subscription) == wanted.subscription


def mend(wanted: Picture, found: Held | None) -> tuple[Step, ...]:
    """List the steps from what was found to what should be; none when it is so, or no command tells the difference."""
    if found is None:
        return diff(None, wanted)
    keys = PutKeys(wanted.subscription.imsi, wanted.iccid)
    first = (_step(wanted, keys),) if found.keys is False else ()
    found_here = found.subscription.but_own_choices(wanted.subscription)
    return (*first, *diff(replace(wanted, subscription=found_here), wanted))


def heard_at_once(steps: Sequence[Step], can: Callable[[str], Capabilities]) -> bool:
    """Tell whether serving nodes learn of every step, by push or cancel-location; ``can`` is asked by element."""
    asked = {step.element for step in steps if isinstance(step.command, CancelLocation)}
    return all(
        step.element in asked or _told(step, can(step.element))
        for step in steps
        if not isinstance(step.command, (PutKeys, RemoveKeys, CancelLocation))
    )


def _told(step: Step, can: Capabilities) -> bool:
    match step.command:
        case RemoveSubscriber() if NetworkAccess in can.pushes:
            return True  # before a removal that goes unheard every domain is closed, and that is heard
        case Provide(_, NetworkAccess() as access) if can.heard(step.command):
            # a domain that opens has no serving node to tell: the phone must come by itself
            return access.domains < _before(step).domains
        case command:
            return can.heard(command)


def _before(step: Step) -> NetworkAccess:
    match step.undo:
        case (Provide(_, NetworkAccess() as before),):
            return before
        case _:
            return NetworkAccess.NONE


def _create(after: Picture) -> tuple[Step, ...]:
    sub = after.subscription
    gone = RemoveSubscriber(sub.imsi)
    services = _provide(after, _fresh(sub), sub)
    if not after.can.keys_with_subscriber:
        return (
            _step(after, PutKeys(sub.imsi, after.iccid), RemoveKeys(sub.imsi, after.iccid)),
            _step(after, CreateSubscriber(sub.imsi, sub.msisdn), gone),
            *services,
        )
    return (
        _step(after, CreateSubscriber(sub.imsi, None), gone),
        _step(after, PutKeys(sub.imsi, after.iccid)),  # they go with the subscriber
        *_assign(after, sub.msisdn),
        *services,
    )


def _remove(before: Picture) -> tuple[Step, ...]:
    sub = before.subscription
    if not before.can.keys_with_subscriber:
        again = [step.command for step in _create(before)[1:]]  # the keys are still there
        return (
            _step(before, RemoveSubscriber(sub.imsi), *again),
            _step(before, RemoveKeys(sub.imsi, before.iccid), PutKeys(sub.imsi, before.iccid)),
        )
    last = before
    shut: tuple[Step, ...] = ()
    if not before.can.heard(RemoveSubscriber(sub.imsi)) and NetworkAccess in before.can.pushes:
        # a deletion would go unheard, and the phone be served on: close every domain first, which is heard
        last = replace(before, subscription=replace(sub, access=NetworkAccess.NONE))
        shut = _provide(before, sub, last.subscription)
    return (*shut, _step(before, RemoveSubscriber(sub.imsi), *(step.command for step in _create(last))))


def _change(before: Picture, after: Picture) -> tuple[Step, ...]:
    """Change number and services; a registered phone keeps the old data until its serving node is told."""
    steps = _reshape(after, before.subscription)
    unheard = any(not after.can.heard(step.command) for step in steps)
    if unheard and CancelLocation in after.can.commands:
        steps += (Step(after.element, CancelLocation(after.subscription.imsi), ()),)
    return steps


def _swap(before: Picture, after: Picture) -> tuple[Step, ...]:
    """Give the subscriber another SIM; the old credentials go last, when the new ones work."""
    old, new = before.subscription, after.subscription
    return (
        _step(after, PutKeys(new.imsi, after.iccid), RemoveKeys(new.imsi, after.iccid)),
        _step(after, ChangeImsi(old.imsi, new.imsi), ChangeImsi(new.imsi, old.imsi)),
        *_reshape(after, replace(old, imsi=new.imsi)),
        _step(after, RemoveKeys(old.imsi, before.iccid), PutKeys(old.imsi, before.iccid)),
    )


def _take_over(before: Picture, after: Picture) -> tuple[Step, ...]:
    """Where an IMSI cannot change: a second subscriber takes the number over, and only then the first one goes."""
    old = before.subscription
    steps: tuple[Step, ...] = ()
    if old.msisdn is not None:
        steps = (_step(before, ReleaseMsisdn(old.imsi, old.msisdn), AssignMsisdn(old.imsi, old.msisdn)),)
    return (*steps, *_create(after), *_remove(replace(before, subscription=replace(old, msisdn=None))))


def _reshape(after: Picture, held: Subscription) -> tuple[Step, ...]:
    """Bring number and services of a subscriber from what is held to what should be; its IMSI is the same."""
    new = after.subscription
    steps: tuple[Step, ...] = ()
    if held.msisdn is None:
        steps = _assign(after, new.msisdn)
    elif new.msisdn is None:
        steps = (_step(after, ReleaseMsisdn(new.imsi, held.msisdn), AssignMsisdn(new.imsi, held.msisdn)),)
    elif held.msisdn != new.msisdn:
        steps = (_step(after, ChangeMsisdn(new.imsi, new.msisdn), ChangeMsisdn(new.imsi, held.msisdn)),)
    return (*steps, *_provide(after, held, new))


def _assign(after: Picture, msisdn: Msisdn | None) -> tuple[Step, ...]:
    if msisdn is None:
        return ()
    imsi = after.subscription.imsi
    return (_step(after, AssignMsisdn(imsi, msisdn), ReleaseMsisdn(imsi, msisdn)),)


def _provide(picture: Picture, before: Subscription, after: Subscription) -> tuple[Step, ...]:
    return tuple(
        _step(picture, Provide(after.imsi, facet), Provide(after.imsi, before.current(facet)))
        for facet in changes(before, after)
    )


def _fresh(sub: Subscription) -> Subscription:
    return Subscription(sub.imsi, sub.msisdn)


def _step(picture: Picture, command: Command, *undo: Command) -> Step:
    return Step(picture.element, command, undo)
