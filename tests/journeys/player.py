"""Plays order files over HTTP and tells every difference between what should be seen and what is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx

from tests.journeys.agreement import Json
from tests.journeys.story import Case

ENDED = frozenset({"completed", "failed", "partial", "cancelled", "rejected"})
_PATIENCE_S = 90.0
_PROBED = ("home", "abroad")
_SHARED_BY_TWINS = ("attach", "voice_out.national", "voice_out.international", "voice_out.premium", "sms_out", "rats")


class Player:
    """One client of the gateway who also looks at the simulated network."""

    def __init__(self, gateway: httpx.AsyncClient, network: httpx.AsyncClient) -> None:
        self.gateway = gateway
        self.network = network
        self.completed: dict[str, Case] = {}
        self._number_of: dict[str, str] = {}  # IMSI and ICCID to the number they last served

    async def play(self, case: Case) -> list[str]:
        """Post one order, wait for its end, look; return what is not as it should be."""
        if case.expect.get("refused"):
            wrong = await self._play_refused(case)
        else:
            wrong = await self._play_sensible(case)
        return [f"{case.order.get('external_id')} {case.order['action']}: {what}" for what in wrong]

    async def play_all(self, cases: Iterable[Case]) -> list[str]:
        """Play a file in sequence."""
        return [what for case in cases for what in await self.play(case)]

    async def post(self, order: Json) -> httpx.Response:
        """Post an order under a key of its own, as often as it takes to be answered."""
        headers = {"Idempotency-Key": f"key-{order['external_id']}"}
        return await answered(self.gateway, "POST", "/v1/orders", json=order, headers=headers)

    async def end_of(self, order_id: str, wanted: str | None = None) -> Json:
        """Wait until an order has ended, or is in the state that is wanted."""
        pause, loop = 0.01, asyncio.get_running_loop()
        until = loop.time() + _PATIENCE_S
        while True:
            order: Json = (await answered(self.gateway, "GET", f"/v1/orders/{order_id}")).json()
            if order["state"] in ENDED | {wanted} or loop.time() > until:
                return order
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.25)

    async def probe(self, imsi: str, at: str) -> Json:
        """Ask what a phone would get."""
        probe: Json = (await answered(self.network, "GET", f"/network/{imsi}", params={"at": at})).json()
        return probe

    async def line(self, msisdn: str) -> Json:
        """Read a line's page."""
        line: Json = (await answered(self.gateway, "GET", f"/v1/lines/{msisdn}")).json()
        return line

    async def line_differences(self, case: Case) -> list[str]:
        """Compare the line's page and both probes with what the case expects."""
        expect = case.expect
        line = await self.line(expect["msisdn"])
        seen: Json = {"line_state": line.get("state"), "msisdn": line.get("msisdn"), "imsi": line.get("imsi")}
        for at in _PROBED:
            seen[at] = await self.probe(expect["imsi"], at)
        wrong = differences(expect, seen)
        if case.agreed is not None:
            reasons = sorted(held["reason"] for held in line.get("restrictions", []))
            wrong += differences({"agreed": case.agreed}, {"agreed": line | {"reasons": reasons}})
        return wrong

    async def _play_sensible(self, case: Case) -> list[str]:
        answer = await self.post(case.order)
        if answer.status_code != 202:
            return [f"answered {answer.status_code}: {answer.text}"]
        expect = case.expect
        order = await self.end_of(answer.json()["id"], expect["state"])
        if order["state"] != expect["state"]:
            return [f"ended {order['state']}: {order.get('error')} {order.get('waiting_for')}"]
        wrong = await self.line_differences(case)
        if order["state"] == "completed":
            self.completed[order["id"]] = case
            wrong += facts_amiss(order)
        for name, value in (("imsi", expect["imsi"]), ("iccid", (await self.line(expect["msisdn"])).get("iccid"))):
            self._number_of[f"{name} {value}"] = expect["msisdn"]
        if dead := expect.get("dead_imsi"):
            for at in _PROBED:
                wrong += differences({at: {"attach": "refused:unknown"}}, {at: await self.probe(dead, at)})
        if twin := expect.get("twin_imsi"):
            for at in _PROBED:
                same = {name: value for name, value in expect[at].items() if name in _SHARED_BY_TWINS}
                wrong += differences({at: same | {"data.allowed": False}}, {at: await self.probe(twin, at)})
        return wrong

    async def _play_refused(self, case: Case) -> list[str]:
        before = await self._surroundings(case.order)
        answer = await self.post(case.order)
        wrong = await self.refusal_differences(answer)
        after = await self._surroundings(case.order)
        return wrong + [f"{name} was {was}, is {after[name]}" for name, was in before.items() if was != after[name]]

    async def refusal_differences(self, answer: httpx.Response) -> list[str]:
        """Tell what is wrong with a refusal, whether it comes at once or in the order's turn."""
        problem: Json = answer.json()
        if answer.status_code == 202:
            order = await self.end_of(problem["id"])
            if order["state"] != "rejected":
                return [f"ended {order['state']} but should have been refused"]
            problem = order.get("error") or {}
        elif not 400 <= answer.status_code < 500:
            return [f"answered {answer.status_code} but should have been refused: {answer.text}"]
        detail = str(problem.get("detail", ""))
        return [] if len(detail) > 15 and " " in detail else [f"detail {detail!r} helps nobody"]

    async def _surroundings(self, order: Json) -> Json:
        """Everything a refused order must leave as it was: its line, what the phone gets, the SIMs it names."""
        ((name, value),) = order["line"].items()
        msisdn = value if name == "msisdn" else self._number_of.get(f"{name} {value}")
        details = order["details"]
        sims = {value for key, value in ({"line": order["line"].get("iccid")} | details).items() if "iccid" in key}
        seen: Json = {}
        for number in {msisdn, details.get("new_msisdn")} - {None}:
            line = await self.line(str(number))
            for due in line.get("due", []):
                due["proposed_at"] = None  # whatever is asked, what is due is proposed when its time has come
            seen[f"line {number}"] = line
            for at in _PROBED if "imsi" in line else ():
                seen[f"{at} {number}"] = await self.probe(line["imsi"], at)
        for iccid in sims:
            seen[f"sim {iccid}"] = (await answered(self.gateway, "GET", f"/v1/sims/{iccid}")).json()
        return seen


