"""What a phone gets from a real OsmoHLR when the gateway has done its orders: asked by a VLR and an SGSN over GSUP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.gateway.cards import Card, card
from tests.peers import gsup
from tests.peers.gsup import GPRS_NOT_ALLOWED, IMSI_UNKNOWN, PLMN_NOT_ALLOWED
from tests.peers.osmo_hlr import OsmoHlr, osmo_hlr
from tests.peers.osmo_site import PLMN, OsmoSite, osmo_site

NUMBER, OTHER = "+491700000001", "+491700000002"


@dataclass
class Scene:
    """A gateway, a register, and the two nodes that serve phones."""

    site: OsmoSite
    hlr: OsmoHlr
    vlr: gsup.Node
    sgsn: gsup.Node

    async def updates(self, imsi: str) -> tuple[int | None, int | None]:
        """Try both domains; ``None`` is accepted, a number the cause of refusal."""
        return await self.vlr.location_update(imsi, gsup.CS), await self.sgsn.location_update(imsi, gsup.PS)


async def kinds(node: gsup.Node, imsi: str) -> set[int]:
    """What a node was told of a phone unasked (this HLR tells each node of either domain, so some of it twice)."""
    await node.heard_all()
    return {message.kind for message in node.pushed(imsi)}


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        hlr = await stack.enter_async_context(osmo_hlr())
        site = await stack.enter_async_context(osmo_site(tmp_path, hlr))
        vlr = await stack.enter_async_context(gsup.Node(hlr.host, "VLR-test"))
        sgsn = await stack.enter_async_context(gsup.Node(hlr.host, "SGSN-test"))
        await site.stock([card(n, PLMN) for n in (1, 2)])
        yield Scene(site, hlr, vlr, sgsn)


@pytest.fixture
async def served(scene: Scene) -> Card:
    """The card of a line in service whose phone is registered in both domains."""
    opened = await scene.site.opened(card(1, PLMN), NUMBER, "data")
    assert opened["effective"] == "next_registration"
    assert await scene.updates(card(1, PLMN).imsi) == (None, None)
    return card(1, PLMN)


async def test_an_activated_line_is_let_in_and_nobody_else(scene: Scene, served: Card) -> None:
    assert await scene.updates(card(2, PLMN).imsi) == (IMSI_UNKNOWN, IMSI_UNKNOWN)
    assert scene.site.held(served.imsi) == (NUMBER.removeprefix("+"), 1, 1)


async def test_a_suspension_is_pushed_at_once_and_lifted_again(scene: Scene, served: Card) -> None:
    suspended = await scene.site.done("suspend", NUMBER, reason="unpaid")
    assert await kinds(scene.vlr, served.imsi) == {gsup.DELETE_DATA}
    assert await kinds(scene.sgsn, served.imsi) == {gsup.DELETE_DATA}
    assert await scene.updates(served.imsi) == (PLMN_NOT_ALLOWED, GPRS_NOT_ALLOWED)
    assert (suspended["effective"], suspended["effective_at"]) == ("now", suspended["stored_at"])
    line = await scene.site.line(NUMBER)
    assert (line["state"], line["effective"]) == ("suspended", "now")
    lifted = await scene.site.done("reactivate", NUMBER)
    assert (lifted["effective"], lifted["effective_at"]) == ("next_registration", None)
    assert await scene.updates(served.imsi) == (None, None)


async def test_data_alone_are_closed_and_opened(scene: Scene, served: Card) -> None:
    assert (await scene.site.done("change_options", NUMBER, remove=["data"]))["effective"] == "now"
    assert await kinds(scene.sgsn, served.imsi) == {gsup.DELETE_DATA}
    assert await scene.updates(served.imsi) == (None, GPRS_NOT_ALLOWED)
    assert (await scene.site.done("change_options", NUMBER, add=["data"]))["effective"] == "next_registration"
    assert await scene.updates(served.imsi) == (None, None)


async def test_a_new_number_is_pushed(scene: Scene, served: Card) -> None:
    changed = await scene.site.done("change_number", NUMBER, new_msisdn=OTHER)
    assert await kinds(scene.vlr, served.imsi) == {gsup.INSERT_DATA}
    assert (changed["effective"], changed["line"]) == ("now", {"msisdn": NUMBER})
    assert scene.site.held(served.imsi) == (OTHER.removeprefix("+"), 1, 1)


async def test_a_swap_leaves_exactly_the_new_sim(scene: Scene, served: Card) -> None:
    new = card(2, PLMN)
    swapped = await scene.site.done("swap_sim", NUMBER, new_iccid=new.iccid, reason="damaged")
    assert swapped["effective"] == "next_registration"
    assert await scene.updates(served.imsi) == (IMSI_UNKNOWN, IMSI_UNKNOWN)
    assert await scene.updates(new.imsi) == (None, None)
    assert scene.site.held(served.imsi) is None
    assert scene.site.held(new.imsi) == (NUMBER.removeprefix("+"), 1, 1)


async def test_a_terminated_line_is_told_to_its_nodes_and_gone(scene: Scene, served: Card) -> None:
    ended = await scene.site.done("terminate", NUMBER)
    assert await kinds(scene.vlr, served.imsi) == {gsup.DELETE_DATA}
    assert await scene.updates(served.imsi) == (IMSI_UNKNOWN, IMSI_UNKNOWN)
    assert (ended["effective"], (await scene.site.line(NUMBER))["state"]) == ("now", "terminated")
    assert scene.site.held(served.imsi) is None


@pytest.mark.parametrize(
    ("action", "details", "missing"),
    [
        ("bar_outgoing", {"reason": "unpaid"}, "cannot bar outgoing calls only"),
        ("change_options", {"add": ["roaming_block"]}, "cannot bar roaming"),
        ("change_options", {"add": ["4g"]}, "cannot restrict radio access"),
    ],
)
async def test_what_it_cannot_hold_is_rejected_before_anything_is_sent(
    scene: Scene, served: Card, action: str, details: dict[str, object], missing: str
) -> None:
    before = scene.site.held(served.imsi)
    rejected = await scene.site.until((await scene.site.post(action, NUMBER, **details))["id"])
    assert (rejected["state"], rejected["steps"]) == ("rejected", [])
    assert rejected["error"]["type"].endswith("not-supported")
    assert f"element osmo {missing}" in rejected["error"]["detail"]
    assert scene.site.held(served.imsi) == before
    assert await kinds(scene.vlr, served.imsi) == set()
    assert await scene.updates(served.imsi) == (None, None)
