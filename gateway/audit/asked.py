"""What an audit is asked to look at, and to do about what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from drivers.subscription import Msisdn
from gateway.contract.line import Kind, Reason


class Policy(StrEnum):
    """What is done about a difference."""

    REPORT = "report"
    REPAIR = "repair"  # the element is made to hold what was agreed
    ADOPT = "adopt"  # the line becomes what the element holds


@dataclass(frozen=True, slots=True)
class Scope:
    """Which lines: these numbers', else those that fit everything named; nothing named: all.

    With neither numbers nor a state, subscribers of the elements that belong to no line are looked for too.
    """

    msisdns: tuple[Msisdn, ...] = ()
    contract: str | None = None
    element: str | None = None
    state: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Lay out what is named."""
        named = {"msisdn": list(self.msisdns), "contract": self.contract, "element": self.element, "state": self.state}
        return {name: value for name, value in named.items() if value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Scope:
        """Read it back."""
        msisdns = tuple(Msisdn(number) for number in data.get("msisdn", ()))
        return cls(msisdns, data.get("contract"), data.get("element"), data.get("state"))


@dataclass(frozen=True, slots=True)
class Hints:
    """What an element cannot tell of a subscriber to be adopted."""

    contract: str | None = None
    plan: str | None = None
    suspended_as: Reason | None = None
    barred_as: Reason | None = None

    @property
    def reasons(self) -> dict[Kind, Reason | None]:
        """The reasons by kind of restriction."""
        return {Kind.SUSPENDED: self.suspended_as, Kind.BARRED_OUTGOING: self.barred_as}

    def to_json(self) -> dict[str, str]:
        """Lay out what is named."""
        return {name: str(value) for name in self.__dataclass_fields__ if (value := getattr(self, name)) is not None}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Hints:
        """Read it back."""
        suspended, barred = data.get("suspended_as"), data.get("barred_as")
        return cls(
            data.get("contract"),
            data.get("plan"),
            None if suspended is None else Reason(suspended),
            None if barred is None else Reason(barred),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """One wish; ``keys``: ask for keys too where reading a subscriber does not tell; ``nightly``: nobody asked."""

    scope: Scope = field(default_factory=Scope)
    policy: Policy = Policy.REPORT
    keys: bool = False
    hints: Hints = field(default_factory=Hints)
    requested_by: dict[str, str] | None = None
    nightly: bool = False

    def to_json(self) -> dict[str, Any]:
        """Lay it out for the journal; the policy has a column of its own."""
        return {
            "scope": self.scope.to_json(),
            "keys": self.keys,
            "hints": self.hints.to_json(),
            "requested_by": self.requested_by,
            "nightly": self.nightly,
        }

    @classmethod
    def from_json(cls, policy: str, data: dict[str, Any]) -> Asked:
        """Read it back."""
        return cls(
            Scope.from_json(data["scope"]),
            Policy(policy),
            data["keys"],
            Hints.from_json(data["hints"]),
            data["requested_by"],
            data["nightly"],
        )
