"""Handsets kept out by every register there is: durable when asked, however long a register is away, read back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from hlr_sim.eir.register import Eir
from hlr_sim.faults import Kind
from tests.gateway.api.conftest import Shop
from tests.gateway.api.losses import report, taken
from tests.gateway.cards import card
from tests.gateway.handsets.registers import BY, IMEI, add_registers, block, closed, shop_with, unblock, until
from tests.gateway.rig import SimNetwork, Time

OTHER = "490154203237518"


@pytest.fixture
def registers(sim: SimNetwork) -> Iterator[dict[str, Eir]]:
    found = add_registers(sim, "eir", "eir-2")
    yield found
    closed(found)


@pytest.fixture
async def shop(tmp_path: Path, sim: SimNetwork, time: Time, registers: dict[str, Eir]) -> AsyncIterator[Shop]:
    async with shop_with(tmp_path / "data", sim, time, *registers) as made:
        yield made


def _blocked(registers: dict[str, Eir]) -> list[bool]:
    return [register.is_blocked(IMEI) for register in registers.values()]


async def test_every_register_is_told_and_read_back(shop: Shop, registers: dict[str, Eir]) -> None:
    answer = await block(shop)
    assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/handsets/{IMEI}")
    told = await until(shop, "blocked")
    assert _blocked(registers) == [True, True]
    assert (told["reason"], told["requested_by"]) == ("stolen", BY)
    assert [(e["element"], e["state"]) for e in told["elements"]] == [("eir", "confirmed"), ("eir-2", "confirmed")]
    assert datetime.fromisoformat(told["asked_at"]) < datetime.fromisoformat(told["confirmed_at"])
    assert shop.rig.sim.log("eir")[-1].command == "ReadImei"


async def test_it_is_let_in_again(shop: Shop, registers: dict[str, Eir]) -> None:
    await block(shop)
    await until(shop, "blocked")
    assert (await unblock(shop)).status_code == 202
    await until(shop, "unblocked")
    assert _blocked(registers) == [False, False]
    words = [row["type"] for row in await shop.rig.all_rows("events") if row["type"].startswith("handset.")]
    asked, done = "handset.{}_requested", "handset.{}ed"
    expected = [f.format(w) for w in ("block", "unblock") for f in (asked, done, done)]
    assert words == expected


async def test_one_handset_is_one_however_its_imei_ends(shop: Shop) -> None:
    await block(shop)
    await until(shop, "blocked", IMEI[:14])
    assert (await unblock(shop, IMEI[:14] + "07")).status_code == 202
    assert (await until(shop, "unblocked"))["imei"] == IMEI[:14] + "07"
    assert len((await shop.get("/v1/handsets")).json()["items"]) == 1


async def test_what_is_wished_already_is_said_to_nobody_again(shop: Shop) -> None:
    await block(shop)
    first = await until(shop, "blocked")
    heard = len(shop.rig.sim.log("eir"))
    assert (await block(shop, reason="fraud")).json() == first
    await asyncio.sleep(0.05)
    assert len(shop.rig.sim.log("eir")) == heard


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.LOST])
async def test_in_doubt_means_look(shop: Shop, registers: dict[str, Eir], kind: Kind) -> None:
    shop.rig.sim.fault(kind, "BlockImei", element="eir")
    await block(shop)
    await until(shop, "blocked")
    said = [entry.command for entry in shop.rig.sim.log("eir") if entry.command in ("BlockImei", "ReadImei")]
    assert said.count("BlockImei") == (1 if kind is Kind.SILENT else 2)
    assert ("BlockImei", "BlockImei") not in pairwise(said)
    assert (said[0], said[-1]) == ("ReadImei", "ReadImei")
    assert _blocked(registers) == [True, True]


async def test_a_register_that_is_away_holds_no_other_up_and_is_told_later(
    shop: Shop, registers: dict[str, Eir]
) -> None:
    shop.rig.sim.fault(Kind.REFUSE_CONNECT, element="eir", count=None)
    await block(shop)
    async with asyncio.timeout(60):
        while not registers["eir-2"].is_blocked(IMEI):  # noqa: ASYNC110 - a register tells nobody
            await asyncio.sleep(0.01)
    assert (await shop.get(f"/v1/handsets/{IMEI}")).json()["state"] == "blocking"
    shop.rig.sim.faults.clear()
    await until(shop, "blocked")
    assert _blocked(registers) == [True, True]


async def test_a_stop_in_the_middle_loses_no_wish(
    tmp_path: Path, sim: SimNetwork, time: Time, registers: dict[str, Eir]
) -> None:
    async with shop_with(tmp_path / "data", sim, time, *registers) as shop:
        sim.fault(Kind.REFUSE_CONNECT, element="eir", count=None)
        await block(shop)
        await block(shop, OTHER)
    sim.faults.clear()
    async with shop_with(tmp_path / "data", sim, time, *registers) as shop:
        await until(shop, "blocked")
        await until(shop, "blocked", OTHER)
    assert _blocked(registers) == [True, True]


async def test_a_register_that_says_no_is_shown_and_can_be_asked_again(shop: Shop, registers: dict[str, Eir]) -> None:
    shop.rig.sim.fault(Kind.REFUSE, "BlockImei", element="eir", why="forbidden")
    await block(shop)
    told = await until(shop, "refused")
    assert [(e["element"], e["state"]) for e in told["elements"]] == [("eir", "refused"), ("eir-2", "confirmed")]
    await block(shop)
    await until(shop, "blocked")
    assert _blocked(registers) == [True, True]


async def test_the_last_word_counts_even_while_a_register_is_away(shop: Shop, registers: dict[str, Eir]) -> None:
    shop.rig.sim.fault(Kind.REFUSE_CONNECT, element="eir", count=None)
    await block(shop)
    await unblock(shop)
    shop.rig.sim.faults.clear()
    await until(shop, "unblocked")
    assert _blocked(registers) == [False, False]


async def test_what_is_no_imei_and_what_is_unknown(shop: Shop) -> None:
    assert (await block(shop, "12345")).status_code == 422
    wrong = await block(shop, IMEI[:14] + "0")
    assert (wrong.status_code, wrong.json()["type"]) == (409, "/problems/imei-check-digit")
    assert (await unblock(shop)).status_code == 404
    assert (await shop.get(f"/v1/handsets/{IMEI}")).status_code == 404


async def test_without_a_register_it_is_said_what_to_do(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    async with shop_with(tmp_path / "data", sim, time) as shop:
        answer = await block(shop)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-supported")
        assert "elements.toml" in answer.json()["detail"]


async def test_a_loss_report_has_the_handset_kept_out_too(shop: Shop, registers: dict[str, Eir]) -> None:
    await shop.rig.stock(card(1))
    assert await shop.rig.until(await shop.rig.activate(card(1), "+33612345678")) == "completed"
    told = await taken(shop, report({"imsi": card(1).imsi, "imei": IMEI}, {"msisdn": "+33600000000", "imei": OTHER}))
    assert told["items"][0]["handset"] == {"imei": IMEI, "href": f"/v1/handsets/{IMEI}"}
    handset = await until(shop, "blocked")
    assert (handset["reason"], handset["reference"]) == ("stolen", told["items"][0]["id"])
    assert _blocked(registers) == [True, True]
    assert (await shop.get(f"/v1/handsets/{OTHER}")).status_code == 404
    assert await shop.rig.until(told["items"][0]["id"]) == "completed"


async def test_a_loss_is_taken_where_no_register_is(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    async with shop_with(tmp_path / "data", sim, time) as shop:
        await shop.rig.stock(card(1))
        assert await shop.rig.until(await shop.rig.activate(card(1), "+33612345678")) == "completed"
        told = await taken(shop, report({"imsi": card(1).imsi, "imei": IMEI}))
        assert told["items"][0]["handset"]["problem"]["type"] == "/problems/not-supported"
        assert await shop.rig.until(told["items"][0]["id"]) == "completed"
