"""Kannel, which many an operator runs, at our simulated SMSC; its three ways of reading message ids among it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.smpp.kannel import NO_MATCH, Kannel, kannel
from tests.peers.smpp.scripted import wait_until
from tests.peers.smpp.sim import Sim

_ACCEPTED, _DELIVERED = 8, 1
_NUMBER = 33612345678


@pytest.fixture
def msg_id_type() -> str | None:
    """How Kannel reads ids; a test may parametrize it."""
    return None


@pytest.fixture
def esme(tmp_path: Path, sim: Sim, msg_id_type: str | None) -> Iterator[Kannel]:
    with kannel(tmp_path / "kannel", sim.port, msg_id_type) as running:
        wait_until(lambda: running.is_online, "the simulator lets Kannel bind")
        yield running


def test_a_message_is_reported_accepted_then_delivered_and_read_as_it_was_written(esme: Kannel, sim: Sim) -> None:
    sim.turn(receipt_timing="delayed", receipt_delay_s=0.5)  # Kannel reports in parallel: the order must be ours
    esme.send("alert", _NUMBER, "Alerte conso : 80 % de 20 Go {été} €")
    wait_until(lambda: len(esme.callbacks.types("alert")) == 2, "both callbacks are there")
    assert esme.callbacks.types("alert") == [_ACCEPTED, _DELIVERED]
    assert [message["text"] for message in sim.inbox(_NUMBER)] == ["Alerte conso : 80 % de 20 Go {été} €"]


@pytest.mark.parametrize(
    ("msg_id_type", "receipt_id"),
    [(None, "hex"), ("0x03", "hex"), ("0x01", "decimal")],
    ids=["unset", "both hexadecimal", "receipt decimal"],
)
def test_kannel_matches_the_receipts_of_hexadecimal_ids(esme: Kannel, sim: Sim, receipt_id: str) -> None:
    _sixteen_are_accepted(esme, sim, receipt_id)
    wait_until(lambda: all(_DELIVERED in esme.callbacks.types(str(n)) for n in range(1, 17)), "all are delivered")
    assert NO_MATCH not in esme.log


@pytest.mark.parametrize(
    ("msg_id_type", "receipt_id"),
    [("0x01", "hex"), ("0x03", "decimal")],
    ids=["receipt not decimal", "receipt decimal"],
)
def test_kannel_set_up_for_another_way_of_writing_ids_misses_the_sixteenth(
    esme: Kannel, sim: Sim, receipt_id: str
) -> None:
    _sixteen_are_accepted(esme, sim, receipt_id)
    wait_until(lambda: f"{NO_MATCH} or was not interested" in esme.log, "Kannel has had a receipt that fits nothing")
    assert esme.callbacks.types("16") == [_ACCEPTED]
    assert _DELIVERED in esme.callbacks.types("9")  # up to here both ways are the same


def _sixteen_are_accepted(esme: Kannel, sim: Sim, receipt_id: str) -> None:
    """The sixteenth is the first whose id, 10, means something else when it is read as decimal."""
    sim.turn(message_id="hex", receipt_id=receipt_id)
    for n in range(1, 17):
        esme.send(str(n), _NUMBER + n, "whose receipt is this?")
    wait_until(lambda: all(_ACCEPTED in esme.callbacks.types(str(n)) for n in range(1, 17)), "all have been accepted")


def test_a_long_ucs2_text_in_two_parts_is_put_together_and_reported_delivered(esme: Kannel, sim: Sim) -> None:
    text = "Vous avez reçu 🎉 : il reste 4 Go jusqu'au 30 novembre. " * 2
    esme.send("long", _NUMBER, text, coding="2")
    wait_until(lambda: esme.callbacks.types("long").count(_DELIVERED) >= 1, "it is reported delivered")
    wait_until(lambda: bool(sim.inbox(_NUMBER)), "both parts are there: the first is reported by itself")
    assert [message["text"] for message in sim.inbox(_NUMBER)] == [text]
    assert esme.log.count("type_name: submit_sm\n") == 2


def test_the_line_is_kept_alive_by_enquire_link(esme: Kannel) -> None:
    wait_until(lambda: esme.log.count("type_name: enquire_link_resp") >= 2, "two enquire_link have been answered")
    assert esme.is_online


def test_two_thousand_messages_of_mtbatch_are_all_taken_and_delivered(esme: Kannel, sim: Sim) -> None:
    numbers = range(33_600_000_000, 33_600_002_000)
    esme.send_batch("Alerte conso", numbers)
    wait_until(lambda: esme.sent == len(numbers), "the simulator has taken every message")
    assert all(len(sim.inbox(number)) == 1 for number in numbers[::100])
    assert "failed 0, queued 0 msgs" in esme.status
