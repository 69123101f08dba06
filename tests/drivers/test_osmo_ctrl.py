"""What is particular to OsmoHLR's control interface: frames, transaction ids, two questions in one command."""

import pytest

from drivers import commands as c
from drivers.commands import Command, Credentials, Why
from drivers.dialects import osmo_ctrl
from drivers.dialects.osmo_ctrl.client import CtrlClient
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import Iccid, Imsi, Msisdn, NetworkAccess, OutgoingBar, Subscription

A, B = Imsi("901700000014701"), Imsi("901700000014702")
NUMBER, ICCID = Msisdn("+491700000001"), Iccid("8933010000000000017")
KI, OPC = "0" * 31 + "1", "0" * 31 + "2"
INFO = "\nid\t1\nimsi\t{imsi}\nmsisdn\t491700000001\nnam_cs\t1\nnam_ps\t0\nvlr_number\tVLR-1\nlmsi\t00000000"
AUD = f"\naud2g.algo\tCOMP128v1\naud2g.ki\t{KI}\naud3g.algo\tMILENAGE\naud3g.k\t{KI}\naud3g.opc\t{OPC}\naud3g.sqn\t0"
READ = c.ReadSubscriber(A)


def frame(text: str) -> bytes:
    return (len(text) + 1).to_bytes(2, "big") + b"\xee\x00" + text.encode()


def asked(*commands: Command) -> CtrlClient:
    client = osmo_ctrl.client({})
    for number, command in enumerate(commands, 1):
        client.encode(number, command, Credentials(KI, OPC))
    return client


def about(number: int, name: str, value: str, imsi: str = A, kind: str = "GET_REPLY") -> bytes:
    return frame(f"{kind} {number} subscriber.by-imsi-{imsi}.{name} {value}")


def test_answers_find_their_commands_in_whatever_order_they_come() -> None:
    client = asked(READ, c.CreateSubscriber(B, None), c.ReadSubscriber(B))
    said = (
        frame("ERROR 3 No such subscriber."),
        about(1, "info-all", INFO.format(imsi=A)),
        frame("SET_REPLY 2 subscriber.create 7"),
    )
    assert client.feed(b"".join(said)) == [
        (3, c.Refused(Why.NOT_FOUND, "no_subscriber", "No such subscriber.")),
        (1, c.Held(Subscription(A, NUMBER, access=NetworkAccess.CS_ONLY))),
        (2, c.Done("", "7")),
    ]


@pytest.mark.parametrize(
    "said",
    [
        frame("ERROR 9 No such subscriber."),
        frame("ERROR err Request malformed"),
        frame("SET_REPLY 1 subscriber.create 1"),
        about(1, "info", INFO.format(imsi=A)),
        about(1, "info-all", INFO.format(imsi=A), kind="SET_REPLY"),
        about(1, "info-all", INFO.format(imsi=A), imsi=B),
        about(1, "info-all", INFO.format(imsi=B)),
        about(1, "info-all", "\nid\t1\nimsi\t" + A),
        about(1, "info-all", INFO.format(imsi=A).replace("nam_cs\t1", "nam_cs\t2")),
        about(1, "info-all", INFO.format(imsi=A).replace("491700000001", "+49")),
        frame("HELLO 1 there"),
        frame("GET_REPLY"),
        b"\x00\x05\xfe\x00abcd",
        b"\x00\x05\xee\x01abcd",
        b"\x00\x00\xee",
        b"\x00\x03\xee\x00\xc3\xa9",
    ],
    ids=range(16),
)
def test_an_answer_that_is_none_is_garbled(said: bytes) -> None:
    with pytest.raises(Garbled):
        asked(READ).feed(said)


def test_the_same_answer_twice_is_garbled() -> None:
    client, answer = asked(READ), frame("ERROR 1 No such subscriber.")
    assert len(client.feed(answer)) == 1
    with pytest.raises(Garbled):
        client.feed(answer)


def test_what_the_element_says_of_itself_is_passed_over() -> None:
    assert asked(READ).feed(frame("TRAP 0 something new")) == []


def test_keys_that_come_in_clear_are_noticed_and_never_seen() -> None:
    client = asked(READ, c.ReadKeys(A), c.PutKeys(A, ICCID))
    told = client.feed(
        about(1, "info-all", INFO.format(imsi=A) + AUD)
        + about(2, "info-aud", AUD)
        + frame(f"ERROR 3 Invalid something: {KI}")
    )
    assert [reply for _, reply in told] == [
        c.Held(Subscription(A, NUMBER, access=NetworkAccess.CS_ONLY)),
        c.KeysHeld(),
        c.Refused(Why.INVALID, "invalid", "Invalid something: *****"),
    ]
    assert told[0][1].keys is True  # type: ignore[union-attr]  # it is Held, as shown above
    assert KI not in repr(told)


@pytest.mark.parametrize("aud", ["", AUD])
def test_a_garbled_answer_does_not_repeat_keys(aud: str) -> None:
    with pytest.raises(Garbled) as garbled:
        asked(READ).feed(about(1, "info-all", "\nimsi\tx" + AUD + aud))
    assert KI not in f"{garbled.value!r} {garbled.value.__cause__!r} {garbled.value.__context__!r}"


def test_nothing_a_client_keeps_shows_the_keys_it_has_sent() -> None:
    client = asked(c.PutKeys(A, ICCID))
    assert KI not in repr(vars(client))
    frame_ = osmo_ctrl.client({}).encode(1, c.PutKeys(A, ICCID), Credentials(KI, OPC))
    assert frame_.masked == f"SET 1 subscriber.by-imsi-{A}.aud3g milenage,*****,opc,*****"


