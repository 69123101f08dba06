"""Strings that try to break out of their place: refused before a byte is written, or carried to the letter."""

from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import commands as c
from drivers.commands import Command
from drivers.errors import NotSpoken
from drivers.subscription import ApnAccess, Imsi, Msisdn
from tests.contracts.trial import PASSWORD, Trial, is_meant
from tests.contracts.vocabulary import ICCID, creates_without_number

IMSI, OTHER_IMSI, NUMBER = Imsi("208990000000001"), Imsi("208990000000002"), Msisdn("+33612345678")
EVERY_COMMAND: tuple[Command, ...] = (
    c.Login("gate", PASSWORD),
    c.PutKeys(IMSI, ICCID),
    c.RemoveKeys(IMSI, ICCID),
    c.CreateSubscriber(IMSI, NUMBER),
    c.RemoveSubscriber(IMSI),
    c.ChangeImsi(IMSI, OTHER_IMSI),
    c.ChangeMsisdn(IMSI, NUMBER),
    c.AssignMsisdn(IMSI, NUMBER),
    c.ReleaseMsisdn(IMSI, NUMBER),
    c.ListSubscribers("20899"),
    c.CancelLocation(IMSI),
    c.ReadSubscriber(IMSI),
    c.ReadKeys(IMSI),
    c.SendSms("Linegate", NUMBER, "hello"),
    c.BlockImei(c.Imei("490154203237518"), "stolen"),
    c.UnblockImei(c.Imei("490154203237518")),
    c.ReadImei(c.Imei("490154203237518")),
    c.RequestPort("P-1", NUMBER, "02P123456ABC", "LG", "2026-11-23"),
    c.MovePort("P-1", "2026-11-24"),
    c.AnswerPort("P-1", accepted=False, reason="RIO_WRONG"),
    c.ReadPort("P-1"),
)
#: what no dialect carries, besides any ICCID
NOT_ON_THE_WIRE = ((c.ReleaseMsisdn, "msisdn"), (c.SendSms, "reference"))
PLACES = [
    pytest.param(command, f.name, id=f"{type(command).__name__}.{f.name}")
    for command in EVERY_COMMAND
    for f in fields(command)
    if f.name != "iccid" and (type(command), f.name) not in NOT_ON_THE_WIRE
]
A_LOT = 10_000  # bytes; what needs more is refused
HOSTILE = {
    "semicolon": '1;RMV SUB:IMSI="208990000000009"',
    "quote": '1",RMVKI="TRUE',
    "comma": "1,RMVKI=TRUE",
    "newline": "1\r\nRMV SUB:",
    "trailing newline": "12\n",
    "nul": "1\x002",
    "unicode digits": "\u0662\u0660\u0668\u0669",
    "fullwidth digits": "\uff12\uff10\uff18\uff19",
    "mask": "1%%\r\nRETCODE = 0 x",
    "megabyte": "1" * 1_000_000,
}


def _hostile(trial: Trial, command: Command, place: str, value: str) -> Command:
    """The command with the value at the end of what stood in that place, so that its beginning still looks right."""
    build: Callable[..., Command] = type(command)
    values = {f.name: getattr(command, f.name) for f in fields(command)}
    if isinstance(command, c.CreateSubscriber) and place == "imsi" and creates_without_number(trial.module):
        values["msisdn"] = None
    return build(**values | {place: f"{values[place]}{value}"})


def _judge(trial: Trial, command: Command) -> str:
    """Say the command; it must be refused, or heard as exactly itself, and leave the conversation in order."""
    talk = trial.talk()
    try:
        frame = talk.say(1, command)
    except NotSpoken as refused:
        verdict = str(refused)
    else:
        assert len(frame.data) < A_LOT
        (asked,) = talk.hear(frame.data)
        assert is_meant(asked.command, command)
        talk, verdict = trial.talk(), ""
    (asked,) = talk.hear(talk.say(2, c.KeepAlive()).data)
    ((number, reply),) = talk.reply(talk.answer(asked.number, c.Done()))
    assert (number, type(reply)) == (2, c.Done)
    return verdict


@pytest.mark.parametrize("hostility", HOSTILE)
@pytest.mark.parametrize(("command", "place"), PLACES)
def test_a_hostile_string_is_refused_or_carried_to_the_letter(
    trial: Trial, command: Command, place: str, hostility: str
) -> None:
    verdict = _judge(trial, _hostile(trial, command, place, HOSTILE[hostility]))
    assert PASSWORD not in verdict
    assert len(verdict) < 300


@pytest.mark.parametrize(("command", "place"), PLACES)
@settings(max_examples=40)
@given(value=st.text(max_size=20))
def test_any_string_is_refused_or_carried_to_the_letter(trial: Trial, command: Command, place: str, value: str) -> None:
    assert len(_judge(trial, _hostile(trial, command, place, value))) < 300


@pytest.mark.parametrize("hostility", HOSTILE)
def test_a_hostile_access_point_name_is_refused(trial: Trial, hostility: str) -> None:
    command = c.Provide(IMSI, ApnAccess(HOSTILE[hostility], provided=True))
    with pytest.raises(NotSpoken):
        trial.talk().say(1, command)


@pytest.mark.parametrize("hostility", HOSTILE)
@pytest.mark.parametrize("part", ["ki", "opc"])
def test_hostile_keys_are_refused_and_not_repeated(trial: Trial, hostility: str, part: str) -> None:
    keys = replace(c.Credentials("0" * 31 + "1", "0" * 31 + "2"), **{part: "0" * 31 + HOSTILE[hostility]})
    with pytest.raises(NotSpoken) as refused:
        trial.talk().client.encode(1, c.PutKeys(IMSI, ICCID), keys)
    assert "0" * 31 not in str(refused.value)
