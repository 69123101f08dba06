"""An element refuses in the middle of an order: what was done is taken back, even if the gateway dies over it."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator

import pytest

from tests.journeys.agreement import Json
from tests.journeys.player import player
from tests.journeys.site import TOKEN, Site
from tests.journeys.story import Case, Story

SEED = os.environ.get("LINEGATE_TEST_SEED", "greta")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    opened = Site(tmp_path_factory.mktemp("undone"))
    yield opened
    opened.end()


def opening(story: Story, name: str) -> Case:
    """A line on the first host with nothing on it but data."""
    card, msisdn = story.fresh_card("orange"), story.stock.number()
    action, line, details = story.activation(msisdn, card, options=["data"], plan="metered")
    order = {"external_id": name, "action": action, "line": line, "details": details}
    expect = {"state": "completed", "line_state": "active", "msisdn": msisdn, "imsi": card.imsi}
    seen = {"home": {"attach": "accepted", "data.allowed": True, "rats": ["2g", "3g"], "voice_out.national": True}}
    return Case(order, {**expect, **seen, "abroad": {"attach": "refused:roaming"}})


def doomed(story: Story, action: str) -> Json:
    """Details of an order that takes several commands."""
    card = story.fresh_card("orange")
    possible: dict[str, Json] = {
        "swap_sim": {"new_iccid": card.iccid, "reason": "damaged"},
        "change_options": {"add": ["4g", "roaming", "iphone"], "remove": ["data"]},
        "bar_outgoing": {"reason": "unpaid"},
        "change_number": {"new_msisdn": story.stock.number()},
        "terminate": {},
    }
    return possible[action]


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize(
    ("action", "command", "after"),
    [
        ("swap_sim", "PutKeys", 0),
        ("swap_sim", "ChangeImsi", 0),
        ("swap_sim", "RemoveKeys", 0),
        ("change_options", "Provide", 1),
        ("change_options", "Provide", 2),
        ("bar_outgoing", "Provide", 1),
        ("change_number", "ChangeMsisdn", 0),
        ("terminate", "RemoveKeys", 0),
    ],
)
async def test_a_refused_order_leaves_no_trace(
    site: Site, action: str, command: str, after: int, *, killed: bool
) -> None:
    name = f"{SEED}-{action}-{command}-{after}-{killed}"
    story = Story(name, site.stock)
    before, details = opening(story, f"{name}-open"), doomed(story, action)
    site.import_cards()
    async with player(site.gateway_url, site.sim_url, TOKEN) as client:
        assert await client.play(before) == [], REPLAY
        refusal: Json = {"element": "orange", "kind": "refuse", "match": command, "after": after}
        await client.network.post("/faults", json=[refusal] + [_busy()] * killed)
        order = {"external_id": name, "action": action, "line": before.order["line"], "details": details}
        answer = await client.post(order)
        if killed:
            await asyncio.sleep(random.Random(name).uniform(0, 0.8))
            site.gateway.kill()
            await asyncio.to_thread(site.start_gateway().ready)
        ended = await client.end_of(answer.json()["id"])
        assert (ended["state"], ended["stored_at"], ended["messages"]) == ("failed", None, []), REPLAY
        assert "orange refused" in ended["error"]["detail"]
        assert await client.line_differences(before) == [], REPLAY
        if action == "swap_sim":
            sim = (await client.gateway.get(f"/v1/sims/{details['new_iccid']}")).json()
            assert sim["state"] == "stock", REPLAY
        again = await client.post(order | {"external_id": f"{name}-again"})
        assert (await client.end_of(again.json()["id"]))["state"] == "completed", REPLAY


def _busy() -> Json:
    return {"element": "orange", "kind": "busy", "match": "*", "count": 5}
