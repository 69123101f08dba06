"""The recorded conversation through a real pcscd, byte for byte; then the same story as our own session tells it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sim_readers.emulator.blank import blank
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.image import read_image
from sim_readers.errors import Refused
from sim_readers.files.imsi import Imsi
from sim_readers.guard import Blocked, Guard, Presented, Right, Wrong
from sim_readers.keyref import PIN1, PUK1, adm
from sim_readers.ledger import Ledger
from sim_readers.path import USIM
from sim_readers.pcsc.connection import PcscConnection
from sim_readers.readers.pcsc import open_reader
from sim_readers.secret import Secret
from sim_readers.session import CardSession
from tests.sim_readers.emulator.cards import DATA, TRACED
from tests.sim_readers.emulator.test_trace import TRACE
from tests.sim_readers.journeys.people import SOON_S
from tests.sim_readers.slots import Slots

TRACED_DATA = replace(DATA, iccid="8933012345678900000")
IMSI = USIM / 0x6F07
ADM1 = adm(0x0A, 10)
PIN, PUK, ADM = (Secret.from_digits(digits) for digits in ("1234", "12345678", "12345678"))
NEW_PIN, ANOTHER_IMSI = Secret.from_digits("5678"), "208930000000002"


@pytest.fixture
def card() -> VirtualCard:
    """A card of the recorded one's type."""
    return blank(read_image(TRACED), TRACED_DATA, keys_inside=True, record=True)


@pytest.fixture
def connection(slots: Slots, card: VirtualCard) -> Iterator[PcscConnection]:
    """That card in a reader of a real pcscd, powered, ours alone."""
    with closing(open_reader(slots.insert(card).reader_name)) as reader:
        assert reader.wait_for_card(SOON_S)
        yield reader.connect()


@pytest.fixture
def session(connection: PcscConnection) -> CardSession:
    return CardSession(connection)


@pytest.fixture
def guard(tmp_path: Path) -> Guard:
    return Guard(Ledger(tmp_path, lambda: datetime(2026, 12, 1, tzinfo=UTC), "anna"))


def _wrong(digits: str, accept_tries: int | None = None) -> Presented:
    return Presented(PIN1, Secret.from_digits(digits), accept_tries=accept_tries)


def test_through_pcscd_the_card_hears_and_says_what_was_recorded(connection: PcscConnection, card: VirtualCard) -> None:
    lines = [tuple(part.strip() for part in line.split(" -> ")) for line in TRACE.strip().splitlines()]
    assert connection.atr.hex().upper() == "3B9F96801FC78031A073BE21136743200718000001A5"
    said = [(tpdu, connection.transmit(bytes.fromhex(tpdu)).hex().upper()) for tpdu, _ in lines]
    assert said == lines
    assert [tpdu.hex().upper() for tpdu in card.heard] == [tpdu for tpdu, _ in lines]


def test_three_wrong_pins_block_it_and_the_puk_brings_it_back(session: CardSession, guard: Guard) -> None:
    iccid = TRACED_DATA.iccid
    with pytest.raises(Refused, match="6982"):
        session.read(IMSI)
    tried = [("0000", None), ("1111", 2), ("2222", 1)]
    verdicts = [guard.verify(session, iccid, _wrong(digits, left)) for digits, left in tried]
    assert verdicts == [Wrong(PIN1, 2), Wrong(PIN1, 1), Wrong(PIN1, 0)]
    assert guard.verify(session, iccid, Presented(PIN1, PIN)) == Blocked(PIN1)
    assert guard.unblock(session, iccid, PIN1, Presented(PUK1, PUK), NEW_PIN) == Right()
    assert Imsi.decode(session.read(IMSI)) == TRACED_DATA.imsi

    session.reset()
    with pytest.raises(Refused, match="6982"):
        session.read(IMSI)
    assert guard.verify(session, iccid, Presented(PIN1, NEW_PIN)) == Right()
    assert guard.change(session, iccid, Presented(PIN1, NEW_PIN), PIN) == Right()
    session.reset()
    assert guard.verify(session, iccid, Presented(PIN1, PIN)) == Right()


def test_an_update_is_refused_before_the_adm_key_and_done_after_it(
    session: CardSession, guard: Guard, card: VirtualCard
) -> None:
    before, after = card.content(IMSI), Imsi.encode(ANOTHER_IMSI, 9)
    with pytest.raises(Refused, match="6982"):
        session.update(IMSI, after)
    assert card.content(IMSI) == before
    assert guard.verify(session, TRACED_DATA.iccid, Presented(PIN1, PIN)) == Right()
    with pytest.raises(Refused, match="6982"):
        session.update(IMSI, after)

    assert guard.verify(session, TRACED_DATA.iccid, Presented(ADM1, ADM)) == Right()
    session.update(IMSI, after)
    assert card.content(IMSI) == session.read(IMSI) == after
