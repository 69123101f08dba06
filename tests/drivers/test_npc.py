"""What is particular to the clearing house's dialect: lines, numbers, codes, files."""

import json

import pytest

from drivers import commands as c
from drivers.commands import Why
from drivers.dialects import npc
from drivers.dialects.npc.client import NpcClient
from drivers.dialects.npc.codes import CODE, WHY
from drivers.dialects.npc.lines import MAX_LINE_BYTES
from drivers.errors import Garbled, NotSpoken

READ, LIST = c.ReadPort("P-1"), c.ListPorts(3)
FILE = {
    "seq": 4,
    "reference": "P-1",
    "msisdn": "+33612345678",
    "rio": "02P123456ABC",
    "donor": "02",
    "recipient": "LG",
    "on": "2026-11-25",
    "state": "requested",
    "reason": "",
    "released_at": None,
    "confirmed_at": None,
}


def _asking(command: c.Command = READ) -> NpcClient:
    client = npc.client({})
    client.encode(1, command)
    return client


def _answer(**told: object) -> bytes:
    return json.dumps({"n": 1, "ok": True, "code": "DONE", "text": ""} | told).encode() + b"\n"


def test_the_password_is_masked_and_sent() -> None:
    frame = npc.client({}).encode(1, c.Login("gate", "FAKEpw01"))
    assert json.loads(frame.data)["password"] == "FAKEpw01"
    assert json.loads(frame.masked) == {"n": 1, "verb": "LOGIN", "user": "gate", "password": "*****"}


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense\n",
        b"\n",
        b"[]\n",
        b"7\n",
        b"\xff\n",
        b'{"n":1,"verb":"KEEP_ALIVE","n":2}\n',
        b'{"n":1,"verb":"KEEP_ALIVE","since":NaN}\n',
        b'{"verb":"KEEP_ALIVE"}\n',
        b'{"n":0,"verb":"KEEP_ALIVE"}\n',
        b'{"n":true,"verb":"KEEP_ALIVE"}\n',
        b'{"n":1.0,"verb":"KEEP_ALIVE"}\n',
        b'{"n":"1","verb":"KEEP_ALIVE"}\n',
        b'{"n":' + b"9" * 5000 + b"}\n",
        b"[" * 50_000 + b"\n",
        b"x" * MAX_LINE_BYTES,
        b'{"n":1,"text":"' + b"x" * MAX_LINE_BYTES + b'"}\n',
    ],
)
def test_what_is_no_line_of_ours_ends_the_conversation_at_both_ends(line: bytes) -> None:
    with pytest.raises(Garbled):
        npc.server({}).feed(line)
    with pytest.raises(Garbled):
        _asking().feed(line)


def test_rubbish_behind_an_answer_is_met_at_the_next_look_and_ever_after() -> None:
    client = _asking()
    assert client.feed(_answer(file=FILE) + b"rubbish\n") != []
    for _ in range(2):
        with pytest.raises(Garbled):
            client.feed(b"")


@pytest.mark.parametrize(
    "told",
    [
        {"verb": "DANCE"},
        {"verb": 7},
        {},
        {"verb": "READ_PORT"},
        {"verb": "READ_PORT", "reference": 7},
        {"verb": "READ_PORT", "reference": "P-1", "colour": "red"},
        {"verb": "READ_PORT", "reference": "x" * 201},
        {"verb": "LIST_PORTS", "since": -1},
        {"verb": "LIST_PORTS", "since": True},
        {"verb": "LIST_PORTS", "since": "0"},
        {"verb": "ANSWER_PORT", "reference": "P-1", "accepted": 1, "reason": ""},
    ],
)
def test_a_request_that_makes_no_sense_is_a_complaint_under_its_number(told: dict[str, object]) -> None:
    (asked,) = npc.server({}).feed(json.dumps({"n": 9} | told).encode() + b"\n")
    assert (asked.number, asked.command) == (9, None)
    assert asked.complaint
    assert "x" * 201 not in asked.complaint


@pytest.mark.parametrize(
    "command",
    [
        c.ReadPort("x" * 201),
        c.ReadPort("\ud800"),
        c.ListPorts(-1),
        c.ListPorts(2**53),
        c.AnswerPort("P-1", 1, ""),  # type: ignore[arg-type]  # what a careless caller might pass
    ],
)
def test_what_cannot_be_carried_is_not_spoken(command: c.Command) -> None:
    with pytest.raises(NotSpoken):
        npc.client({}).encode(1, command)


def test_answers_are_known_by_their_numbers_in_any_order() -> None:
    client = npc.client({})
    client.encode(1, READ)
    client.encode(2, LIST)
    late = json.dumps({"n": 2, "ok": True, "code": "DONE", "text": "", "files": []}).encode() + b"\n"
    assert client.feed(late + _answer(ok=False, code="UNKNOWN_REFERENCE")) == [
        (2, c.PortsListed(())),
        (1, c.Refused(Why.NOT_FOUND, "UNKNOWN_REFERENCE")),
    ]
    with pytest.raises(Garbled):
        client.feed(late)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (READ, {}),
        (READ, {"file": 7}),
        (READ, {"file": FILE | {"reference": "P-2"}}),
        (READ, {"file": FILE | {"state": "lost"}}),
        (READ, {"file": FILE | {"seq": 0}}),
        (READ, {"file": FILE | {"seq": True}}),
        (READ, {"file": FILE | {"released_at": 7}}),
        (READ, {"file": {name: value for name, value in FILE.items() if name != "rio"}}),
        (READ, {"file": FILE, "ok": "yes"}),
        (READ, {"file": FILE, "code": None}),
        (READ, {"file": FILE, "text": 7}),
        (LIST, {"files": FILE}),
        (LIST, {"files": [FILE | {"seq": 3}]}),
        (LIST, {"files": [FILE, FILE]}),
    ],
)
def test_an_answer_that_tells_something_else_is_garbled(command: c.Command, told: dict[str, object]) -> None:
    with pytest.raises(Garbled):
        _asking(command).feed(_answer(**told))


def test_every_reason_has_a_code_of_its_own_that_is_read_back() -> None:
    assert {WHY[code] for code in CODE.values()} == set(Why) == set(CODE)
    assert all(WHY[code] is why for why, code in CODE.items())


def test_a_code_of_a_later_edition_is_another_reason() -> None:
    (answer,) = _asking().feed(_answer(ok=False, code="MORATORIUM", text="wait"))
    assert answer == (1, c.Refused(Why.OTHER, "MORATORIUM", "wait"))


@pytest.mark.parametrize("make", [npc.client, npc.server])
def test_there_are_no_options(make: object) -> None:
    assert callable(make)
    with pytest.raises(NotSpoken, match="colour"):
        make({"colour": "red"})


def test_a_list_that_is_too_long_for_a_line_is_not_spoken() -> None:
    client, server = _asking(c.ListPorts(0)), npc.server({})
    ((_, held),) = _asking().feed(_answer(file=FILE))
    assert isinstance(held, c.PortHeld)
    with pytest.raises(NotSpoken):
        server.answer(1, c.PortsListed((held.file,) * 500))
    assert client.feed(server.answer(1, c.PortsListed((held.file,)))) == [(1, c.PortsListed((held.file,)))]
