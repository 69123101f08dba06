"""The day of a port: the number that came takes the temporary one's place, or the line of one that leaves ends."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.contract.action import Action, Lane, Refusal, Wish, on_live_line
from gateway.contract.line import Direction, Life, Line


@dataclass(frozen=True, slots=True)
class Details:
    """The clearing house's file."""

    reference: str


def judge(line: Line, details: Details, _wish: Wish) -> Line | Refusal:
    """Judge the order (002 mobile 9.1: the temporary number is lost; 9.3.1: the line ends for a number that leaves)."""
    porting = line.porting
    if porting is None or porting.reference != details.reference:
        return Refusal("port-unknown", f"the line waits for no port {details.reference}: see /v1/ports")
    if porting.direction is Direction.IN:
        return replace(line, msisdn=porting.msisdn, porting=None)
    return replace(line, life=Life.TERMINATED, twin=None, ends=(), notices=(), porting=None)


ACTION = Action(details=Details, apply=on_live_line(judge), lane=Lane.EMERGENCY, follows_line=True)
