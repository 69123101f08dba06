"""What is particular to the register of handsets: IMEIs, reasons, equipment status."""

import pytest

from drivers import commands as c
from drivers.commands import Why
from drivers.dialects import eir
from drivers.dialects.eir.client import EirClient
from drivers.errors import Garbled, NotSpoken

IMEI = c.Imei("490154203237518")
READ = c.ReadImei(IMEI)


def _asking(command: c.Command = READ) -> EirClient:
    client = eir.client({})
    client.encode(1, command)
    return client


def _answer(body: str, status: str = "0 ok", echo: str = f'LST BLACKLIST:IMEI="{IMEI}"', together: int = 1) -> bytes:
    text = f"+++    EIR\nSMU    #000001\n%%{echo}%%\nRETCODE = {status}\n\n{body}\n"
    return f"{text}There is together {together} reports\n\n---    END\n".replace("\n", "\r\n").encode()


@pytest.mark.parametrize("digits", [14, 15, 16])
def test_an_imei_is_said_as_it_is(digits: int) -> None:
    imei = c.Imei("1" * digits)
    frame = eir.client({}).encode(1, c.BlockImei(imei, "stolen"))
    assert frame.data == f'ADD BLACKLIST:IMEI="{imei}",REASON="stolen";\r\n'.encode()


@pytest.mark.parametrize("imei", ["", "1" * 13, "1" * 17, "49015420323751A", "\uff12" * 15, "490154203237518\n"])
def test_what_is_no_imei_is_not_spoken(imei: str) -> None:
    with pytest.raises(NotSpoken, match="14 to 16 digits"):
        eir.client({}).encode(1, c.BlockImei(c.Imei(imei), "stolen"))


def test_a_reason_of_several_words_is_not_spoken() -> None:
    with pytest.raises(NotSpoken, match="REASON"):
        eir.client({}).encode(1, c.BlockImei(IMEI, "stolen on the beach"))


@pytest.mark.parametrize(("status", "blocked"), [("BLACKLISTED", True), ("GREYLISTED", False), ("WHITELISTED", False)])
def test_only_the_black_list_blocks(status: str, blocked: bool) -> None:  # noqa: FBT001 - a column of the table
    body = f"   IMEI = {IMEI}\n   EQUSTATUS = {status}\n"
    assert _asking().feed(_answer(body)) == [(1, c.ImeiHeld(blocked))]


@pytest.mark.parametrize(
    "answer",
    [
        _answer(""),
        _answer(f"   IMEI = {IMEI}\n"),
        _answer(f"   IMEI = {IMEI}\n   EQUSTATUS = PINK\n"),
        _answer("   IMEI = 490154203237519\n   EQUSTATUS = BLACKLISTED\n"),
        _answer(f"   IMEI = {IMEI}\n   EQUSTATUS = BLACKLISTED\n", echo='LST BLACKLIST:IMEI="1"'),
        _answer(f"   IMEI = {IMEI}\n   EQUSTATUS = BLACKLISTED\n", together=2),
    ],
)
def test_an_answer_that_tells_something_else_is_garbled(answer: bytes) -> None:
    with pytest.raises(Garbled):
        _asking().feed(answer)


def test_an_answer_to_nothing_is_garbled() -> None:
    with pytest.raises(Garbled):
        eir.client({}).feed(_answer(""))


def test_a_refusal_keeps_code_and_text() -> None:
    refusal = _answer("", status="3001 ERR3001:Equipment not defined")
    assert _asking().feed(refusal) == [(1, c.Refused(Why.NOT_FOUND, "3001", "ERR3001:Equipment not defined"))]


@pytest.mark.parametrize(
    "said", [b"ADD BLACKLIST;", b'ADD BLACKLIST:IMEI="1";', b'ADD SUB:IMEI="1";', b"nonsense;", b'ADD X:Y="a b";']
)
def test_a_command_that_makes_no_sense_is_a_complaint_that_can_be_answered(said: bytes) -> None:
    server = eir.server({})
    (asked,) = server.feed(said)
    assert asked.command is None
    assert asked.complaint
    assert b"RETCODE = 1001 " in server.answer(asked.number, c.Refused(Why.INVALID, "", ""))


@pytest.mark.parametrize("make", [eir.client, eir.server])
def test_there_are_no_options(make: object) -> None:
    assert callable(make)
    with pytest.raises(NotSpoken, match="colour"):
        make({"colour": "red"})
