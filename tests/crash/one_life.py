"""The whole life of one line, in orders that depend on each other: each must find what the one before has left."""

from __future__ import annotations

from collections.abc import Iterator

from tests.journeys.agreement import AgreedLine, Json
from tests.journeys.story import Case, Story


class OneLife(Story):
    """A line from its activation to its end, one refused order on the way."""

    def whole(self) -> list[Case]:
        """Write all of it."""
        return list(self._whole())

    def _whole(self) -> Iterator[Case]:
        card, msisdn = self.fresh_card("orange"), self.number()
        reference, details = self.activation(msisdn, card, plan="metered", options=["data"])[1:]
        line = AgreedLine(msisdn, card.imsi, card.iccid, card.host, "metered", {"data"})
        self.lines.append(line)
        yield Case(self._order("activate", reference, details), line.expected(), line.agreed())
        line.holds.add(("barred", "unpaid"))
        yield self._now(line, "bar_outgoing", {"reason": "unpaid"})
        yield Case(self._order("reactivate", self.ref(line), {"reason": "fraud"}), {"refused": True})
        line.holds.clear()
        yield self._now(line, "reactivate", {})
        fresh = self.fresh_card("orange")
        self.replaced.append((line.imsi, line.iccid))
        self._former.setdefault(id(line), []).append(line.imsi)
        reference = {"msisdn": line.msisdn}
        line.imsi, line.iccid = fresh.imsi, fresh.iccid
        swap = self._order("swap_sim", reference, {"new_iccid": fresh.iccid, "reason": "damaged"})
        yield Case(swap, line.expected(), line.agreed())
        line.msisdn = self.number()
        yield Case(self._order("change_number", reference, {"new_msisdn": line.msisdn}), line.expected(), line.agreed())
        line.terminated = True
        yield self._now(line, "terminate", {})

    def _now(self, line: AgreedLine, action: str, details: Json) -> Case:
        """Word an order of which the line is already what it leaves."""
        return Case(self._order(action, {"msisdn": line.msisdn}, details), line.expected(), line.agreed())
