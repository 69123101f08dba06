"""Numbers on their way, in a gateway with its clearing house: short words for what these tests do."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from drivers.commands import PortFile
from drivers.porting import RequestPort
from drivers.subscription import Msisdn
from gateway.contract.rio import rio_for
from gateway.contract.rulebook.bounds import PortRule
from gateway.journal.journal import Row
from gateway.orders import records
from gateway.orders.order import LineRecord, LineRef
from gateway.portability import book
from gateway.portability.rio import rio_of
from hlr_sim.clearing import ClearingHouse
from hlr_sim.clearing.donors import Says, Script
from hlr_sim.clearing.files import File
from tests.gateway.cards import Card
from tests.gateway.rig import Rig

COMING, TEMPORARY, OTHER = Msisdn("+33698000001"), Msisdn("+33711000001"), Msisdn("+33711000002")
RIO = rio_for("02", "P", "AB12CD", COMING)
#: the rig's clock begins on Monday 2 March 2026, 10:00 in Paris
DAY, NEXT_DAY = date(2026, 3, 10), date(2026, 3, 12)
_PATIENCE_S = 20


def coming(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - as posted
    """What is said of a number that comes."""
    return {"rio": RIO, "mandate": "M-1", "date": DAY.isoformat()} | changed


@dataclass
class Lives:
    """One rig, and the other operators' hands."""

    rig: Rig

    @property
    def house(self) -> ClearingHouse:
        found = self.rig.sim.others["npc"]
        assert isinstance(found, ClearingHouse)
        return found

    @property
    def rule(self) -> PortRule:
        found = self.rig.gateway.settings.contracts["technicophone"].bounds.portability
        assert found is not None
        return found

    async def tend(self) -> None:
        await self.rig.gateway.porter.tend()

    async def waiting(self, card: Card, **more: Any) -> str:  # noqa: ANN401 - as posted
        """Activate with a number that comes; return the order's id, which is the port's reference."""
        return await self.rig.activate(card, COMING, port_in=coming(**more))

    async def temporary(self, card: Card, **more: Any) -> str:  # noqa: ANN401 - as posted
        """Activate with a temporary number, in service when this returns."""
        order = await self.waiting(card, temporary_msisdn=TEMPORARY, **more)
        assert await self.rig.until(order) == "completed", (await self.rig.row(order))["error"]
        return order

    async def port(self, reference: str) -> Row:
        row = await book.port(self.rig.gateway.journal, reference)
        assert row is not None
        return row

    async def until(self, reference: str, *states: str, **values: Any) -> Row:  # noqa: ANN401 - columns
        """See to ports until one is in that state, with these values."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                await self.tend()
                row = await book.port(self.rig.gateway.journal, reference)
                there = row is not None and (not states or row["state"] in states)
                if row is not None and there and all(row[name] == value for name, value in values.items()):
                    return row
                await asyncio.sleep(0.01)

    def jump_to(self, day: date, hour: float = 8) -> None:
        """Go to an hour (UTC) of a day."""
        now = self.rig.time()
        midnight = now.replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0)
        self.rig.time.now += midnight + timedelta(hours=hour) - now

    async def record(self, msisdn: str) -> LineRecord:
        found = await self.rig.gateway.judge.find(LineRef(msisdn=Msisdn(msisdn)))
        assert isinstance(found, LineRecord), found
        return found

    async def refusal(self, action: str, **body: Any) -> str:  # noqa: ANN401 - as posted
        """Order what makes no sense; return the problem, told at once or when its turn came."""
        answer = await self.rig.ask(action, **body)
        if answer.problem is not None:
            return str(answer.problem["type"]).removeprefix("/problems/")
        assert answer.order is not None
        state, error = await self.rig.end_of(answer.order["id"])
        assert (state, error is not None) == ("rejected", True)
        return str(json.loads(error or "")["type"]).removeprefix("/problems/")

    async def number(self, msisdn: str) -> str | None:
        row = await self.rig.gateway.shelf.number_row(msisdn)
        return None if row is None else str(row["state"])

    async def events(self, kind: str) -> list[dict[str, Any]]:
        rows = await records.events_after(self.rig.gateway.journal, 0, 10_000)
        return [json.loads(row["data"]) for row in rows if row["type"] == kind]

    async def texts(self, template: str) -> list[tuple[str, str]]:
        rows = await self.rig.all_rows("messages")
        return [(row["msisdn"], row["text"]) for row in rows if row["template"] == template]

    def file(self, reference: str) -> PortFile:
        found = self.house.find(reference)
        assert found is not None
        return found.told

    def donor(self, **script: Any) -> None:  # noqa: ANN401 - a script's own fields
        answer = Says(script.pop("answer", "refuse"))
        self.house.donors.put(Script(COMING, answer, **script))

    async def wanted(self, msisdn: str, *, rio: str | None = None, on: str = DAY.isoformat()) -> str:
        """Have another operator ask for a number of ours; return the file's reference."""
        said = rio_of(await self.record(msisdn), self.rule) if rio is None else rio
        file = self.house.ask_out(RequestPort("", Msisdn(msisdn), said, "02", on), self.rule.operator)
        assert isinstance(file, File), file
        return file.told.reference
