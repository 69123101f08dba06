"""Usage on a running gateway: lines in bulk without waiting for their activation, and records in few words."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from drivers.subscription import Msisdn
from gateway.alerts.usage.intake import Taken
from gateway.alerts.usage.record import UsageRecord
from gateway.alerts.usage.usage import Usage
from gateway.contract.line import Life, Line
from gateway.journal.journal import Unit
from gateway.orders import records
from gateway.orders.order import LineRecord, LineRef
from tests.gateway.cards import card
from tests.gateway.rig import Rig

NUMBER = "+33612345678"
GB = 10**9


def usage_on(rig: Rig) -> Usage:
    return rig.gateway.alerting.usage


@dataclass
class Desk:
    """Posts usage and looks at what it led to."""

    rig: Rig
    usage: Usage
    ids: itertools.count[int] = field(default_factory=itertools.count)

    def record(self, amount: int, unit: str = "GB", **more: Any) -> UsageRecord:  # noqa: ANN401 - fields of a record
        n = next(self.ids)
        said: dict[str, Any] = {
            "place": n,
            "record_id": f"r{n}",
            "msisdn": NUMBER,
            "counter": "data",
            "at": self.rig.gateway.clock(),
        }
        return UsageRecord(amount=amount, unit=unit, **(said | more))

    async def use(self, amount: int, unit: str = "GB", **more: Any) -> Taken:  # noqa: ANN401 - fields of a record
        taken = await self.usage.intake.take([self.record(amount, unit, **more)])
        assert not taken.problems, taken.problems
        return taken

    async def line(self, number: str = NUMBER) -> LineRecord:
        found = await records.find_line(self.rig.gateway.journal, LineRef(msisdn=Msisdn(number)))
        assert found is not None
        return found

    async def agree(self, **body: Any) -> dict[str, str]:  # noqa: ANN401 - as posted
        return await self.usage.renewal.agree(await self.line(), body)

    async def messages(self) -> list[tuple[str, str]]:
        """Alerts by template and state, oldest first."""
        rows = [row for row in await self.rig.all_rows("messages") if row["kind"] == "alert"]
        rows.sort(key=lambda row: str(row["message_id"]))
        return [(row["template"], row["state"]) for row in rows]

    async def crossings(self) -> list[tuple[str, int, str, str | None]]:
        rows = await self.rig.all_rows("crossings")
        return sorted((row["threshold"], row["percent"], row["outcome"], row["action"]) for row in rows)

    async def notices(self) -> list[dict[str, Any]]:
        rows = await self.rig.all_rows("events")
        return [json.loads(row["data"]) for row in rows if row["type"] == "usage.threshold_crossed"]

    async def orders(self) -> list[tuple[str, str, str | None]]:
        """The orders usage made: action, state, due."""
        rows = await self.rig.all_rows("orders")
        made = [row for row in rows if row["action"] in {"limit_use", "lift_limit", "bar_outgoing"}]
        return [(row["action"], row["state"], row["due_at"]) for row in made]

    async def settled(self) -> None:
        """Wait until no order is under way; those of a later date wait on."""
        for row in await self.rig.all_rows("orders"):
            if row["state"] != "pending":
                await self.rig.until(row["order_id"])

    async def restrictions(self) -> list[tuple[str, str | None]]:
        return [(r.kind.value, r.reference) for r in (await self.line()).line.restrictions]


async def put_lines(
    rig: Rig, numbers: Sequence[str], plan: str = "unlimited", life: Life = Life.ACTIVE, first: int = 1000
) -> None:
    """Write lines that the network never heard of: what is counted needs no network."""
    now: datetime = rig.gateway.clock() - timedelta(days=1)
    unit = Unit()
    for n, number in enumerate(numbers, start=first):
        one = card(n)
        names = ("technicophone", "orange", plan)
        line = Line(Msisdn(number), one.imsi, one.iccid, *names, frozenset({"data"}), (), life)
        records.add_line(unit, LineRecord(f"{n:032x}", line), now)
    await rig.gateway.journal.commit(unit)
