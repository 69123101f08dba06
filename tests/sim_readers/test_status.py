"""Status words: the same word after different commands and on different cards."""

import pytest

from sim_readers.apdu import Ins
from sim_readers.status import Generation, explain, succeeded, tries_left

UICC, GSM = Generation.UICC, Generation.GSM
PIN_COMMANDS = (Ins.VERIFY, Ins.CHANGE_PIN, Ins.DISABLE_PIN, Ins.ENABLE_PIN, Ins.UNBLOCK_PIN)
OF_A_UICC = """
    9000 9100 910B 9200 9300 6200 6281 6282 6283 6285 62F1 62F2 62F3 63C0 63C1 63CA 63F1 63F2 6400 6500
    6581 6700 6B00 6D00 6E00 6F00 6881 6882 6900 6981 6982 6983 6984 6985 6986 6989 6A80 6A81 6A82 6A83
    6A84 6A86 6A87 6A88 9850 9862 9863 9864 6118 6C09
"""
OF_A_GSM_SIM = """
    9000 910B 9E05 9F16 9300 9200 9203 9240 9400 9402 9404 9408 9802 9804 9808 9810 9840 9850 6700 6709
    6B00 6B01 6D00 6E00 6F00
"""


@pytest.mark.parametrize(
    ("ins", "status", "generation", "said"),
    [
        (Ins.VERIFY, 0x9000, UICC, "done"),
        (Ins.VERIFY, 0x63C2, UICC, "wrong, 2 tries left"),
        (Ins.VERIFY, 0x63C1, UICC, "wrong, 1 try left"),
        (Ins.UPDATE_BINARY, 0x63C2, UICC, "done after 2 internal retries"),
        (Ins.UPDATE_BINARY, 0x9201, GSM, "done after 1 internal retry"),
        (Ins.UPDATE_BINARY, 0x6982, UICC, "not allowed: a PIN or ADM must be verified first"),
        (Ins.UPDATE_BINARY, 0x9804, GSM, "not allowed: a PIN or ADM must be verified first"),
        (Ins.VERIFY, 0x9804, GSM, "wrong, at least one try left; the directory says how many"),
        (Ins.AUTHENTICATE, 0x9804, GSM, "authentication failed"),
        (Ins.AUTHENTICATE, 0x9862, UICC, "authentication failed: MAC is wrong, so is Ki or OPc on one side"),
        (Ins.VERIFY, 0x63C0, UICC, "wrong, no try left: blocked; only its PUK, if any, helps"),
        (Ins.VERIFY, 0x6983, UICC, "blocked; only its PUK, if any, helps"),
        (Ins.VERIFY, 0x9840, GSM, "blocked; only its PUK, if any, helps"),
        (Ins.UNBLOCK_PIN, 0x63C9, UICC, "wrong, 9 tries left"),
        (Ins.UNBLOCK_PIN, 0x63C0, UICC, "wrong, no try left: the PUK is blocked for ever"),
        (Ins.UNBLOCK_PIN, 0x6983, UICC, "the PUK is blocked for ever"),
        (Ins.SELECT, 0x6A82, UICC, "file not found"),
        (Ins.SELECT, 0x9F16, GSM, "done, 22 bytes to fetch"),
        (Ins.SELECT, 0x6101, UICC, "done, 1 byte to fetch"),
        (Ins.READ_BINARY, 0x6C00, UICC, "wrong length asked for: ask again for 256 bytes"),
        (Ins.SEARCH_RECORD, 0x6282, UICC, "nothing found"),
        (Ins.SELECT, 0x1234, UICC, "status 1234, which the standard does not know"),
    ],
)
def test_a_status_is_said_in_plain_words(ins: int, status: int, generation: Generation, said: str) -> None:
    assert explain(ins, status, generation) == said


@pytest.mark.parametrize(("statuses", "generation"), [(OF_A_UICC, UICC), (OF_A_GSM_SIM, GSM)], ids=["UICC", "GSM"])
@pytest.mark.parametrize("ins", Ins)
def test_every_status_of_the_standards_is_known_after_every_command(
    ins: Ins, statuses: str, generation: Generation
) -> None:
    said = {status: explain(ins, int(status, 16), generation) for status in statuses.split()}
    assert not [status for status, text in said.items() if "the standard does not know" in text]


@pytest.mark.parametrize(
    ("ins", "status", "generation", "done"),
    [
        (Ins.UPDATE_BINARY, 0x9000, UICC, True),
        (Ins.UPDATE_BINARY, 0x910B, UICC, True),
        (Ins.SELECT, 0x6118, UICC, True),
        (Ins.SELECT, 0x9F16, GSM, True),
        (Ins.ENVELOPE, 0x9E05, GSM, True),
        (Ins.UPDATE_BINARY, 0x9203, GSM, True),
        (Ins.UPDATE_BINARY, 0x9240, GSM, False),
        (Ins.VERIFY, 0x9203, GSM, True),
        (Ins.UPDATE_RECORD, 0x63C3, UICC, True),
        (Ins.INCREASE, 0x63C1, UICC, True),
        (Ins.UPDATE_RECORD, 0x63C1, GSM, False),
        (Ins.READ_BINARY, 0x63C1, UICC, False),
        (Ins.VERIFY, 0x63C3, UICC, False),
        (Ins.UNBLOCK_PIN, 0x63C9, UICC, False),
        (Ins.READ_BINARY, 0x6282, UICC, True),
        (Ins.READ_BINARY, 0x6281, UICC, False),
        (Ins.UPDATE_BINARY, 0x6282, UICC, False),
        (Ins.SEARCH_RECORD, 0x6282, UICC, False),
        (Ins.SELECT, 0x6283, UICC, True),
        (Ins.READ_BINARY, 0x6C09, UICC, False),
        (Ins.SELECT, 0x6A82, UICC, False),
        (Ins.UPDATE_BINARY, 0x6982, UICC, False),
        (Ins.UPDATE_BINARY, 0x6581, UICC, False),
        (Ins.UPDATE_BINARY, 0x9300, UICC, False),
        (Ins.VERIFY, 0x9804, GSM, False),
        (Ins.VERIFY, 0x9001, UICC, False),
    ],
)
def test_success_depends_on_the_command(
    ins: int,
    status: int,
    generation: Generation,
    done: bool,  # noqa: FBT001 - a parameter
) -> None:
    assert succeeded(ins, status, generation) is done


@pytest.mark.parametrize("ins", PIN_COMMANDS)
@pytest.mark.parametrize(
    ("status", "generation", "left"),
    [
        (0x63C3, UICC, 3),
        (0x63C0, UICC, 0),
        (0x63CA, UICC, 10),
        (0x6983, UICC, 0),
        (0x9840, GSM, 0),
        (0x9804, GSM, None),
        (0x9802, GSM, None),
        (0x9000, UICC, None),
        (0x6982, UICC, None),
        (0x63F1, UICC, None),
    ],
)
def test_tries_left_are_told_by_commands_about_pins(
    ins: Ins, status: int, generation: Generation, left: int | None
) -> None:
    assert tries_left(ins, status, generation) == left


@pytest.mark.parametrize("ins", sorted(set(Ins) - set(PIN_COMMANDS)))
@pytest.mark.parametrize(("status", "generation"), [(0x63C2, UICC), (0x6983, UICC), (0x9840, GSM)])
def test_other_commands_tell_nothing_of_tries(ins: Ins, status: int, generation: Generation) -> None:
    assert tries_left(ins, status, generation) is None
