"""The customer closes services of the own line, and opens them again; bars cumulate and survive every restriction."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.line import Bar, Line


@dataclass(frozen=True, slots=True)
class Details:
    """Bars; one already there, or already gone, is no mistake."""

    add: tuple[Bar, ...] = ()
    remove: tuple[Bar, ...] = ()


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order (003 art. 9.3.2, 9.3.6; 004 payment § 7)."""
    if not details.add and not details.remove:
        return Refusal("nothing-to-change", "name at least one bar to add or to remove", timeless=True)
    if both := sorted(set(details.add) & set(details.remove)):
        return Refusal("contradiction", f"{', '.join(both)} is both added and removed: choose one", timeless=True)
    if unknown := sorted({*details.add, *details.remove} - set(wish.rules.bars)):
        sold = ", ".join(sorted(wish.rules.bars)) or "none"
        return Refusal(
            "unknown-bar", f"{wish.rules.name} has no bar {', '.join(unknown)}; it has: {sold}", timeless=True
        )
    return replace(line, bars=line.bars.union(details.add).difference(details.remove))


ACTION = Action(details=Details, apply=on_live_line(judge))
