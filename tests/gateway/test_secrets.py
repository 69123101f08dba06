"""A whole life with known secrets and logging wide open: none of them may be found anywhere it has no business."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.journal.journal import Unit
from gateway.journal.sqlite import SqliteJournal
from gateway.orders import records
from gateway.stock.vault import load_key
from hlr_sim.faults import Kind
from tests.gateway.api.conftest import Shop, activation, http, order, shop
from tests.gateway.cards import card, vendor_file
from tests.gateway.rig import PASSWORD, TOKEN, Rig

NUMBER, OTHER = "+33612345678", "+33612345679"
CARDS = [card(n) for n in range(60, 66)]
SECRETS = [PASSWORD, TOKEN, *(secret for one in CARDS for secret in one.secrets)]
__all__ = ["http", "shop"]  # the fixtures of the REST contract, used here too


async def _live(shop: Shop, answers: list[str]) -> None:
    """A line from its birth to its end, with everything that can go wrong on the way; answers are collected."""

    async def place(body: dict[str, object]) -> None:
        answers.append((await shop.place(body, params={"dry_run": "true"})).text)
        placed = await shop.place(body)
        answers.append(placed.text)
        if placed.status_code == 202:
            await shop.rig.until(placed.json()["id"])
            answers.append((await shop.get(placed.json()["href"])).text)

    imported = await shop.post("/v1/sims/import", content=vendor_file(CARDS))
    answers.append(imported.text)
    spoiled = vendor_file(CARDS).replace(CARDS[0].ki, CARDS[0].ki + "0").replace(CARDS[1].puk1, CARDS[1].puk1 + "0")
    answers.append((await shop.post("/v1/sims/import", content=spoiled)).text)
    shop.rig.sim.fault(Kind.GARBAGE, "PutKeys")
    shop.rig.sim.fault(Kind.REFUSE, "CreateSubscriber")
    await place(activation(CARDS[0], NUMBER))
    shop.rig.sim.fault(Kind.HALF_LINE, "PutKeys")
    await place(activation(CARDS[0], NUMBER))
    await place(order("report_lost", NUMBER, reason="stolen"))
    shop.rig.sim.fault(Kind.SILENT, "PutKeys")
    await place(order("swap_sim", NUMBER, new_iccid=CARDS[1].iccid, reason="stolen"))
    await place(order("change_number", NUMBER, new_msisdn=OTHER))
    await place(order("terminate", OTHER))
    paths = ["/v1/orders", f"/v1/lines/{OTHER}", f"/v1/lines/{OTHER}/history", "/metrics", "/openapi.json"]
    paths += [f"/v1/sims/{one.iccid}" for one in CARDS]
    answers += [(await shop.get(path)).text for path in paths]


def _found(text: str | bytes) -> list[str]:
    raw = text if isinstance(text, bytes) else text.encode()
    return [secret for secret in SECRETS if secret.encode() in raw]


async def test_nothing_tells_a_secret(shop: Shop, rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    answers: list[str] = []
    await _live(shop, answers)
    assert not _found("\n".join(answers))
    assert not _found(caplog.text)
    gateway = rig.gateway
    shown = [gateway, gateway.settings, gateway.vault, gateway.shelf, gateway.engine, gateway.network, gateway.judge]
    assert not _found(" ".join(f"{one!r} {one}" for one in shown))
    files = [*gateway.settings.data.rglob("*"), *rig.sim.directory.rglob("*")]
    assert {file.name for file in files} >= {"journal.db", "journal.db-wal", "vault.key", "orange.sqlite"}
    assert not {file.name: told for file in files if file.is_file() and (told := _found(file.read_bytes()))}


async def test_pins_are_nowhere_beside_the_vault(shop: Shop, rig: Rig) -> None:
    """Four digits occur by chance in any file: they are looked for where they would stand, in the text of rows."""
    answers: list[str] = []
    await _live(shop, answers)
    rows = [tuple(row) for table in ("sims", "events", "orders", "steps") for row in await rig.all_rows(table)]
    texts = [value for row in rows for value in row if isinstance(value, str)]
    pins = {pin for one in CARDS for pin in (one.pin1, one.pin2)}
    assert not pins & set(texts)
    assert not [text for text in answers for pin in pins if f'"{pin}"' in text]


async def test_the_keys_reach_the_network_all_the_same(shop: Shop, rig: Rig) -> None:
    answers: list[str] = []
    await shop.post("/v1/sims/import", content=vendor_file(CARDS))
    await shop.done(activation(CARDS[2], NUMBER))
    keys = rig.sim.hlrs["orange"].store.keys(CARDS[2].imsi)
    assert not answers
    assert keys is not None
    assert (keys.ki, keys.opc) == (CARDS[2].ki, CARDS[2].opc)


async def test_files_with_sealed_secrets_are_their_owners_alone(tmp_path: Path) -> None:
    """Both are made here by those who make them in production: the rig's journal is a copy of a blank one."""
    journal = SqliteJournal(tmp_path / "journal.db")
    load_key(None, tmp_path / "vault.key")
    unit = Unit()
    records.add_notice(unit, "told", datetime.now(UTC), None)
    await journal.commit(unit)
    modes = _modes(tmp_path)
    await journal.close()
    assert modes == dict.fromkeys(("journal.db", "journal.db-wal", "journal.db-shm", "vault.key"), 0o600)


def _modes(directory: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in directory.iterdir() if file.suffix != ".lock"}