@pytest.mark.parametrize(
    ("options", "value"),
    [({}, "comp128v1"), ({"algorithm_2g": "comp128v3"}, "comp128v3")],
)
def test_keys_without_opc_are_a_2g_cards(options: dict[str, object], value: str) -> None:
    said = osmo_ctrl.client(options).encode(1, c.PutKeys(A, ICCID), Credentials(KI))
    assert said.data == frame(f"SET 1 subscriber.by-imsi-{A}.aud2g {value},{KI}")
    (heard,) = osmo_ctrl.server(options).feed(said.data)
    assert (heard.command, heard.keys) == (c.PutKeys(A, Iccid("")), Credentials(KI))


@pytest.mark.parametrize("options", [{"algorithm_2g": "milenage"}, {"algorithm_2g": 1}, {"user": "gate"}])
def test_a_wrong_option_is_named(options: dict[str, object]) -> None:
    for make in (osmo_ctrl.client, osmo_ctrl.server):
        with pytest.raises(NotSpoken, match=next(iter(options))):
            make(options)


@pytest.mark.parametrize(
    ("owner", "why"),
    [
        ("ERROR 1000000001 No such subscriber.", Why.BUSY),
        (f"GET_REPLY 1000000001 subscriber.by-msisdn-491700000001.info {INFO.format(imsi=A)}", Why.BUSY),
        (f"GET_REPLY 1000000001 subscriber.by-msisdn-491700000001.info {INFO.format(imsi=B)}", Why.CONFLICT),
    ],
    ids=["nobody's", "its own", "another's"],
)
def test_a_number_not_set_is_a_conflict_only_where_another_has_it(owner: str, why: Why) -> None:
    client = asked(c.AssignMsisdn(A, NUMBER))
    ((_, refused),) = client.feed(frame(owner) + frame("ERROR 1 Update MSISDN failed"))
    assert refused == c.Refused(why, "number_not_set", "Update MSISDN failed")


def test_the_owners_answer_must_be_to_the_question() -> None:
    answer = f"GET_REPLY 1000000001 subscriber.by-msisdn-999.info {INFO.format(imsi=B)}"
    with pytest.raises(Garbled):
        asked(c.AssignMsisdn(A, NUMBER)).feed(frame(answer))


@pytest.mark.parametrize(
    "command",
    [
        c.CreateSubscriber(A, NUMBER),
        c.Provide(A, NetworkAccess.NONE),
        c.Provide(A, OutgoingBar.ALL),
        c.ChangeMsisdn(A, NUMBER),
        c.RemoveKeys(A, ICCID),
        c.Login("gate", "FAKEpw01"),
        c.ListSubscribers(""),
    ],
)
def test_what_it_has_no_word_for_is_not_spoken(command: Command) -> None:
    with pytest.raises(NotSpoken):
        osmo_ctrl.client({}).encode(1, command)


def test_keys_must_be_given_to_be_put() -> None:
    with pytest.raises(NotSpoken, match="vault"):
        osmo_ctrl.client({}).encode(1, c.PutKeys(A, ICCID))


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        ("", "ERROR err Request malformed"),
        ("FOO 1 x", "ERROR err Request type unknown"),
        ("GET", "ERROR err Missing ID"),
        ("GET abc foo", "ERROR err Invalid message ID number"),
        ("GET 1", "ERROR 1 GET incomplete"),
        ("SET 1 foo", "ERROR 1 SET incomplete"),
        ("SET 1 foo 1", "ERROR 1 Command not found"),
        ("SET 1 subscriber.create 9017", "ERROR 1 Invalid IMSI value."),
        ("GET 1 subscriber.by-imsi-x.info-all", "ERROR 1 Invalid value part of 'by-xxx-value' selector."),
        (f"SET 1 subscriber.by-imsi-{A}.msisdn +4917", "ERROR 1 Value failed verification."),
        (f"SET 1 subscriber.by-imsi-{A}.aud2g foo,{KI}", "ERROR 1 Unknown auth algorithm."),
        (f"SET 1 subscriber.by-imsi-{A}.aud2g comp128v1,0123", "ERROR 1 Invalid KI."),
    ],
)
def test_a_simulated_one_complains_as_the_real_one_does(request_: str, complaint: str) -> None:
    server = osmo_ctrl.server({})
    (heard,) = server.feed(frame(request_))
    assert heard.command is None
    assert heard.complaint in complaint
    assert server.answer(heard.number, c.Refused(Why.INVALID, "")) == frame(complaint)


def test_a_simulated_one_answers_a_look_nothing_follows() -> None:
    server, look = osmo_ctrl.server({}), "GET 5 subscriber.by-msisdn-4917.info"
    nobody = frame("ERROR 5 No such subscriber.")
    assert server.feed(frame(look)) == []
    assert server.to_send() == nobody
    (heard,) = server.feed(frame(look) + frame(f"GET 6 subscriber.by-imsi-{A}.info-all"))
    assert server.answer(heard.number, c.Refused(Why.NOT_FOUND, "")) == nobody + frame("ERROR 6 No such subscriber.")
    assert server.feed(frame(look) * 2) == []
    assert server.to_send() == nobody * 2


def test_a_simulated_one_answers_in_the_order_it_was_asked() -> None:
    server = osmo_ctrl.server({})
    first, second = server.feed(frame("SET 1 subscriber.create 901701") + frame("SET 2 subscriber.create 901702"))
    assert server.answer(second.number, c.Done("", "2")) == b""
    both = frame("SET_REPLY 1 subscriber.create 1") + frame("SET_REPLY 2 subscriber.create 2")
    assert server.answer(first.number, c.Done("", "1")) == both
