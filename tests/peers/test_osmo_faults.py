"""A real OsmoHLR in trouble: its database locked, itself killed or standing still, its rows changed by another hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.cards import Card, card
from tests.peers.osmo_hlr import OsmoHlr, osmo_hlr
from tests.peers.osmo_site import ENDED, PLMN, OsmoSite, osmo_site

LINES = 300
CARDS = [card(n, PLMN) for n in range(1, LINES + 1)]
SPARE = [card(n, PLMN) for n in range(1001, 1041)]


def number(n: int) -> str:
    return f"+4917{n:08d}"


@pytest.fixture
async def hlr() -> AsyncIterator[OsmoHlr]:
    async with osmo_hlr() as started:
        yield started


@pytest.fixture
async def site(tmp_path: Path, hlr: OsmoHlr) -> AsyncIterator[OsmoSite]:
    async with osmo_site(tmp_path, hlr) as opened:
        await opened.stock([*CARDS, *SPARE])
        yield opened


async def all_ended(site: OsmoSite, orders: list[str], wait_s: float = 90) -> dict[str, dict[str, Any]]:
    async with asyncio.timeout(wait_s):
        return {order: await site.until(order, wait_s=wait_s) for order in orders}


async def activated(site: OsmoSite, cards: list[Card]) -> list[str]:
    """Order a line for each card, many at once."""
    room = asyncio.Semaphore(16)

    async def one(n: int, its: Card) -> str:
        async with room:
            return str((await site.activate(its, number(n), "data"))["id"])

    return await asyncio.gather(*(one(n, its) for n, its in enumerate(cards, 1)))


async def test_while_its_database_is_locked_orders_wait_and_then_are_done(site: OsmoSite, hlr: OsmoHlr) -> None:
    await site.opened(CARDS[0], number(1), "data")
    with hlr.locked():
        suspended = (await site.post("suspend", number(1), reason="unpaid"))["id"]
        new = (await site.activate(CARDS[1], number(2), "data"))["id"]
        changed = (await site.activate(CARDS[2], number(3)))["id"]
        for order in (suspended, new, changed):
            held = await site.until(order, "held")
            assert "busy" in held["waiting_for"]
        await asyncio.sleep(0.5)
        assert {(await site.order(order))["state"] for order in (suspended, new, changed)} == {"held"}
    ended = await all_ended(site, [suspended, new, changed])
    assert {order["state"] for order in ended.values()} == {"completed"}
    wished = [(number(n).removeprefix("+"), *domains) for n, domains in ((1, (0, 0)), (2, (1, 1)), (3, (1, 0)))]
    assert [site.held(CARDS[n].imsi) for n in range(3)] == wished


async def test_killed_under_load_nothing_fails_and_nothing_is_lost(site: OsmoSite, hlr: OsmoHlr) -> None:
    posting = asyncio.create_task(activated(site, CARDS))
    for after_s in (0.5, 0.7):
        await asyncio.sleep(after_s)
        hlr.kill()
        await asyncio.sleep(0.2)
        await hlr.start()
    ended = await all_ended(site, await posting)
    assert {order["state"] for order in ended.values()} == {"completed"}
    assert [order["error"] for order in ended.values() if order.get("error")] == []
    for n, its in enumerate(CARDS, 1):
        assert site.held(its.imsi) == (number(n).removeprefix("+"), 1, 1)
        assert site.has_keys(its.imsi)


async def test_frozen_for_ten_seconds_orders_are_held_and_late_answers_not_mistaken(
    site: OsmoSite, hlr: OsmoHlr
) -> None:
    await all_ended(site, await activated(site, CARDS[:40]))
    hlr.freeze()
    orders = {n: (await site.post("suspend", number(n), reason="unpaid"))["id"] for n in range(1, 21)}
    await asyncio.sleep(5)
    assert {(await site.order(order))["state"] for order in orders.values()} == {"held"}
    lifted = {n: (await site.post("reactivate", number(n)))["id"] for n in range(1, 11)}
    await asyncio.sleep(5)
    hlr.thaw()
    ended = await all_ended(site, [*orders.values(), *lifted.values()])
    assert {order["state"] for order in ended.values()} == {"completed"}
    rows = {n: site.held(CARDS[n - 1].imsi) for n in range(1, 41)}
    closed = [n for n, row in rows.items() if row is not None and row[1:] == (0, 0)]
    assert closed == list(range(11, 21))


async def test_a_gateway_killed_in_the_middle_of_swaps_leaves_one_working_sim_each(site: OsmoSite) -> None:
    await all_ended(site, await activated(site, CARDS[:40]))
    orders = []
    for n, new in enumerate(SPARE, 1):
        orders.append((await site.post("swap_sim", number(n), new_iccid=new.iccid, reason="other"))["id"])
        if n % 8 == 0:
            site.gateway.kill()
            site.start_gateway()
            site.gateway.ready()
    ended = await all_ended(site, orders)
    assert {order["state"] for order in ended.values()} == {"completed"}
    for n, (old, new) in enumerate(zip(CARDS, SPARE, strict=False), 1):
        assert site.held(new.imsi) == (number(n).removeprefix("+"), 1, 1)
        assert site.has_keys(new.imsi)
        assert site.held(old.imsi) is None


async def test_rows_changed_by_another_hand_are_found_and_mended(site: OsmoSite, hlr: OsmoHlr) -> None:
    await all_ended(site, await activated(site, CARDS[:40]))
    touched = {1: "nam_cs = 0", 2: "nam_ps = 0", 3: "msisdn = '4917999'"}
    for n, change in touched.items():
        hlr.query(f"UPDATE subscriber SET {change} WHERE imsi = ?", CARDS[n - 1].imsi)
    hlr.query("DELETE FROM subscriber WHERE imsi = ?", CARDS[3].imsi)
    found = await audited(site, "report")
    assert {(f["msisdn"], f["kind"]) for f in found} == {
        *((number(n), "different") for n in touched),
        (number(4), "missing"),
    }
    mended = await audited(site, "repair")
    assert len(mended) == len(found)
    await all_ended(site, [f["order_id"] for f in mended])
    assert await audited(site, "report") == []
    for n in (1, 2, 3, 4):
        assert site.held(CARDS[n - 1].imsi) == (number(n).removeprefix("+"), 1, 1)
        assert site.has_keys(CARDS[n - 1].imsi)


async def audited(site: OsmoSite, policy: str) -> list[dict[str, Any]]:
    """Run an audit of everything to its end; return what it found."""
    answer = await site.web.post("/v1/audits", json={"policy": policy})
    assert answer.status_code == 202, answer.text
    audit = answer.json()["id"]
    async with asyncio.timeout(60):
        while (shown := (await site.web.get(f"/v1/audits/{audit}")).json())["state"] not in ENDED:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.05)
    assert shown["state"] == "completed", shown
    return list((await site.web.get(f"/v1/audits/{audit}/findings?limit=200")).json()["items"])


async def test_an_audit_killed_in_the_middle_of_its_repairs_goes_on(site: OsmoSite, hlr: OsmoHlr) -> None:
    await all_ended(site, await activated(site, CARDS))
    shut = [its.imsi for its in CARDS[::3]]
    for imsi in shut:
        hlr.query("UPDATE subscriber SET nam_cs = 0, nam_ps = 0 WHERE imsi = ?", imsi)
    started = await site.web.post("/v1/audits", json={"policy": "repair"})
    page = f"/v1/audits/{started.json()['id']}"
    for _ in range(3):
        await asyncio.sleep(0.1)
        site.gateway.kill()
        site.start_gateway()
        site.gateway.ready()
    async with asyncio.timeout(60):
        while (await site.web.get(page)).json()["state"] == "running":  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.05)
    found = list((await site.web.get(f"{page}/findings?limit=200")).json()["items"])
    assert sorted(f["imsi"] for f in found) == sorted(shut)
    assert len({f["order_id"] for f in found}) == len(shut)
    await all_ended(site, [f["order_id"] for f in found])
    assert await audited(site, "report") == []
    assert hlr.query("SELECT sum(nam_cs), sum(nam_ps) FROM subscriber") == [(LINES, LINES)]
