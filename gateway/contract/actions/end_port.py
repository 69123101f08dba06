"""A port has come to nothing elsewhere: refused, or withdrawn by the other operator; the line goes on without it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.contract.action import Action, Refusal, Wish
from gateway.contract.actions import _porting
from gateway.contract.line import Direction, Life, Line


@dataclass(frozen=True, slots=True)
class Details:
    """The clearing house's file, and why in one word, as ``incapacity`` (002 mobile 9.2.2)."""

    reference: str
    reason: str


def apply(line: Line | None, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order: whoever tells that a port has ended is not held to any time."""
    if line is None or line.life is Life.TERMINATED:
        return Refusal("line-not-active", "the line is not in service: no port of it can end")
    porting = line.porting
    if porting is None or porting.reference != details.reference or porting.cancelled:
        return Refusal("port-unknown", f"the line waits for no port {details.reference}: see /v1/ports")
    if porting.direction is Direction.OUT:
        return replace(line, porting=None)
    return _porting.given_up(line, porting, None, wish)


ACTION = Action(details=Details, apply=apply, follows_line=True)
