"""Scripted misfortune for an element under live traffic, and what its own log tells about how it was met."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterable, Mapping

import httpx

from tests.crash.ledger import Ledger
from tests.journeys.agreement import Json
from tests.journeys.story import Story

ELEMENTS = ("orange", "sfr", "smsc")
#: kinds after which the gateway cannot know whether its command was carried out. Not ``late`` and ``freeze``: there an
#: element goes on with what an abandoned connection had brought it, and its log no longer tells when that was sent
LEAVES_IN_DOUBT = frozenset({"silent", "lost", "drop_before", "drop_after", "half_line", "garbage"})
_SAYS_NOTHING = "CancelLocation"  # states nothing that could be read back, and may be repeated
_COMMANDS = ("*", "*", "*", "PutKeys", "CreateSubscriber", "Provide", "Provide", "ChangeImsi", "ReadSubscriber")
_PAGE = 1000
_LINGERING_S = 4.0


async def strike(network: httpx.AsyncClient, kind: str, seed: str, ledger: Ledger, times: int) -> int:
    """Script one misfortune after another while orders come in, then let it be; return how many struck."""
    chance = random.Random(f"{seed}-{kind}")
    for n in range(times):
        await ledger.until(4 * n)
        element = ELEMENTS[n % len(ELEMENTS)]
        match = "SendSms" if element == "smsc" else chance.choice(_COMMANDS)
        fault: Json = {"element": element, "kind": kind, "match": match, "after": chance.randrange(2)}
        fault["count"] = chance.randint(1, 3) if kind != "busy" else 8
        if kind in ("late", "freeze"):
            fault["delay_s"] = 1.6  # the gateway's patience here is one second
        faults = [fault]
        if kind == "refuse_connect":
            faults = [fault | {"count": 4, "after": 0}, {"element": element, "kind": "drop_after", "match": match}]
        answer = await network.post("/faults", json=faults)
        assert answer.status_code == 201, answer.text
        await asyncio.sleep(chance.uniform(0, 0.06))
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ledger.finished.wait(), _LINGERING_S)
    struck = sum(fault["struck"] for fault in (await network.get("/faults")).json()["items"])
    await network.delete("/faults")
    return int(struck)


async def log_of(network: httpx.AsyncClient, element: str, since: int) -> list[Json]:
    """Return everything an element has heard after entry ``since``."""
    heard: list[Json] = []
    while True:
        page = (await network.get(f"/elements/{element}/log", params={"since": since})).json()
        heard += page["items"]
        since = page["last"]
        if len(page["items"]) < _PAGE:
            return heard


def acted_blindly(heard: Iterable[Json], line_of: Mapping[str, int]) -> list[str]:
    """Tell where a line's command that was never answered was followed by anything but a look."""
    blind: list[str] = []
    unanswered: dict[int, Json] = {}
    for entry in heard:
        line = line_of.get(entry["imsi"] or "")
        if line is None:
            continue
        earlier = unanswered.pop(line, None)
        if earlier is not None and not entry["command"].startswith("Read"):
            blind.append(f"{earlier} was followed by {entry}")
        if entry["fault"] in LEAVES_IN_DOUBT and entry["command"] != _SAYS_NOTHING:
            unanswered[line] = entry
    return blind


def lines_by_imsi(stories: Iterable[Story]) -> dict[str, int]:
    """Say to which line each IMSI belongs or once belonged."""
    return {imsi: id(line) for story in stories for line in story.lines for imsi in story.imsis_of(line)}
