"""Who may do what with a file: rules as images write them, and as a card tells them to the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

KEYS = ("pin1", "pin2", "adm1")
ALWAYS = ("always",)
NEVER = ("never",)
_NIBBLES = {"always": 0x0, "pin1": 0x1, "pin2": 0x2, "adm1": 0xA, "never": 0xF}

Rule = tuple[str, ...]


def read_rule(text: str) -> Rule:
    """Read ``always``, ``never``, or one or more of the keys joined by `` or ``. Raises ValueError."""
    rule = tuple(text.split(" or "))
    if rule not in (ALWAYS, NEVER) and not set(rule) <= set(KEYS):
        raise ValueError(f"{text!r} must be always, never, or some of {', '.join(KEYS)} joined by ' or '")
    return rule


@dataclass(frozen=True, slots=True)
class Access:
    """What reading and what updating a file takes; everything else is never allowed."""

    read: Rule
    update: Rule


def allows(rule: Rule, holds: Callable[[str], bool]) -> bool:
    """Tell whether a rule is met, given which keys are."""
    return rule == ALWAYS or (rule != NEVER and any(holds(key) for key in rule))


def gsm_nibble(rule: Rule) -> int:
    """Return a rule as a GSM SIM tells it in its answer to SELECT (TS 51.011 §9.3)."""
    return _NIBBLES[rule[0]]


def security_condition(rule: Rule, references: Mapping[str, int]) -> bytes:
    """Return a rule as an SC_DO of the expanded format (ISO/IEC 7816-4 §5.4.3.2, TS 102 221 §9.2.4)."""
    if rule == ALWAYS:
        return b"\x90\x00"
    if rule == NEVER:
        return b"\x97\x00"
    each = [bytes((0xA4, 6, 0x83, 1, references[key], 0x95, 1, 0x08)) for key in rule]
    return each[0] if len(each) == 1 else bytes((0xA0, 8 * len(each))) + b"".join(each)


def arr_record(access: Access, references: Mapping[str, int]) -> bytes:
    """Return the record of EF.ARR that tells one set of rules (TS 102 221 §13.4)."""
    read = b"\x80\x01\x01" + security_condition(access.read, references)
    update = b"\x80\x01\x02" + security_condition(access.update, references)
    return read + update + b"\x80\x01\x58\x97\x00"  # delete, activate and deactivate: never
