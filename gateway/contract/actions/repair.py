"""Make the network hold again what was agreed; nothing agreed changes. What the drift audit orders, and people may."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.contract.action import Action, Lane, Manner, Refusal, Wish
from gateway.contract.line import Life, Line


@dataclass(frozen=True, slots=True)
class Details:
    """Nothing to say."""


def apply(line: Line | None, _details: Details, _wish: Wish) -> Line | Refusal:
    """Judge the order: any line that ever was on the network, an ended one too."""
    if line is None or line.life is Life.ORDERED:
        return Refusal("line-not-active", "the line was never on the network: activate it first")
    return line


ACTION = Action(details=Details, apply=apply, lane=Lane.AUDIT, manner=Manner.MENDS)
