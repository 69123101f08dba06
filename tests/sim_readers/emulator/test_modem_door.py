"""The virtual modem: what it says to which command, word for word."""

import pytest

from sim_readers.emulator.modem import Modem, ModemHabits
from tests.sim_readers.emulator.cards import card_of
from tests.sim_readers.plain_card import PlainCard

CSIM_ICCID = b'AT+CSIM=14,"00A40004022FE2"\r'


def _modem(card: PlainCard | None = None, **habits: bool) -> Modem:
    modem = Modem(card or card_of("uicc"), ModemHabits(**{"echo": False, **habits}))
    modem.hear(b"AT+CMEE=1\r")
    return modem


def test_it_echoes_until_told_not_to() -> None:
    modem = Modem(PlainCard(), ModemHabits())
    assert modem.hear(b"AT\r") == b"AT\r\r\nOK\r\n"
    assert modem.hear(b"ATE0\r") == b"ATE0\r\r\nOK\r\n"
    assert modem.hear(b"AT\r") == b"\r\nOK\r\n"


def test_a_line_may_come_in_pieces() -> None:
    modem = _modem()
    assert [modem.hear(part) for part in (b"A", b"TI", b"\r")] == [
        b"",
        b"",
        b"\r\nLinegate virtual modem\r\n\r\nOK\r\n",
    ]


@pytest.mark.parametrize(
    ("level", "said"),
    [(0, b"\r\nERROR\r\n"), (1, b"\r\n+CME ERROR: 10\r\n"), (2, b"\r\n+CME ERROR: SIM not inserted\r\n")],
)
def test_errors_are_as_wordy_as_asked(level: int, said: bytes) -> None:
    modem = _modem()
    modem.pull_out()
    modem.hear(f"AT+CMEE={level}\r".encode())
    assert modem.hear(b"AT+CPIN?\r") == said


@pytest.mark.parametrize(("fetches", "status"), [(False, b'"61'), (True, b'"62')])
def test_it_fetches_answers_itself_or_hands_out_61xx(status: bytes, *, fetches: bool) -> None:
    assert status in _modem(fetches_answers=fetches).hear(CSIM_ICCID)


def test_at_crsm_reads_a_file_by_its_number() -> None:
    said = _modem().hear(b"AT+CRSM=176,12258,0,0,10\r")
    assert said == b'\r\n+CRSM: 144,0,"983310000021436587F4"\r\n\r\nOK\r\n'


def test_at_crsm_describes_a_file() -> None:
    assert b'+CRSM: 144,0,"62' in _modem().hear(b"AT+CRSM=192,12258\r")


def test_at_crsm_passes_on_that_there_is_no_such_file() -> None:
    assert b"+CRSM: 106,130\r" in _modem().hear(b"AT+CRSM=176,4660,0,0,1\r")


@pytest.mark.parametrize("wrong", [b'AT+CSIM=12,"0020000A00"\r', b'AT+CSIM=3,"002"\r', b"AT+NOTHING\r"])
def test_what_it_does_not_understand_is_an_error(wrong: bytes) -> None:
    assert b"+CME ERROR" in _modem().hear(wrong)


def test_its_card_is_off_while_the_modem_is() -> None:
    modem = _modem()
    modem.hear(b"AT+CFUN=0\r")
    assert b"+CME ERROR: 10" in modem.hear(CSIM_ICCID)
    modem.hear(b"AT+CFUN=1\r")
    assert b"+CSIM" in modem.hear(CSIM_ICCID)


def test_its_log_names_commands_and_holds_no_data() -> None:
    modem = _modem()
    modem.hear(b'AT+CSIM=26,"0020000A083132333435363738"\r')
    assert modem.log == ["AT+CMEE", "AT+CSIM"]
