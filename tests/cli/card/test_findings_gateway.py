"""What card work finds out beside a real gateway: a blocked PIN1 is known there, and keys may need a second person."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sim_readers.emulator.state import save
from tests.cli.card.cards import CONFIG, ICCIDS, Table
from tests.cli.card.conftest import Card
from tests.cli.card.gateways import NUMBER, Gateway, gateway_up
from tests.cli.conftest import Linegate, Start


@pytest.fixture
def stack(linegate: Linegate) -> Iterator[ExitStack]:
    """Ends a gateway whose address is in the environment, which ``linegate`` has cleared before."""
    del linegate
    with ExitStack() as held:
        yield held


@pytest.fixture
def gateway(start: Start, table: Table, monkeypatch: pytest.MonkeyPatch, stack: ExitStack) -> Gateway:
    return stack.enter_context(gateway_up(start, monkeypatch, table.cards))


def block(table: Table, iccid: str) -> str:
    """Put a finished card on the table whose PIN1 has no tries left; return the name of a reader with it."""
    reader = table.put(iccid, inside=True)
    made = table.card(iccid)
    made.inside.keys.by_name["pin1"].tries = 0
    save(made, table.file(iccid))
    return reader


def test_a_blocked_pin_is_known_at_the_gateway_whoever_finds_it(card: Card, table: Table, gateway: Gateway) -> None:
    applied = card("apply", table.job, "--reader", block(table, ICCIDS[0]), "--json")
    assert (applied.code, applied.document["pin_blocked"], "linegate card pin unblock" in applied.err) == (
        3,
        True,
        True,
    )
    batch = card("batch", table.job, "--once", "--yes", "--reader", block(table, ICCIDS[1]))
    assert (batch.code, "PIN1 is blocked" in batch.out) == (1, True)
    swap = card("swap", "--msisdn", NUMBER, "--reader", block(table, ICCIDS[2]))
    assert (swap.code, swap.err.count("PIN1 is blocked"), "not reported" in swap.err) == (1, 1, False)
    assert [gateway.state(iccid) for iccid in ICCIDS] == ["pin_blocked"] * 3
    assert gateway.trail(ICCIDS[0])["card.pin_blocked"]["detail"] == "PIN1 has no tries left"


def test_a_line_gets_another_card_without_a_word_why_the_old_one_went(
    card: Card, table: Table, gateway: Gateway, station: Path
) -> None:
    gateway.activate(ICCIDS[1])
    ended = card("swap", "--msisdn", NUMBER, "--reader", table.put(inside=True), "--json")
    assert (ended.code, ended.document["order"]["line_iccid"]) == (0, ICCIDS[0])
    kept = json.loads((station / "orders.jsonl").read_text().splitlines()[0])
    assert kept["order"]["details"]["reason"] == "other"


def test_where_two_must_agree_card_work_names_the_second(
    card: Card, table: Table, start: Start, monkeypatch: pytest.MonkeyPatch, stack: ExitStack
) -> None:
    shutil.copytree(CONFIG, table.directory / "config")
    settings = Path(table.directory / "config" / "linegate.toml")
    settings.write_text(settings.read_text().replace("second_person = false", "second_person = true"))
    gateway = stack.enter_context(gateway_up(start, monkeypatch, table.cards, "--config", str(settings.parent)))
    reader = table.put()
    for command in (("plan", table.job), ("apply", table.job), ("info", "--pin")):
        alone = card(*command, "--reader", reader)
        assert (alone.code, "--approved-by" in alone.err, "token" in alone.err) == (1, True, False)
    assert card("info", "--pin", "--reader", reader, "--approved-by", "Zoe").code == 0
    assert card("apply", table.job, "--reader", reader, "--approved-by", "Zoe").code == 0
    assert gateway.trail(ICCIDS[0])["keys.disclosed"]["approved_by"] == {"who": "Zoe", "channel": "card"}