@asynccontextmanager
async def player(gateway_url: str, network_url: str, token: str) -> AsyncIterator[Player]:
    """Open the connections of one client."""
    headers = {"Authorization": f"Bearer {token}"}
    timeout = httpx.Timeout(20.0, connect=5.0)
    async with (
        httpx.AsyncClient(base_url=gateway_url, headers=headers, timeout=timeout, trust_env=False) as gateway,
        httpx.AsyncClient(base_url=network_url, timeout=timeout, trust_env=False) as network,
    ):
        yield Player(gateway, network)


async def answered(client: httpx.AsyncClient, method: str, path: str, **content: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own keywords
    """Ask until there is an answer: whoever is asked may be dead for a while."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _PATIENCE_S
    while True:
        try:
            answer = await client.request(method, path, **content)
        except httpx.TransportError:
            if loop.time() > until:
                raise
            await asyncio.sleep(0.05)
            continue
        if answer.status_code not in (429, 503) or loop.time() > until:
            return answer
        await asyncio.sleep(0.2)


def differences(expected: Json, seen: Json) -> list[str]:
    """Compare what is expected, under dotted names, with what is seen; what is not expected does not matter."""
    wrong = []
    for name, value in expected.items():
        if name in ("state", "dead_imsi", "twin_imsi"):
            continue  # of the order, not of the line
        is_seen = _at(name, seen)
        if isinstance(value, dict):
            wrong += [f"{name}.{what}" for what in differences(value, is_seen if isinstance(is_seen, dict) else {})]
        elif is_seen != value and not (value == "refused" and str(is_seen).startswith("refused:")):
            wrong.append(f"{name} is {is_seen!r}, not {value!r}")
    return wrong


def _at(name: str, seen: Json) -> object:
    found: object = seen
    for key in name.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def facts_amiss(order: Json) -> list[str]:
    """Check that accepted, stored and effective are told apart, and in their order."""
    accepted, stored = (datetime.fromisoformat(order[name]) for name in ("accepted_at", "stored_at"))
    wrong = [] if accepted <= stored else [f"stored at {stored}, accepted only at {accepted}"]
    match order["effective"], order["effective_at"]:
        case "now", str(at) if datetime.fromisoformat(at) >= stored:
            pass
        case "next_registration", None:
            pass
        case told:
            wrong.append(f"effective: {told}")
    if order["action"] == "activate" and order["effective"] != "next_registration":
        wrong.append("no phone can have registered with a SIM that was unknown until now")
    return wrong
