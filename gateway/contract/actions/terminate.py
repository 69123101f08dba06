"""End the line; its SIM is never usable again (001:6231-6234)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.line import Life, Line


@dataclass(frozen=True, slots=True)
class Details:
    """Why, in the asker's words."""

    reason: str | None = None


def judge(line: Line, _details: Details, _wish: Wish) -> Line | Refusal:
    """Judge the order."""
    return replace(line, life=Life.TERMINATED, twin=None, ends=(), notices=(), porting=None)


ACTION = Action(details=Details, apply=on_live_line(judge))
