"""An operator's counter: its desk, its customers' phones, and its clock, in few words.

Everything ordered goes through REST; what phones get is asked of the simulated network's own page. ``at`` and
``later`` let time pass at once, and everything that fell due be done.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.journeys.contracts.desk import ANNA, Desk, Json
from tests.journeys.contracts.world import World

__all__ = ["ANNA", "Counter", "Json", "stocked"]
_UNDER_WAY = {"acknowledged", "in_progress", "held"}


class Counter(Desk):
    """The counter of one contract."""

    @property
    def world(self) -> World:
        assert isinstance(self.rig.sim, World)
        return self.rig.sim

    async def use(self, amount: float, unit: str = "GB", n: int = 1, **more: Any) -> Json:  # noqa: ANN401 - as posted
        """Post one usage record (``counter`` data, ``at`` now, unless ``more`` says otherwise) and do what follows.

        Returns the answer: accepted, late, crossings…
        """
        record = {
            "id": f"use-{next(self.ids)}",
            "msisdn": self.number(n),
            "counter": "data",
            "at": self.now.isoformat(),
        }
        taken: Json = await self.post("/v1/usage", [record | {"amount": amount, "unit": unit} | more])
        assert not taken["problems"], taken
        await self.tend()
        return taken

    async def arrive(self, country: str, n: int = 1) -> Json:
        """Tell the gateway that the phone of ``number(n)`` was seen in a country (ISO 3166-1 alpha-2)."""
        seen = {
            "id": f"seen-{next(self.ids)}",
            "msisdn": self.number(n),
            "country": country,
            "at": self.now.isoformat(),
        }
        answer: Json = await self.post("/v1/attaches", [seen])
        return answer

    async def probe(self, imsi: str | int = 1, at: str = "home", imei: str | None = None) -> Json:
        """What a phone with this IMSI (n: that of ``card(n)``) would get ``home`` or ``abroad``."""
        known = self.card(imsi).imsi if isinstance(imsi, int) else imsi
        asked = {"at": at} | ({} if imei is None else {"imei": imei})
        answer = await self.world.page.get(f"/network/{known}", params=asked)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        assert found["emergency"] is True, "emergency calls are never barred"
        return found

    async def told(self, words: str, to: int | str = 1) -> str:
        """Wait for the SMS with these words to reach the phone of ``number(to)``; return its text."""
        number = self.number(to) if isinstance(to, int) else to

        async def found() -> str | None:
            return next((text for text in self.world.inbox(number) if words in text), None)

        return await self.until(found, f"no SMS with {words!r} to {number}")

    async def inbox(self, to: int | str = 1) -> list[str]:
        """Every SMS of the phone of ``number(to)``, oldest first, once nothing is on its way to the centre."""
        await self.until(self._sent, "messages wait for ever")
        return self.world.inbox(self.number(to) if isinstance(to, int) else to)

    async def at(self, local: str) -> None:
        """Let it become that local time (``2026-03-10 09:00``) and have done what fell due by then."""
        moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(self.rules.time_zone))
        assert moment >= self.now, "time runs forward only"
        await self.later(seconds=(moment - self.rig.time()).total_seconds())

    async def later(self, **parts: float) -> None:
        """Let so much time pass (days, hours, minutes, seconds) and have done what fell due."""
        await self.tend()  # what is to be said to others before is said
        self.rig.time.jump(**parts)
        await self.tend()

    async def tend(self) -> None:
        """Do what is due, and what that leads to, until nothing is under way."""
        gateway = self.rig.gateway
        for _ in range(4):  # what is done may bring about more
            await gateway.engine.begin_due()
            await gateway.clocks.tend()
            await gateway.porter.tend()
            await gateway.engine.begin_due()
            await self.until(self._idle, "orders never ended")

    async def _idle(self) -> bool | None:
        now = self.rig.time()
        return not any(
            row["state"] in _UNDER_WAY
            or (row["state"] == "pending" and datetime.fromisoformat(row["due_at"]) <= now)  # due, and in its queue
            for row in await self.rig.all_rows("orders")
        )

    async def _sent(self) -> bool | None:
        soon = (self.rig.time() + timedelta(seconds=1)).isoformat()
        rows = await self.rig.all_rows("messages")
        return not any(r["state"] in ("queued", "sending") and (r["not_before"] or "") <= soon for r in rows)


async def stocked(counter: Counter) -> Counter:
    """Put nine cards of each of its hosts into stock."""
    cards = (counter.card(n, host) for host in counter.rules.hosts for n in range(1, 10))
    await counter.rig.stock(*cards)
    return counter
