"""How messages are sent, as ``[messages]`` of ``linegate.toml`` says: what is tried again, what receipts are believed.

Statuses are command_status values of submit_sm_resp (SMPP 3.4 §5.1.3), written as ``0x58``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.contract.table import Table

_KEY = re.compile(r"0x(?=.{2,8}$)[0-9a-f]+\*{0,7}|default|unreachable")
_SHORTEST_PARK_S = 60.0  # a receipt may overtake the answer it belongs to by so much


class RetryAction(StrEnum):
    """What becomes of a message that was not taken."""

    RETRY = "retry"
    FAIL = "fail"
    HOLD = "hold"  # parked, for a human


@dataclass(frozen=True, slots=True)
class RetryRule:
    """Each pause is twice the one before; after ``most`` tries the message has failed (0: there is no last try)."""

    action: RetryAction
    first_s: float = 5.0
    longest_s: float = 300.0
    most: int = 20

    def pause_s(self, tries: int) -> float:
        """Return how long to wait after so many tries."""
        return min(self.longest_s, self.first_s * 2.0 ** min(max(tries - 1, 0), 30))


_AGAIN = RetryRule(RetryAction.RETRY)
_NEVER = RetryRule(RetryAction.FAIL)
#: messages that are wrong stay so; what names the account or the service (0x15, 0x45, 0x65) is told by no repetition
_FOR_GOOD = (
    *("0x01", "0x02", "0x03", "0x06", "0x07", "0x0a", "0x0b", "0x15", "0x33", "0x40", "0x42", "0x43", "0x45", "0x48"),
    *("0x49", "0x50", "0x51", "0x54", "0x55", "0x61", "0x62", "0x63", "0x65", "0x66", "0xc0", "0xc1", "0xc2", "0xc3"),
    "0xc4",
)
_USUAL: Mapping[str, RetryRule] = {
    "0x58": RetryRule(RetryAction.RETRY, 1.0, 60.0, 0),  # ESME_RTHROTTLED: it is our speed, not the message
    "0x04": RetryRule(RetryAction.RETRY, 0.5, 60.0, 0),  # ESME_RINVBNDSTS: our connection is at fault; we bind anew
    "0x14": RetryRule(RetryAction.RETRY, 2.0, 300.0, 20),  # ESME_RMSGQFUL: too many wait for this phone
    "0x08": _AGAIN,  # ESME_RSYSERR
    "0x64": _AGAIN,  # ESME_RX_T_APPN: temporary, as it says
    **dict.fromkeys(_FOR_GOOD, _NEVER),
    "0x4**": RetryRule(RetryAction.RETRY, 30.0, 600.0, 5),  # the vendor's own: they know what it means, configure it
    "default": RetryRule(RetryAction.RETRY, 30.0, 600.0, 3),
    "unreachable": RetryRule(RetryAction.RETRY, 0.5, 30.0, 0),  # nothing was sent
}


@dataclass(frozen=True, slots=True)
class RetryTable:
    """Rules by status (``0x58``), by class of statuses (``0x4**``), ``default`` and ``unreachable``."""

    rules: Mapping[str, RetryRule] = field(default_factory=lambda: _USUAL)

    def of(self, status: str) -> RetryRule:
        """Choose the rule for a status: its own, else that of the narrowest class, else the default."""
        written = status.lower()
        for wild in range(len(written) - 1):
            found = self.rules.get(written[: len(written) - wild] + "*" * wild)
            if found is not None:
                return found
        return self.rules["default"]

    @property
    def unreachable(self) -> RetryRule:
        """The rule for messages that could not be written to any line."""
        return self.rules["unreachable"]


@dataclass(frozen=True, slots=True)
class CustomerPace:
    """How fast one customer's application may send; further ahead than ``longest_wait_s`` nothing is queued for it."""

    per_s: int = 1
    per_min: int = 10
    longest_wait_s: float = 600.0


@dataclass(frozen=True, slots=True)
class MessageSettings:
    """``park_s``: how long a receipt waits for its message; ``receipts_h``: how long a mere reference is trusted."""

    retry: RetryTable = field(default_factory=RetryTable)
    customers: CustomerPace = field(default_factory=CustomerPace)
    park_s: float = _SHORTEST_PARK_S
    receipts_h: int = 72
    most_segments: int = 10
    most_waiting: int = 500_000


def read_messages(table: Table) -> MessageSettings:
    """Read ``[messages]``; mistakes are noted in it."""
    usual = MessageSettings()
    park_s = table.seconds("park_s", usual.park_s)
    if park_s < _SHORTEST_PARK_S:
        table.wrong("park_s", f"must be at least {_SHORTEST_PARK_S:g}: receipts overtake answers")
    return MessageSettings(
        retry=_retry(table.table("retry", optional=True)),
        customers=_pace(table.table("customers", optional=True)),
        park_s=park_s,
        receipts_h=table.number("receipts_h", usual.receipts_h, least=1, most=24 * 90),
        most_segments=table.number("most_segments", usual.most_segments, least=1, most=255),
        most_waiting=table.number("most_waiting", usual.most_waiting, least=1),
    )


def _pace(table: Table) -> CustomerPace:
    usual = CustomerPace()
    return CustomerPace(
        per_s=table.number("per_s", usual.per_s, least=1, most=1000),
        per_min=table.number("per_min", usual.per_min, least=1, most=60_000),
        longest_wait_s=table.seconds("longest_wait_s", usual.longest_wait_s),
    )


def _retry(table: Table) -> RetryTable:
    rules = dict(_USUAL)
    for key in table.names():
        rule = _rule(table.table(key), rules.get(key.lower(), _USUAL["default"]))
        if _KEY.fullmatch(key):
            rules[key] = rule
        else:
            table.wrong(key, 'must be a status as "0x58", a class as "0x4**", default or unreachable')
    return RetryTable(rules)


def _rule(table: Table, usual: RetryRule) -> RetryRule:
    rule = RetryRule(
        action=RetryAction(table.choice("action", RetryAction, usual.action)),
        first_s=table.seconds("first_s", usual.first_s),
        longest_s=table.seconds("longest_s", usual.longest_s),
        most=table.number("most", usual.most),
    )
    if rule.first_s > rule.longest_s:
        table.wrong("first_s", "must be no longer than longest_s")
    return rule
