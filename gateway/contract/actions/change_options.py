"""Add and remove options; one already there, or already gone, is no mistake."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.actions import _checks
from gateway.contract.identity import Name
from gateway.contract.line import Line


@dataclass(frozen=True, slots=True)
class Details:
    """Options by the contract's names."""

    add: tuple[Name, ...] = ()
    remove: tuple[Name, ...] = ()


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order; allowed whatever restrictions lie over the options (001:6192-6208)."""
    unknown = _checks.options((*details.add, *details.remove), wish.rules)
    if unknown is not None:
        return unknown
    if not details.add and not details.remove:
        return Refusal("nothing-to-change", "name at least one option to add or to remove", timeless=True)
    if both := sorted(set(details.add) & set(details.remove)):
        return Refusal("contradiction", f"{', '.join(both)} is both added and removed: choose one", timeless=True)
    return replace(line, options=line.options.union(details.add).difference(details.remove))


ACTION = Action(details=Details, apply=on_live_line(judge))
