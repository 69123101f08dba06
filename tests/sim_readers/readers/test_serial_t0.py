"""Serial readers, over RFC 2217: every line and every setting goes over the wire and is seen at the other end."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import ModuleType

import pytest

from sim_readers.emulator.face import EmulatedCard
from sim_readers.emulator.phoenix_door import PhoenixDoor
from sim_readers.emulator.phoenix_wire import Habits
from sim_readers.errors import CardGone, NoCard, NoReader, ReaderBusy
from sim_readers.reader import Reader, Transmission, Verdict, module_of, open_reader
from sim_readers.wire.serial_line import diagnose_package, load_pyserial
from tests.sim_readers.emulator.cards import card_of
from tests.sim_readers.plain_card import ICCID, QUERY_ADM, READ_ICCID, SELECT_MF, UPDATE, VERIFY_ADM
from tests.sim_readers.small_card import FAST, HASTY, INVERSE, PLAIN, SPECIFIC, T1_FIRST, T1_ONLY, SmallCard

OK = b"\x90\x00"
Opener = Callable[..., tuple[PhoenixDoor, Reader]]


@pytest.fixture
def opened() -> Iterator[Opener]:
    with ExitStack() as stack:

        def opener(card: EmulatedCard, options: str = "", habits: Habits | None = None) -> tuple[PhoenixDoor, Reader]:
            door = stack.enter_context(PhoenixDoor(card, habits=habits))
            reader = open_reader(f"serial_t0:{door.url}{options}")
            stack.callback(reader.close)
            return door, reader

        yield opener


def _settings(door: PhoenixDoor, name: str) -> list[object]:
    return [value for what, value in door.log if what == name]


def test_a_fast_card_is_reset_by_rts_at_9600_8e2_and_then_spoken_to_at_223200(opened: Opener) -> None:
    door, reader = opened(SmallCard(FAST))
    connection = reader.connect()
    assert (connection.atr, connection.transmission) == (FAST, Transmission.T0)
    assert door.log[:4] == [("baudrate", 9600), ("bytesize", 8), ("parity", "E"), ("stopbits", 2)]
    released = door.log.index(("rts", False))
    assert ("rts", True) in door.log[:released]
    assert door.log[released + 1 : released + 3] == [("card speed", 223_200), ("baudrate", 223_200)]
    assert connection.transmit(READ_ICCID) == ICCID + OK


def test_commands_with_data_without_any_and_with_an_answer_all_arrive(opened: Opener) -> None:
    card = SmallCard(FAST)
    _, reader = opened(card)
    connection = reader.connect()
    said = [connection.transmit(command) for command in (SELECT_MF, QUERY_ADM, VERIFY_ADM, UPDATE)]
    assert said == [OK, b"\x63\xc3", OK, OK]
    assert card.seen == [SELECT_MF, QUERY_ADM, VERIFY_ADM, UPDATE]


def test_a_whole_uicc_is_selected_and_its_answers_fetched(opened: Opener) -> None:
    _, reader = opened(card_of("sja5"))
    connection = reader.connect()
    waiting = connection.transmit(bytes.fromhex("00A40004022FE2"))
    assert waiting[:1] == b"\x61"
    fcp = connection.transmit(bytes((0, 0xC0, 0, 0, waiting[1])))
    assert (fcp[:1], fcp[-2:], len(fcp)) == (b"\x62", OK, waiting[1] + 2)
    assert connection.transmit(READ_ICCID) == bytes.fromhex("983310000021436587F4") + OK


def test_a_card_that_knows_no_speed_request_is_reset_and_stays_slow(opened: Opener) -> None:
    card = SmallCard(FAST)
    door, reader = opened(card, habits=Habits(answers_pps=False))
    connection = reader.connect()
    assert connection.transmit(READ_ICCID) == ICCID + OK
    assert card.resets == 2
    assert set(_settings(door, "baudrate")) == {9600}
    connection.reset()
    assert card.resets == 3  # it is not asked a second time


@pytest.mark.parametrize(("atr", "options"), [(PLAIN, ""), (FAST, "?pps=no")])
def test_no_speed_is_asked_for_where_none_is_offered_or_wanted(opened: Opener, atr: bytes, options: str) -> None:
    door, reader = opened(SmallCard(atr), options)
    assert reader.connect().transmit(READ_ICCID) == ICCID + OK
    assert set(_settings(door, "baudrate")) == {9600}


def test_a_card_in_specific_mode_is_followed_to_its_speed(opened: Opener) -> None:
    door, reader = opened(SmallCard(SPECIFIC))
    assert reader.connect().transmit(READ_ICCID) == ICCID + OK
    assert _settings(door, "baudrate")[-1] == 223_200


def test_a_card_that_would_begin_with_t1_is_asked_for_t0(opened: Opener) -> None:
    door, reader = opened(SmallCard(T1_FIRST))
    assert reader.connect().transmit(READ_ICCID) == ICCID + OK
    assert ("card speed", 9600) in door.log


def test_an_inverse_card_is_read_and_spoken_to_with_odd_parity(opened: Opener) -> None:
    door, reader = opened(SmallCard(INVERSE))
    connection = reader.connect()
    assert connection.atr == INVERSE
    assert connection.transmit(VERIFY_ADM) == OK
    assert _settings(door, "parity")[-1] == "O"
    assert connection.reset() == INVERSE


@pytest.mark.parametrize(("echo", "told"), [(True, "auto"), (False, "auto"), (True, "yes"), (False, "no")])
def test_readers_with_and_without_an_echo_are_used(opened: Opener, told: str, *, echo: bool) -> None:
    _, reader = opened(SmallCard(FAST), f"?echo={told}", Habits(echo=echo))
    assert reader.connect().transmit(VERIFY_ADM) == OK


def test_a_wrongly_told_echo_is_explained(opened: Opener) -> None:
    _, reader = opened(SmallCard(PLAIN), "?echo=yes", Habits(echo=False))
    with pytest.raises(CardGone):
        reader.connect().transmit(READ_ICCID)


def test_null_bytes_keep_a_slow_card_alive_beyond_its_longest_silence(opened: Opener) -> None:
    _, reader = opened(SmallCard(HASTY), habits=Habits(null_bytes=4, null_gap_s=0.3))
    connection = reader.connect()
    began = time.monotonic()
    assert connection.transmit(READ_ICCID) == ICCID + OK
    assert time.monotonic() - began > 1.0


def test_a_card_that_goes_byte_by_byte_is_followed(opened: Opener) -> None:
    _, reader = opened(SmallCard(FAST), habits=Habits(one_by_one=True))
    connection = reader.connect()
    assert [connection.transmit(each) for each in (VERIFY_ADM, READ_ICCID)] == [OK, ICCID + OK]


@pytest.mark.parametrize(("line", "polarity"), [("dtr", "high"), ("rts", "low"), ("dtr", "low")])
def test_reset_may_be_wired_otherwise(opened: Opener, line: str, polarity: str) -> None:
    habits = Habits(reset_line=line, reset_level=polarity == "high")
    _, reader = opened(SmallCard(PLAIN), f"?reset={line}&polarity={polarity}", habits)
    assert reader.connect().transmit(READ_ICCID) == ICCID + OK


def test_another_clock_makes_another_speed(opened: Opener) -> None:
    door, reader = opened(SmallCard(FAST), "?frequency_hz=6000000", Habits(frequency_hz=6_000_000))
    assert reader.connect().transmit(READ_ICCID) == ICCID + OK
    assert _settings(door, "baudrate") == [16129, 375_000]


def test_a_wrong_clock_is_no_card_and_the_advice_says_what_to_check(opened: Opener) -> None:
    _, reader = opened(SmallCard(FAST), "?frequency_hz=6000000")
    with pytest.raises(NoCard, match="speed"):
        reader.connect()


def test_an_empty_reader_has_no_card(opened: Opener) -> None:
    door, reader = opened(SmallCard(FAST))
    door.pull_out()
    with pytest.raises(NoCard, match="insert a card"):
        reader.connect()


def test_a_card_that_speaks_only_t1_belongs_elsewhere(opened: Opener) -> None:
    _, reader = opened(SmallCard(T1_ONLY))
    with pytest.raises(NoCard, match="PC/SC"):
        reader.connect()


def test_a_card_pulled_out_in_the_middle_is_gone_and_can_be_taken_up_again(opened: Opener) -> None:
    card = SmallCard(HASTY, pull_at=0xD6)
    door, reader = opened(card)
    connection = reader.connect()
    connection.transmit(VERIFY_ADM)
    with pytest.raises(CardGone, match="carried out or not"):
        connection.transmit(UPDATE)
    with pytest.raises(CardGone, match="over"):
        connection.transmit(READ_ICCID)
    door.insert()
    assert reader.connect().transmit(QUERY_ADM) == b"\x63\xc3"


def test_closing_a_connection_makes_the_card_forget_its_keys(opened: Opener) -> None:
    _, reader = opened(SmallCard(FAST))
    connection = reader.connect()
    connection.transmit(VERIFY_ADM)
    connection.close()
    assert reader.connect().transmit(UPDATE) == b"\x69\x82"


def test_one_reader_has_one_connection(opened: Opener) -> None:
    _, reader = opened(SmallCard(PLAIN))
    first = reader.connect()
    with pytest.raises(ReaderBusy):
        reader.connect()
    first.close()
    assert reader.connect().atr == PLAIN


@pytest.mark.parametrize("options", ["", "?detect=cts"])
def test_cards_are_seen_to_come_and_go(opened: Opener, options: str) -> None:
    door, reader = opened(SmallCard(PLAIN), options)
    assert reader.wait_for_card(2)
    assert not reader.wait_for_removal(0.1)
    threading.Timer(0.2, door.pull_out).start()
    assert reader.wait_for_removal(5)
    assert not reader.wait_for_card(0.1)
    threading.Timer(0.2, door.insert).start()
    assert reader.wait_for_card(5)


def test_closing_the_reader_ends_a_wait(opened: Opener) -> None:
    door, reader = opened(SmallCard(PLAIN), "?detect=cts")
    door.pull_out()
    threading.Timer(0.7, reader.close).start()
    began = time.monotonic()
    with pytest.raises(NoReader, match="closed"):
        reader.wait_for_card(30)
    assert time.monotonic() - began < 5


def test_a_box_that_hangs_up_is_a_card_gone_and_then_no_reader(opened: Opener) -> None:
    door, reader = opened(SmallCard(PLAIN))
    connection = reader.connect()
    door.close()
    with pytest.raises(CardGone):
        connection.transmit(READ_ICCID)
    with pytest.raises(NoReader, match="cannot be opened"):
        reader.connect()


def test_pyserials_own_options_stay_with_pyserial(opened: Opener) -> None:
    _, reader = opened(SmallCard(PLAIN), "?pps=no&poll_modem&detect=cts&ign_set_control")
    assert reader.connect().atr == PLAIN  # pyserial refuses options it does not know


def test_a_reader_is_named_by_its_whole_address(opened: Opener) -> None:
    door, reader = opened(SmallCard(PLAIN), "?pps=no&poll_modem")
    assert reader.name == f"serial_t0:{door.url}?pps=no&poll_modem"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/dev/ttyUSB0?reset=cts", "dtr or none or rts"),
        ("/dev/ttyUSB0?frequency_hz=fast", "number"),
        ("/dev/ttyUSB0?rest=dtr", "option=value"),
        ("", "no serial address"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused_with_what_would(address: str, words: str) -> None:
    with pytest.raises(NoReader, match=words):
        open_reader(f"serial_t0:{address}")


def test_a_device_that_is_not_there_is_no_reader() -> None:
    with pytest.raises(NoReader, match="plugged in"):
        open_reader("serial_t0:/dev/ttyNotThere").connect()


def test_the_wrong_package_of_the_same_import_name_is_recognised_and_named() -> None:
    def wrong(name: str) -> ModuleType:
        return ModuleType(name)

    with pytest.raises(NoReader, match="pip uninstall serial"):
        load_pyserial(wrong)
    assert diagnose_package(wrong).verdict is Verdict.FAIL


def test_a_missing_package_says_what_to_install() -> None:
    def missing(name: str) -> ModuleType:
        raise ModuleNotFoundError(name)

    with pytest.raises(NoReader, match=r"pip install 'linegate\[serial\]'"):
        load_pyserial(missing)


def test_with_everything_in_place_the_diagnosis_has_nothing_to_complain_of_but_devices() -> None:
    module = module_of("serial_t0")
    package, *devices = module.diagnose()
    assert package.verdict is Verdict.OK
    assert len(devices) == len(module.find())
