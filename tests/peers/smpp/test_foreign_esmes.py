"""Our simulated SMSC is a credible one to ESMEs whose libraries know nothing of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.peers.smpp.esmes import Job, Outcome, node_esme, node_esme_sends, perl_esme
from tests.peers.smpp.sim import Sim

_EMOJI = "Alerte 🎉 : 80 % de 20 Go, il reste 4 Go jusqu'au 30. ça continue "


def test_node_smpp_sends_two_thousand_and_gets_a_receipt_for_each(sim: Sim) -> None:
    outcome = node_esme(Job(sim.port, [f"message {n}" for n in range(2000)], window=10))
    assert outcome.statuses == {"0": 2000}
    assert len(set(outcome.ids)) == 2000
    assert outcome.delivered == outcome.taken


def test_net_smpp_sends_five_hundred_and_gets_a_receipt_for_each(sim: Sim) -> None:
    outcome = perl_esme(Job(sim.port, [f"message {n}" for n in range(500)], window=10))
    assert outcome.statuses == {"0": 500}
    assert len(set(outcome.ids)) == 500
    assert outcome.delivered == outcome.taken


@pytest.mark.parametrize("style", ["hex", "decimal", "zero_padded", "uuid"])
def test_ids_are_told_alike_in_answer_and_receipt_whatever_their_style(sim: Sim, style: str) -> None:
    sim.turn(message_id=style)
    outcome = node_esme(Job(sim.port, ["one", "two", "three"]))
    assert len(set(outcome.ids)) == 3
    assert outcome.delivered == outcome.taken


def test_receipts_before_the_answer_name_the_same_messages(sim: Sim) -> None:
    sim.turn(receipt_timing="before_resp")
    outcome = node_esme(Job(sim.port, ["early"] * 20))
    assert len(set(outcome.ids)) == 20
    assert outcome.delivered == outcome.taken


def test_a_receipt_goes_from_the_number_back_to_the_sender_and_its_text_can_be_read(sim: Sim) -> None:
    outcome = node_esme(Job(sim.port, ["one"]))
    (receipt,) = outcome.receipts
    assert (receipt["from"], receipt["to"], receipt["esm_class"]) == ("33600000000", "MVNO", 4)
    assert receipt["text"].startswith(f"id:{outcome.ids[0]} sub:001 dlvrd:001 submit date:")
    assert " stat:DELIVRD err:000" in receipt["text"]


def test_a_text_in_two_ucs2_parts_is_one_message_in_the_inbox(sim: Sim) -> None:
    text = _EMOJI * 2
    cut = 66
    messages = [
        {
            "source_addr_ton": 5,
            "source_addr": "MVNO",
            "dest_addr_ton": 1,
            "dest_addr_npi": 1,
            "destination_addr": "33600000007",
            "registered_delivery": 1,
            "data_coding": 8,
            "short_message": {"udh": f"0500037702{n:02x}", "message": part},
        }
        for n, part in enumerate((text[:cut], text[cut:]), 1)
    ]
    outcome = node_esme_sends(Job(sim.port, []), messages)
    assert outcome.statuses == {"0": 2}
    assert [message["text"] for message in sim.inbox(33600000007)] == [text]


@pytest.mark.parametrize("run", [node_esme, perl_esme], ids=["node-smpp", "Net::SMPP"])
def test_a_wrong_password_is_not_let_in(sim: Sim, run: Callable[[Job], Outcome]) -> None:
    outcome = run(Job(sim.port, ["no"], password="fakeBad1", receipts=0))
    assert (outcome.bind, outcome.statuses, sim.inbox(33600000000)) == (0x0E, {}, [])


def test_throttling_reaches_a_foreign_esme_as_what_it_is(sim: Sim) -> None:
    sim.turn(throttle_every=10)
    outcome = node_esme(Job(sim.port, ["x"] * 100, receipts=90))
    assert outcome.statuses == {"0": 90, str(0x58): 10}
