"""Afterwards: is every acknowledged order at its one right end, and is everything as the model says?"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from tests.crash.ledger import Ledger, lost
from tests.journeys.agreement import Json
from tests.journeys.cards import IMSI_PREFIX, Stock
from tests.journeys.events import all_events
from tests.journeys.player import Player, answered, facts_amiss
from tests.journeys.story import Case, Story

_UNFINISHED = ("acknowledged", "pending", "held", "in_progress", "partial")
_WENT = ("sent", "delivered")  # with its receipt, or before it
_UNSENT = ("queued", "sending")
_LOOKS = 200  # a tenth of a second apart


class Reckoning:
    """Compares a ledger and its stories with what gateway and network hold once nothing moves any more."""

    def __init__(self, client: Player, ledger: Ledger, stories: Iterable[Story]) -> None:
        self._client = client
        self._ledger = ledger
        self._stories = list(stories)
        self.orders: list[Json] = []  # every acknowledged one as it ended, in the sequence of acknowledgement

    async def ends(self) -> list[str]:
        """Every acknowledged order has ended as it should, and nothing else is left open."""
        wrong, stuck = list(self._ledger.wrong), False
        for order_id, case in self._ledger.acknowledged.items():
            if await lost(self._client, order_id):
                wrong.append(f"lost: {order_id} {case.order}")
                continue
            order = await (self._look_at(order_id) if stuck else self._client.end_of(order_id))
            stuck = stuck or order["state"] in _UNFINISHED  # whoever is patient with one has been so with all
            self.orders.append(order)
            if order["state"] != ("rejected" if case.expect.get("refused") else "completed"):
                wrong.append(f"{case.order}: {order['state']} {order.get('error')} {order.get('waiting_for')}")
        for state in _UNFINISHED if not stuck else ():
            page = await answered(self._client.gateway, "GET", "/v1/orders", params={"state": state})
            wrong += [f"stuck: {order}" for order in page.json()["items"]]
        return wrong

    def facts(self) -> list[str]:
        """Of every order that is completed, accepted, stored and effective are told, and in this sequence."""
        done = [order for order in self.orders if order["state"] == "completed"]
        return [f"{order['external_id']}: {what}" for order in done for what in facts_amiss(order)]

    async def _look_at(self, order_id: str) -> Json:
        order: Json = (await answered(self._client.gateway, "GET", f"/v1/orders/{order_id}")).json()
        return order

    async def events(self) -> list[str]:
        """Every order was accepted once, under its own number, and ended once."""
        counts: dict[str, Counter[str]] = {"order.accepted": Counter(), "order.completed": Counter()}
        names: Counter[str] = Counter()
        for event in await all_events(self._client.gateway):
            if event["type"] in counts:
                counts[event["type"]][event["data"]["order_id"]] += 1
            if event["type"] == "order.accepted":
                names[event["data"]["external_id"]] += 1
        due = self._ledger.acknowledged
        completed = {order_id for order_id, case in due.items() if not case.expect.get("refused")}
        wrong = [f"{name} was accepted {n} times" for name, n in names.items() if n != 1]
        wrong += [f"{i} was acknowledged but never accepted" for i in set(due) - set(counts["order.accepted"])]
        wrong += [f"{i} was accepted but never acknowledged" for i in set(counts["order.accepted"]) - set(due)]
        wrong += [
            f"{i} completed {counts['order.completed'][i]} times"
            for i in completed
            if counts["order.completed"][i] != 1
        ]
        return wrong

    async def lines(self) -> list[str]:
        """Every line, and what its phone gets, is what the acknowledged orders make of it."""
        wrong = []
        for story in self._stories:
            for line in story.lines:
                found = await self._client.line_differences(Case({}, line.expected(), line.agreed()))
                wrong += [f"{story.seed} {line.msisdn}: {what}" for what in found]
            for imsi, _ in story.replaced:
                if (seen := await self._client.probe(imsi, "home"))["attach"] != "refused:unknown":
                    wrong.append(f"{story.seed}: the replaced SIM {imsi} gets {seen}")
        return wrong

    async def sims(self, stock: Stock) -> list[str]:
        """Every SIM is where its orders have put it, and none serves two lines."""
        due = {card.iccid: "stock" for card in stock.drawn}
        for story in self._stories:
            due |= {iccid: "replaced" for _, iccid in story.replaced}
            due |= {line.iccid: "retired" if line.terminated else "active" for line in story.lines}
        wrong = []
        for iccid, state in due.items():
            sim = (await answered(self._client.gateway, "GET", f"/v1/sims/{iccid}")).json()
            if sim.get("state") != state:
                wrong.append(f"SIM {iccid} is {sim.get('state')}, not {state}")
        return wrong

    async def messages(self) -> list[str]:
        """At most one confirmation for each completed order, and every one that was not sent is accounted for."""
        wrong, sent, unsure, stuck = [], Counter[str](), Counter[str](), False
        for order_id, case in self._ledger.acknowledged.items():
            messages = await settled_messages(self._client, order_id, looks=1 if stuck else _LOOKS)
            stuck = stuck or any(message["state"] in _UNSENT for message in messages)
            if len(messages) != (0 if case.expect.get("refused") else 1):
                wrong.append(f"{case.order['external_id']}: {messages}")
            for message in messages:
                if message["state"] not in (*_WENT, "parked"):
                    wrong.append(f"{case.order['external_id']}: {message}")
                (sent if message["state"] in _WENT else unsure)[message["to"]] += 1
        for to in sent | unsure:
            inbox = (await answered(self._client.network, "GET", "/sms", params={"to": to})).json()["items"]
            if not sent[to] <= len(inbox) <= sent[to] + unsure[to]:
                wrong.append(f"{to} has {len(inbox)} messages; {sent[to]} were sent and {unsure[to]} parked")
        return wrong

    def keys(self, sim_data: Path) -> list[str]:
        """Each element holds the keys of the SIMs in service there, and of no other."""
        wrong = []
        for host in IMSI_PREFIX:
            due = {line.imsi for story in self._stories for line in story.live() if line.host == host}
            with closing(sqlite3.connect(sim_data / f"{host}.sqlite")) as store:
                held = {imsi for (imsi,) in store.execute("SELECT imsi FROM auc")}
            if held != due:
                wrong.append(f"{host} lacks keys of {sorted(due - held)}, and has {sorted(held - due)} too many")
        return wrong


async def settled_messages(client: Player, order_id: str, looks: int = _LOOKS) -> list[Json]:
    """Return an order's confirmations, once they have gone or will not go any more."""
    for _ in range(looks):
        order = (await answered(client.gateway, "GET", f"/v1/orders/{order_id}")).json()
        messages: list[Json] = order.get("messages", [])
        if all(message["state"] not in _UNSENT for message in messages):
            break
        await asyncio.sleep(0.1)
    return messages
