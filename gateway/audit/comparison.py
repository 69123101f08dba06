"""What an element holds against what it should: missing, extra or different, and in which fields. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drivers.commands import Held
from drivers.subscription import Subscription
from gateway.contract.plan import Picture, is_so
from gateway.orders.codec import subscription_to_json


class Kind(StrEnum):
    """What was found."""

    MISSING = "missing"  # agreed, not there
    EXTRA = "extra"  # there, not agreed
    DIFFERENT = "different"
    IN_FLIGHT = "in_flight"  # differs while an order of the line is under way
    UNREADABLE = "unreadable"  # the element does not tell, or the contract no longer does


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, in the words of ``subscription_to_json``, or ``keys``; both values as JSON has them."""

    field: str
    wanted: Any
    held: Any

    def to_json(self) -> dict[str, Any]:
        """Lay it out."""
        return {"field": self.field, "wanted": self.wanted, "held": self.held}


@dataclass(frozen=True, slots=True)
class Drift:
    """How an element is not as it should be."""

    kind: Kind
    differences: tuple[Difference, ...] = ()


def compare(wanted: Picture | None, held: Held | None) -> Drift | None:
    """Compare; ``None`` is no difference. ``wanted`` is what the element can hold of the wish (``Fit.held``)."""
    if wanted is None:
        return None if held is None else Drift(Kind.EXTRA, _told(held.subscription))
    if held is None:
        return Drift(Kind.MISSING)
    if is_so(wanted, held):
        return None
    found = held.subscription.but_own_choices(wanted.subscription)
    differences = _between(_fields(wanted.subscription), _fields(found))
    if held.keys is False:
        differences = (*differences, Difference("keys", wanted=True, held=False))
    return Drift(Kind.DIFFERENT, differences)


def _told(held: Subscription) -> tuple[Difference, ...]:
    """What is held of somebody nothing was agreed for, as far as it is not as in a fresh subscriber."""
    fresh = _fields(Subscription(held.imsi, None))
    return tuple(Difference(d.field, None, d.held) for d in _between(fresh, _fields(held)))


def _between(wanted: dict[str, Any], held: dict[str, Any]) -> tuple[Difference, ...]:
    return tuple(Difference(name, value, held[name]) for name, value in wanted.items() if held[name] != value)


def _fields(subscription: Subscription) -> dict[str, Any]:
    return {**(subscription_to_json(subscription) or {}), "foreign": sorted(subscription.foreign)}
