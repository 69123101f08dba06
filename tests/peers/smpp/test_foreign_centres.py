"""Our ESME at message centres whose libraries know nothing of it, in good and in bad weather."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.commands import Submitted
from drivers.dialects.smpp.delivery import MessageState
from drivers.errors import InDoubt
from drivers.esme.config import Speed
from tests.peers.smpp.centres import EARLY, LONG_DATES, PLAIN, THR, UUID, Manner, node_smsc, perl_smsc
from tests.peers.smpp.ours import CONFIG, FIRST, OurEsme, ids, our_esme
from tests.peers.smpp.scripted import until

_LONG = "Vous avez reçu un avertissement 🎉 : 80 % de 20 Go, il reste 4 Go jusqu'au 30 novembre. Détails au 700."
_WINDOW = CONFIG.speed.window


@pytest.mark.parametrize("manner", [PLAIN, UUID, EARLY, LONG_DATES], ids=["plain", "uuid", "early", "long dates"])
async def test_two_thousand_messages_have_their_receipts_from_node_smpp(tmp_path: Path, manner: Manner) -> None:
    count = 2000 if manner is PLAIN else 200
    with node_smsc(tmp_path, manner) as centre:
        async with our_esme(centre) as ours:
            fates = await ours.send_all([f"message {n}" for n in range(count)])
            await until(lambda: len(ours.receipts) >= count, "every receipt is there")
            await until(lambda: len(centre.told("receipt_taken")) == count, "every receipt is acknowledged")
        assert _delivered(ours) == ids(fates)
        assert sorted(message["text"] for message in centre.messages) == sorted(f"message {n}" for n in range(count))
        assert {event["status"] for event in centre.told("receipt_taken")} == {0}


async def test_a_centre_that_throttles_every_tenth_gets_each_message_in_the_end(tmp_path: Path) -> None:
    with node_smsc(tmp_path, THR) as centre:
        async with our_esme(centre, replace(CONFIG, throttling=frozenset())) as ours:
            fates = await ours.send_all([str(n) for n in range(2000)])
            await until(lambda: len(ours.receipts) >= 2000, "every receipt is there")
        assert _delivered(ours) == ids(fates)
        assert sorted(int(message["text"]) for message in centre.messages) == list(range(2000))
        assert ours.throttled == len(centre.told("throttled")) >= 200


async def test_throttling_slows_us_down_but_loses_nothing(tmp_path: Path) -> None:
    with node_smsc(tmp_path, THR) as centre:
        async with our_esme(centre, replace(CONFIG, speed=Speed(per_s=500, throttle_pause_s=0.05))) as ours:
            fates = await ours.send_all([str(n) for n in range(40)])
            await until(lambda: len(ours.receipts) >= 40, "every receipt is there")
        assert _delivered(ours) == ids(fates)
        assert ours.throttled >= 4


async def test_net_smpp_takes_five_hundred_and_its_receipts_are_matched(tmp_path: Path) -> None:
    with perl_smsc(tmp_path) as centre:
        async with our_esme(centre) as ours:
            fates = await ours.send_all([f"message {n}" for n in range(500)])
            await until(lambda: len(ours.receipts) >= 500, "every receipt is there")
        assert _delivered(ours) == ids(fates)
        texts = sorted(bytes.fromhex(message["octets"]).decode("ascii") for message in centre.messages)
        assert texts == sorted(f"message {n}" for n in range(500))


async def test_a_text_in_two_parts_is_read_back_by_node_smpp_exactly(tmp_path: Path) -> None:
    with node_smsc(tmp_path) as centre:
        async with our_esme(centre) as ours:
            fates = await ours.send(FIRST, _LONG)
        first, second = centre.messages
    assert len(ids(fates)) == 2
    assert first["text"] + second["text"] == _LONG
    assert [part["data_coding"] for part in (first, second)] == [8, 8]
    assert [part["udh"] for part in (first, second)] == [["0003010201"], ["0003010202"]]


@pytest.mark.parametrize(
    ("text", "data_coding"),
    [("Alerte 🎉🇫🇷", 8), ("Été {5} € [80 %] ~ ^ | \\ @ _ Ω", 0), ("ça coûte 5 €", 8)],
    ids=["emoji", "default alphabet", "no cedilla there"],
)
async def test_a_text_arrives_at_node_smpp_as_it_was_written(tmp_path: Path, text: str, data_coding: int) -> None:
    with node_smsc(tmp_path) as centre:
        async with our_esme(centre) as ours:
            await ours.send(FIRST, text)
        (message,) = centre.messages
    assert (message["text"], message["data_coding"]) == (text, data_coding)
    assert (message["sender"], message["to"], message["udh"]) == ("MVNO", str(FIRST), [])


async def test_a_centre_killed_in_mid_window_leaves_nobody_without_an_answer(tmp_path: Path) -> None:
    with node_smsc(tmp_path) as centre:
        async with our_esme(centre) as ours:
            sending = asyncio.create_task(ours.send_all([str(n) for n in range(1000)]))
            await until(lambda: len(centre.messages) >= 100, "it is in the middle of it")
            centre.kill()
            before = len(centre.messages)
            centre.start_again()
            fates = await sending
        doubtful = [n for n, fate in enumerate(fates) if isinstance(fate, InDoubt)]
        taken = [n for n, fate in enumerate(fates) if isinstance(fate, Submitted)]
        arrived = [int(message["text"]) for message in centre.messages]
    assert before < 1000
    assert len(doubtful) <= _WINDOW
    assert len(taken) + len(doubtful) == 1000
    assert set(taken) <= set(arrived)
    assert len(arrived) == len(set(arrived)), "what is in doubt was repeated"


async def test_we_are_let_in_again_by_a_centre_that_was_away(tmp_path: Path) -> None:
    with node_smsc(tmp_path) as centre:
        async with our_esme(centre) as ours:
            await ours.send(FIRST, "before")
            centre.kill()
            await until(lambda: not ours.esme.usable, "we know that it is gone")
            centre.start_again()
            fates = await ours.send(FIRST, "after")
    assert [message["text"] for message in centre.messages] == ["before", "after"]
    assert ids(fates) == ["1"]


async def test_a_silent_line_is_kept_alive_and_left_with_an_unbind(tmp_path: Path) -> None:
    timers = replace(CONFIG.timers, enquire_link_s=0.5, response_s=1)
    with node_smsc(tmp_path) as centre:
        async with our_esme(centre, replace(CONFIG, timers=timers)):
            await until(lambda: len(centre.told("enquire_link")) >= 2, "it has been asked after twice")
        await until(lambda: len(centre.told("unbind")) == 1, "it has been told that we go")
        assert len(centre.told("bound")) == 1


async def test_a_wrong_password_is_tried_once(tmp_path: Path) -> None:
    with node_smsc(tmp_path) as centre:
        async with our_esme(centre, replace(CONFIG, password="fakeBad1")) as ours:
            await until(lambda: len(centre.told("refused")) == 1, "it has refused us")
            await asyncio.sleep(1.0)  # several of its ordinary pauses
            assert not ours.esme.usable
        assert len(centre.told("refused")) == 1


def _delivered(ours: OurEsme) -> list[str]:
    return sorted(receipt.message_id for receipt in ours.receipts if receipt.state is MessageState.DELIVERED)
