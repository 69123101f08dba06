"""Cards that leave, fail and tarry where a test wants them to."""

from __future__ import annotations

import pytest

from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.face import PulledOut
from sim_readers.emulator.faults import Faults, SlowCard
from tests.sim_readers.emulator.cards import ADM, PIN, WRONG, card_of, gsm_select, select, send, usim

IMSI = "082980390000000010"


def writing(faults: Faults) -> VirtualCard:
    """EF.IMSI selected, allowed to be written; four TPDUs gone."""
    card = card_of("uicc", faults=faults)
    usim(card)
    send(card, "0020000108" + PIN, "0020000A08" + ADM)
    assert select(card, "6F07") == "9000"
    assert card.tpdus == 4
    return card


def test_pulled_out_before_a_command_it_was_not_carried_out() -> None:
    card = writing(Faults(pull_out_at=5, pull_out="before"))

    with pytest.raises(PulledOut):
        send(card, "00D6000009" + IMSI)
    assert card.content("ADF.USIM/6F07") == b"\xff" * 9


def test_pulled_out_after_a_command_it_was_carried_out_and_kept() -> None:
    card = writing(Faults(pull_out_at=5, pull_out="after"))
    kept: list[bytes] = []
    card.keep = lambda changed: kept.append(changed.content("ADF.USIM/6F07"))

    with pytest.raises(PulledOut):
        send(card, "00D6000009" + IMSI)
    assert kept == [bytes.fromhex(IMSI)]


def test_a_card_put_back_has_forgotten_its_keys_and_leaves_no_second_time() -> None:
    card = writing(Faults(pull_out_at=5))
    with pytest.raises(PulledOut):
        send(card, "00B0000009")
    with pytest.raises(PulledOut):
        send(card, "00B0000009")  # nobody is there
    assert card.tpdus == 5

    assert card.power_on()
    usim(card)
    select(card, "6F07")
    assert send(card, "00B0000009") == "6982"


def test_a_try_is_gone_even_if_the_card_leaves_before_it_answers() -> None:
    card = card_of("uicc", faults=Faults(pull_out_at=1, pull_out="after"))
    with pytest.raises(PulledOut):
        send(card, "0020000108" + WRONG)

    assert card.tries(0x01) == 2


def test_a_write_that_fails_writes_nothing_and_the_next_one_does() -> None:
    card = writing(Faults(write_fails_at=1))

    assert send(card, "00D6000009" + IMSI) == "6581"
    assert card.content("ADF.USIM/6F07") == b"\xff" * 9
    assert send(card, "00D6000009" + IMSI) == "9000"
    assert card.content("ADF.USIM/6F07").hex() == IMSI


def test_a_gsm_sim_has_its_own_word_for_a_write_that_fails() -> None:
    card = card_of("gsm", faults=Faults(write_fails_at=1))
    gsm_select(card, "7F20", "6F07")

    assert send(card, "A020000A08" + ADM, "A0D6000009" + IMSI) == "9240"


def test_a_torn_write_leaves_half_of_it() -> None:
    card = writing(Faults(write_fails_at=1, torn=True))

    with pytest.raises(PulledOut):
        send(card, "00D6000009" + IMSI)
    assert card.content("ADF.USIM/6F07").hex() == IMSI[:8] + "ff" * 5


def test_a_mute_card_answers_to_no_reset_and_to_no_command() -> None:
    card = card_of("uicc", faults=Faults(mute=True))

    assert card.power_on() == b""
    with pytest.raises(PulledOut):
        send(card, "00A40004023F00")


def test_a_card_without_power_answers_nothing() -> None:
    card = card_of("uicc")
    card.power_off()

    with pytest.raises(PulledOut):
        send(card, "00A40004023F00")


def test_a_slow_card_takes_its_time_and_more_for_writes() -> None:
    slept: list[float] = []
    card = SlowCard(card_of("uicc"), slept.append, per_tpdu_s=0.25, per_write_s=0.5)

    assert card.power_on()
    assert card.transmit(bytes.fromhex("0020000108" + PIN)) == b"\x90\x00"
    assert card.transmit(bytes.fromhex("00D685000101")) == b"\x90\x00"
    card.power_off()
    assert slept == [0.25, 0.75]


def test_a_card_counts_what_it_hears_and_keeps_it_only_on_request() -> None:
    quiet, recording = card_of("uicc"), card_of("uicc", record=True)
    for card in (quiet, recording):
        send(card, "00A4000C023F00", "0020000100")

    assert (quiet.tpdus, quiet.heard) == (2, [])
    assert [tpdu.hex().upper() for tpdu in recording.heard] == ["00A4000C023F00", "0020000100"]
