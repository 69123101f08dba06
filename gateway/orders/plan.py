"""What was decided for an order when its turn came, as the journal keeps it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from gateway.contract.line import Line
from gateway.contract.plan import Step
from gateway.orders.codec import dump, line_from_json, line_to_json, step_from_json, step_to_json


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided when the order's turn came; fixed from then on."""

    before: Line | None
    after: Line
    steps: tuple[Step, ...]

    def to_json(self) -> str:
        """Write it for the journal."""
        before = None if self.before is None else line_to_json(self.before)
        return dump(
            {"before": before, "after": line_to_json(self.after), "steps": [step_to_json(s) for s in self.steps]}
        )

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read it back."""
        data = json.loads(text)
        before = None if data["before"] is None else line_from_json(data["before"])
        return cls(before, line_from_json(data["after"]), tuple(step_from_json(s) for s in data["steps"]))
