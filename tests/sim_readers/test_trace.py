"""A trace shows what helps and nothing that is secret, wherever a secret may come by."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_readers.errors import CardGone
from sim_readers.trace.exchange import Exchange, to_all
from sim_readers.trace.file import BadTrace, TraceFile, read_trace, write_line
from sim_readers.trace.gsmtap import PcapFile, packet
from sim_readers.trace.mask import Masking
from tests.sim_readers.scripted import Scripted, exchanges, traced

IMSI = "082980390000000010"
KI = "00000000000000000000000000000001"
ADM = "3132333435363738"
FCP_A515 = "620A8202782183 02A5158A0105".replace(" ", "")
SELECT_USIM = ("00A4040C07A0000000871002", "9000")
SELECT_IMSI = ("00A4080C047FFF6F07", "9000")


def texts(told: list[Exchange]) -> str:
    """Everything any sink could make of it."""
    return "\n".join(
        repr(one)
        + str(one)
        + write_line(one)
        + packet(one).hex().upper()
        + one.command.raw.hex()
        + one.response.raw.hex()
        for one in told
    ).upper()


@pytest.mark.parametrize(
    ("command", "answer", "secret", "words", "masking"),
    [
        (f"0020000A08{ADM}", "63C2", ADM, "VERIFY ADM1: wrong, 2 tries left", Masking.KEY),
        (f"A020000108{ADM}", "9804", ADM, "VERIFY PIN1: wrong", Masking.KEY),
        (f"8020000A08{ADM}", "6E00", ADM, "VERIFY ADM1", Masking.KEY),
        (f"0024000110{ADM}{ADM}", "9000", ADM, "CHANGE PIN1: done", Masking.KEY),
        (f"0026000108{ADM}", "9000", ADM, "DISABLE PIN1", Masking.KEY),
        (f"0028008108{ADM}", "9000", ADM, "ENABLE PIN2", Masking.KEY),
        (f"002C000110{ADM}{ADM}", "63C9", ADM, "UNBLOCK PIN1: wrong, 9 tries left", Masking.KEY),
        (f"A02C000010{ADM}{ADM}", "9000", ADM, "UNBLOCK PIN1: done", Masking.KEY),
        (f"0088008011{KI}01", "DB" + KI + "9000", KI, "AUTHENTICATE: done", Masking.AUTHENTICATION),
        (f"00D6000010{KI}", "9000", KI, "UPDATE a file: done", Masking.FILE),
        ("00B0000010", f"{KI}9000", KI, "READ a file: done", Masking.FILE),
        (f"00DC010410{KI}", "9000", KI, "UPDATE a file record 1", Masking.FILE),
        (f"80D4020010{KI}", "9000", KI, "command 80D4: done", Masking.COMMAND),
        (f"A0D43A0508{ADM}", "9000", ADM, "command A0D4", Masking.COMMAND),
        (f"80E2900010{KI}", f"{KI}9000", KI, "command 80E2", Masking.COMMAND),
        (f"04D6000010{KI}", "9000", KI, "UPDATE", Masking.COMMAND),
        (f"80C2000010{KI}", f"{KI}9000", KI, "ENVELOPE", Masking.COMMAND),
        ("8012000010", f"{KI}9000", KI, "FETCH", Masking.COMMAND),
        (f"0020000A09{ADM}", "6700", ADM, "something that is no command", Masking.COMMAND),
        (f"00D6000000FFFF{KI}", "6700", KI, "something that is no command", Masking.COMMAND),
    ],
)
def test_secrets_are_hidden_in_number_kept_bytes(
    command: str, answer: str, secret: str, words: str, masking: Masking
) -> None:
    told = exchanges((command, answer))
    assert secret not in texts(told)
    assert told[0].meaning.startswith(words)
    assert told[0].masking is masking
    assert len(told[0].command.raw) == len(command) // 2
    assert told[0].response.raw.endswith(bytes.fromhex(answer[-4:]))
    assert b"**" in told[0].command.raw + told[0].response.raw


def test_the_answer_of_authenticate_is_hidden_when_it_is_fetched() -> None:
    told = exchanges(
        SELECT_USIM,
        ("00880081" + "22" + "10" + KI + "10" + KI, "6135"),
        ("00C0000010", "6C35"),
        ("00C0000035", KI + "9000")
    )  # fmt: skip
    assert KI not in texts(told)
    assert told[-1].masking is Masking.AUTHENTICATION


def test_what_is_harmless_is_shown_with_its_name() -> None:
    told = exchanges(SELECT_USIM, SELECT_IMSI, ("00B0000009", IMSI + "9000"), (f"00D6000009{IMSI}", "6982"))
    assert [str(one.response) for one in told] == ["9000", "9000", IMSI + "9000", "6982"]
    assert [one.meaning for one in told] == [
        "SELECT ADF.USIM: done",
        "SELECT EF.IMSI: done",
        "READ EF.IMSI: done",
        "UPDATE EF.IMSI: not allowed: a PIN or ADM must be verified first",
    ]
    assert IMSI in str(told[3].command)


@pytest.mark.parametrize(
    "way",
    [
        [("00A40004022FE2", "6111")],
        [("00A4080C022FE2", "9000")],
        [("00A4000C023F00", "9000"), ("00A4090C022FE2", "9000")],
        [("A0A40000023F00", "9F16"), ("A0A40000022FE2", "9F0F")],
        [("A0A40000027F20", "9F16"), ("A0A40000023F00", "9F16"), ("A0A40000022FE2", "9F0F")],
        [SELECT_USIM, ("00A4030C", "9000"), ("00A4000C022FE2", "6A82"), ("00A4080C022FE2", "9000")],
    ],
)
def test_a_file_is_followed_by_every_way_to_select_it(way: list[tuple[str, str]]) -> None:
    read = "A0B000000A" if way[0][0].startswith("A0") else "00B000000A"
    told = exchanges(*way, (read, "983310000021436587F49000"))
    assert (told[-1].masking, told[-1].meaning) == (Masking.SHOWN, "READ EF.ICCID: done")


@pytest.mark.parametrize(
    "way",
    [
        [],
        [("00A40004022FE2", "6A82")],
        [SELECT_USIM, SELECT_IMSI, ("00A4000C026F20", "6A82")],
        [SELECT_USIM, ("00A4000C026F08", "9000")],
        [SELECT_USIM, ("00A4000C026F09", "9000")],
        [("A0A40000027F20", "9F16"), ("A0A40000026F20", "9F0F")],
        [("00A4080C04A5156F20", "9000")],
        [("00A4000C02A515", "9000"), ("00A4000C022FE2", "9000")],
        [("00A4000402A515", "610C"), ("00C000000C", FCP_A515 + "9000"), ("00A4000C026F07", "9000")],
        [("00A4040C05F000000001", "9000"), ("00A4000C026F07", "9000")],
        [("00A4080C047FFF6F07", "9000")],
        [SELECT_USIM, SELECT_IMSI, ("0070000001", "019000"), ("01B0000009", IMSI + "9000")],
        [SELECT_USIM, SELECT_IMSI, ("8012000010", IMSI + "9000")],
    ],
)
def test_a_file_that_is_secret_or_not_certain_is_hidden(way: list[tuple[str, str]]) -> None:
    gsm = bool(way) and way[0][0].startswith("A0")
    told = exchanges(*way, ("A0B0000010" if gsm else "00B0000010", KI + "9000"), ("00D6000010" + KI, "9000"))
    assert KI not in texts(told)
    assert {one.masking for one in told[-2:]} == {Masking.FILE}


def test_a_deactivated_or_proprietary_card_description_does_not_break_the_trace() -> None:
    told = exchanges(("00A40004022FE2", "FFFF9000"), ("00B000000A", "983310000021436587F49000"))
    assert told[-1].masking is Masking.SHOWN


def test_a_file_read_by_its_short_identifier_is_known_where_the_standard_fixes_it() -> None:
    told = exchanges(
        SELECT_USIM, ("00B0870009", IMSI + "9000"), ("00B0000009", IMSI + "9000"), ("00B0880010", KI + "9000")
    )
    assert [one.masking for one in told[1:]] == [Masking.SHOWN, Masking.SHOWN, Masking.FILE]
    assert told[1].meaning == "READ EF.IMSI: done"


def test_a_short_identifier_the_card_gave_is_learned_and_wins() -> None:
    fcp = "62128202412183026F088A010580020010880138"  # EF.Keys under the identifier that is EF.IMSI's elsewhere
    told = exchanges(SELECT_USIM, ("00A40004026F08", fcp + "9000"), SELECT_USIM, ("00B0870010", KI + "9000"))
    assert told[-1].masking is Masking.FILE
    assert KI not in texts(told)


def test_channels_are_kept_apart() -> None:
    told = exchanges(
        SELECT_USIM, SELECT_IMSI, ("01A4040C07A0000000871002", "9000"), ("01A4000C026F08", "9000"),
        ("01B0000010", KI + "9000"), ("00B0000009", IMSI + "9000"),
    )  # fmt: skip
    assert [one.masking for one in told[-2:]] == [Masking.FILE, Masking.SHOWN]


def test_after_silence_nothing_is_certain_and_after_a_reset_the_master_file_is() -> None:
    told: list[Exchange] = []
    connection = traced(Scripted(["9000"]), told.append)
    connection.transmit(bytes.fromhex("00A4080C022FE2"))
    with pytest.raises(CardGone):
        connection.transmit(bytes.fromhex(f"0020000A08{ADM}"))
    assert told[-1].meaning == "VERIFY ADM1: no answer"
    assert (told[-1].response.raw, told[-1].duration_s) == (b"", 0.25)
    assert ADM not in texts(told)
    with pytest.raises(CardGone):
        connection.transmit(bytes.fromhex("00B000000A"))
    assert told[-1].masking is Masking.FILE


def test_the_card_gets_the_bytes_as_they_are() -> None:
    card = Scripted(["9000"])
    connection = traced(card, lambda _: None)
    assert connection.transmit(bytes.fromhex(f"0020000A08{ADM}")) == b"\x90\x00"
    assert connection.reset() == connection.atr == card.atr
    connection.close()
    assert (card.sent, card.closed) == ([bytes.fromhex(f"0020000A08{ADM}")], True)


@given(st.binary(min_size=1, max_size=30), st.binary(max_size=30))
def test_any_bytes_are_traced_without_a_fault_and_in_their_length(command: bytes, answer: bytes) -> None:
    told = exchanges(("00A4080C022FE2", "9000"), (command.hex(), answer.hex()))
    assert (len(told[-1].command.raw), len(told[-1].response.raw)) == (len(command), len(answer))


@given(
    st.binary(min_size=16, max_size=16), st.sampled_from(["20", "24", "26", "28", "2C", "88", "89", "D4", "E2", "D8"])
)
def test_no_class_byte_uncovers_a_key(secret: bytes, ins: str) -> None:
    for cla in range(256):
        told = exchanges((f"{cla:02X}{ins}000010" + secret.hex(), "9000"))
        assert told[0].command.raw[5:] == b"*" * 16


def test_a_trace_file_is_private_and_reads_back_what_was_written(tmp_path: Path) -> None:
    told: list[Exchange] = []
    path = tmp_path / "card.trace"
    path.touch(0o644)
    with TraceFile(path) as file:
        connection = traced(Scripted(["9000", IMSI + "9000", "63C2"]), to_all(told.append, file))
        for command in ("00A4080C022FE2", "00B0000009", f"0020000A08{ADM}"):
            connection.transmit(bytes.fromhex(command))
    assert file.failure == ""
    assert list(read_trace(path)) == told
    assert os.stat(path).st_mode & 0o777 == 0o600  # noqa: PTH116 - the mode itself is meant
    last = json.loads(path.read_text("utf-8").splitlines()[-1])
    assert (last["command"], last["response"]) == ("0020000A08" + "**" * 8, "63C2")


def test_a_trace_file_is_added_to_and_its_torn_last_line_left_out(tmp_path: Path) -> None:
    path = tmp_path / "card.trace"
    for _ in range(2):
        with TraceFile(path) as file:
            file(exchanges(SELECT_USIM)[0])
    with path.open("a", encoding="utf-8") as torn:
        torn.write('{"at": "2026')
    assert len(list(read_trace(path))) == 2
    with path.open("a", encoding="utf-8") as torn:
        torn.write("\n")
    with pytest.raises(BadTrace, match="line 3"):
        list(read_trace(path))


def test_a_sink_that_cannot_write_says_so_and_lets_the_card_go_on(tmp_path: Path) -> None:
    file, pcap = TraceFile(tmp_path / "a"), PcapFile(tmp_path / "b")
    file.close()
    pcap.close()
    connection = traced(Scripted(["9000"]), to_all(file, pcap))
    assert connection.transmit(bytes.fromhex(SELECT_USIM[0])) == b"\x90\x00"
    assert "not complete" in file.failure
    assert "not complete" in pcap.failure
