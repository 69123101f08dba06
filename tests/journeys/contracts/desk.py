"""The counter's desk: everything that is ordered and read through REST, in few words.

A word that orders (``activate``, ``order``) waits until the order has ended, or has been put off to a date.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx

from gateway.contract.rules import Rules
from tests.gateway.cards import Card, card
from tests.gateway.rig import ENDED, Rig

Json = dict[str, Any]
T = TypeVar("T")
ANNA = {"who": "shop-042/anna", "channel": "shop"}  #: who orders where nothing else is said
_PLANS = {"opt-nc": "forfait_m", "orange-mayotte": "standard", "monaco-telecom": "standard"}
_NUMBERS = {"opt-nc": "+687750{:03d}", "orange-mayotte": "+262639000{:03d}", "monaco-telecom": "+377600000{:02d}"}
_PATIENCE_S = 20


@dataclass
class Desk:
    """The desk of one contract; ``number(n)`` and ``card(n)`` name its numbers and the cards in its stock."""

    contract: str
    rig: Rig
    http: httpx.AsyncClient
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def rules(self) -> Rules:
        return self.rig.gateway.settings.contracts[self.contract]

    @property
    def now(self) -> datetime:
        """The time, as the operator's own clocks show it."""
        return self.rig.time().astimezone(ZoneInfo(self.rules.time_zone))

    def number(self, n: int = 1) -> str:
        return _NUMBERS.get(self.contract, "+33612345{:03d}").format(n)

    def card(self, n: int = 1, host: str | None = None) -> Card:
        """Card n of a host of the contract (1 to 9 are in stock at the start)."""
        hosts = self.rules.hosts
        return card(n, (hosts[host] if host else next(iter(hosts.values()))).imsi_prefixes[0])

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        """Any request of the REST page."""
        return await self.http.request(method, path, **more)

    async def get(self, path: str, **more: Any) -> Any:  # noqa: ANN401 - as answered
        answer = await self.ask("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: object, status: int = 200) -> Any:  # noqa: ANN401 - as answered
        answer = await self.ask("POST", path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def place(self, action: str, line: int | str | Json = 1, **details: Any) -> httpx.Response:  # noqa: ANN401 - as posted
        """Post an order and return the answer; ``line``: n of ``number(n)``, a number, or ``{"imsi": …}``.

        Of ``details``, ``requested_start``, ``requested_by``, ``external_id`` and ``priority`` are the order's own.
        """
        number = self.number(line) if isinstance(line, int) else line
        body: Json = {"action": action, "line": {"msisdn": number} if isinstance(number, str) else number}
        body |= {"requested_by": ANNA, "external_id": f"ORD-{next(self.ids)}"}
        own = ("requested_start", "requested_by", "external_id", "priority", "note")
        body |= {name: details.pop(name) for name in own if name in details}
        return await self.ask("POST", "/v1/orders", json=body | {"details": details})

    async def order(self, action: str, line: int | str | Json = 1, **details: Any) -> Json:  # noqa: ANN401 - as posted
        """Post an order that must be accepted; return it when it has ended, or waits for its date."""
        answer = await self.place(action, line, **details)
        assert answer.status_code == 202, answer.text
        return await self.ended(answer.json()["id"])

    async def done(self, action: str, line: int | str | Json = 1, **details: Any) -> Json:  # noqa: ANN401 - as posted
        """Post an order that must complete; return it."""
        order = await self.order(action, line, **details)
        assert order["state"] == "completed", order
        return order

    async def refused(self, action: str, line: int | str | Json = 1, **details: Any) -> Json:  # noqa: ANN401 - as posted
        """Post an order that must come to nothing, at once or in its turn; return the problem."""
        answer = await self.place(action, line, **details)
        problem: Json = answer.json()
        if answer.status_code == 202:  # something of the line was still under way
            order = await self.ended(problem["id"])
            assert order["state"] == "rejected", order
            problem = order["error"]
        else:
            assert answer.status_code in (403, 409, 422), answer.text
        assert problem["detail"], problem
        return problem

    async def activate(self, n: int = 1, plan: str | None = None, *options: str, **more: Any) -> Json:  # noqa: ANN401 - as posted
        """Activate ``number(n)`` on ``card(n)`` and see it completed; ``more``: details, or fields of the order."""
        host = more.get("host")
        wish: Json = {"contract": self.contract, "iccid": self.card(n, host).iccid, "options": options}
        wish["plan"] = plan or _PLANS.get(self.contract, "unlimited")
        return await self.done("activate", n, **wish, **more)

    async def ended(self, order_id: str) -> Json:
        """Wait until an order has ended or waits for its date; return it."""

        async def told() -> Json | None:
            found: Json = await self.get(f"/v1/orders/{order_id}")
            return found if found["state"] in ENDED | {"pending"} else None

        return await self.until(told, f"order {order_id} never ended")

    async def orders(self, n: int = 1, action: str | None = None) -> list[Json]:
        """The line's orders, oldest first, whoever placed them."""
        asked = {"line": self.number(n)} | ({} if action is None else {"action": action})
        return list(reversed((await self.get("/v1/orders", params=asked))["items"]))

    async def line(self, n: int | str = 1) -> Json:
        """The line's page."""
        found: Json = await self.get(f"/v1/lines/{self.number(n) if isinstance(n, int) else n}")
        return found

    async def restrictions(self, n: int = 1) -> list[tuple[str, str]]:
        """Kind and reason of each restriction of the line."""
        return [(held["kind"], held["reason"]) for held in (await self.line(n))["restrictions"]]

    async def history(self, n: int | str = 1) -> list[Json]:
        """What happened to the line, oldest first: ``at``, ``type``, ``data``."""
        number = self.number(n) if isinstance(n, int) else n
        found: list[Json] = (await self.get(f"/v1/lines/{number}/history"))["items"]
        return found

    async def happened(self, n: int | str = 1) -> list[str]:
        """The types of what happened to the line, oldest first."""
        return [event["type"] for event in await self.history(n)]

    async def proof(self, order: Json, element: str | None, who: Json = ANNA) -> Json:
        """Check what an auditor asks of a completed order: who, when, confirmed by which element; return the order.

        Without ``element`` the network had nothing to do for it.
        """
        kept: Json = await self.get(f"/v1/orders/{order['id']}")
        assert kept["state"] == "completed", kept
        assert kept["requested_by"] == who, kept
        assert {step["element"] for step in kept["steps"]} == ({element} if element else set()), kept["steps"]
        for step in kept["steps"]:
            assert step["outcome"] in ("done", "already_so"), step
            assert kept["accepted_at"] <= step["at"] <= kept["stored_at"], step
        told = [e for e in await self.history(kept["line"]["msisdn"]) if e["data"].get("order_id") == order["id"]]
        assert {"order.accepted", "order.completed"} <= {event["type"] for event in told}, told
        accepted = next(event for event in told if event["type"] == "order.accepted")
        assert accepted["data"]["requested_by"] == who, accepted
        assert accepted["at"] == kept["accepted_at"], accepted
        return kept

    async def until(self, look: Callable[[], Awaitable[T | None]], otherwise: str) -> T:
        """Look until there is something to be seen; return it."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE_S
        while not (seen := await look()):
            assert asyncio.get_running_loop().time() < deadline, otherwise
            await asyncio.sleep(0.005)
        return seen
