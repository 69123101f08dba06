"""Add and remove options, for good or until a date; one already there, or already gone, is no mistake."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.actions import _checks
from gateway.contract.identity import Name
from gateway.contract.line import Line, OptionEnd


@dataclass(frozen=True, slots=True)
class Details:
    """Options by the contract's names; ``until``: when those added end by themselves."""

    add: tuple[Name, ...] = ()
    remove: tuple[Name, ...] = ()
    until: datetime | None = None


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order; allowed whatever restrictions lie over the options (001:6192-6208, 002 mobile 8.2.1)."""
    wrong = _checks.options((*details.add, *details.remove), wish.rules) or _sense(details)
    if wrong is not None:
        return wrong
    if details.until is not None and details.until <= wish.now:
        return Refusal("ends-in-past", "until lies before the options would begin: give a later date, or none")
    ends = tuple(end for end in line.ends if end.option not in {*details.add, *details.remove})
    if details.until is not None:
        ends += tuple(OptionEnd(option, details.until) for option in sorted(set(details.add)))
    options = line.options.union(details.add).difference(details.remove)
    changed = replace(line, options=options, ends=ends)
    return _checks.twin(changed, wish.rules) or changed


def _sense(details: Details) -> Refusal | None:
    if not details.add and not details.remove:
        return Refusal("nothing-to-change", "name at least one option to add or to remove", timeless=True)
    if both := sorted(set(details.add) & set(details.remove)):
        return Refusal("contradiction", f"{', '.join(both)} is both added and removed: choose one", timeless=True)
    if details.until is not None and not details.add:
        return Refusal("nothing-to-end", "until is for options that are added: name them in add", timeless=True)
    return None


ACTION = Action(details=Details, apply=on_live_line(judge))
