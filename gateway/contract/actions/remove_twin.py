"""The second SIM of a line ends; the line goes on with its first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.line import Line


@dataclass(frozen=True, slots=True)
class Details:
    """Nothing to say."""


def judge(line: Line, _details: Details, _wish: Wish) -> Line | Refusal:
    """Judge the order."""
    if line.twin is None:
        return Refusal("no-twin", "the line has no second SIM: there is nothing to remove")
    return replace(line, twin=None)


ACTION = Action(details=Details, apply=on_live_line(judge))
