"""Usage, joined together: what the API and the composition root need of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.alerts.usage.crossing import Followup
from gateway.alerts.usage.intake import Intake
from gateway.alerts.usage.means import Means, Turns
from gateway.alerts.usage.renewal import Renewal
from gateway.alerts.usage.retention import Retention
from gateway.alerts.usage.standing import Standing
from gateway.texts import Texts


@dataclass(frozen=True, slots=True)
class Usage:
    """Records in, how a line stands, what was agreed about it, and forgetting in time."""

    intake: Intake
    renewal: Renewal
    standing: Standing
    retention: Retention


def open_usage(means: Means, texts: Mapping[str, Texts]) -> Usage:
    """Make it; ``Usage.retention.run`` is the only part that runs by itself."""
    followup, turns = Followup(means, texts), Turns()
    return Usage(
        Intake(means, followup, turns),
        Renewal(means, followup, turns),
        Standing(means.journal, means.contracts, means.clock),
        Retention(means.journal, means.clock),
    )
