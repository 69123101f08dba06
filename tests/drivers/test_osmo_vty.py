"""What is particular to OsmoHLR's terminal: telnet, prompts, passwords, two lines for one command."""

from collections.abc import Callable

import pytest

from drivers import commands as c
from drivers.commands import Command, Credentials, Reply, Why
from drivers.dialects import osmo_vty
from drivers.dialects.osmo_vty import report
from drivers.dialects.osmo_vty.client import VtyClient
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import Iccid, Imsi, Msisdn, NetworkAccess, OutgoingBar, Subscription

A, B = Imsi("901700000014701"), Imsi("901700000014702")
NUMBER, ICCID = Msisdn("+491700000001"), Iccid("8933010000000000017")
KI, OPC = "0" * 31 + "1", "0" * 31 + "2"
TELNET = bytes.fromhex("fffb01fffb03fffe22fffd1f")
READ = c.ReadSubscriber(A)
SHOW = f"subscriber imsi {A} show"
#: a subscriber served in both domains, purged in one, as 1.5.0 prints it
SERVED = f"""\
    ID: 1
    IMSI: {A}
    MSISDN: 491700000001
    IMEI: 357613004448485
    VLR number: VLR-1
    SGSN number: SGSN-1
    PS disabled
    PS purged
    last LU seen on CS: 2026-11-22T11:43:20+00:00 (1s ago)
    last LU seen on PS: 2026-11-22T11:43:20+00:00 (invalid timestamp)
    2G auth: COMP128v1
             KI={KI}
    3G auth: MILENAGE
             K={KI}
             OPC={OPC}
             IND-bitlen=5 last-SQN=32"""


def answer(echo: str, *lines: str, prompt: str = "OsmoHLR# ") -> bytes:
    text = "\n".join([echo, *lines, prompt])
    return text.replace("\n", "\r\n").encode()


def asked(*commands: Command) -> VtyClient:
    client = osmo_vty.client({})
    for number, command in enumerate(commands, 1):
        client.encode(number, command, Credentials(KI, OPC))
    return client


def test_a_served_subscriber_is_read_and_its_keys_are_not() -> None:
    ((_, held),) = asked(READ).feed(answer(SHOW, SERVED))
    assert held == c.Held(Subscription(A, NUMBER, access=NetworkAccess.CS_ONLY))
    assert isinstance(held, c.Held)
    assert held.keys is True
    assert KI not in repr(held)


@pytest.mark.parametrize(
    "said",
    [
        answer(f"subscriber imsi {B} show", SERVED),
        answer("", SHOW, SERVED),
        answer(SHOW, SERVED.replace(A, B)),
        answer(SHOW, "    ID: 1"),
        answer(SHOW, SERVED.replace("491700000001", "+49")),
        answer(SHOW),
        answer(SHOW, "é"),
        TELNET.replace(b"\xfb", b"\xfa"),
        b"x" * 100_000,
    ],
    ids=range(9),
)
def test_an_answer_that_is_none_is_garbled_and_repeats_no_keys(said: bytes) -> None:
    with pytest.raises(Garbled) as garbled:
        asked(READ).feed(said)
    assert KI not in f"{garbled.value!r} {garbled.value.__cause__!r} {garbled.value.__context__!r}"


def test_an_answer_nobody_waits_for_is_garbled() -> None:
    with pytest.raises(Garbled):
        asked().feed(answer(SHOW, SERVED))


def test_telnet_may_come_anywhere_in_any_pieces() -> None:
    said = answer(SHOW, SERVED)
    for cut in range(0, len(said), 7):
        client = asked(READ)
        for octet in said[:cut] + bytes.fromhex("fff1 fffd18"):
            assert client.feed(bytes([octet])) == []
        client.feed(b"\r\nOsmoHLR# ")  # telnet before it makes this the greeting
        assert len(client.feed(said)) == 1


@pytest.mark.parametrize("prompt", ["hlr", "hlr-1.example", "OsmoHLR"])
def test_the_prompt_is_the_elements_host_name(prompt: str) -> None:
    client, server = osmo_vty.client({"prompt": prompt}), osmo_vty.server({"prompt": prompt, "login": False})
    client.feed(server.to_send())
    (heard,) = server.feed(client.encode(1, c.Login("", "")).data)
    assert client.feed(server.answer(heard.number, c.Done())) == [(1, c.Done(""))]
    assert asked(READ).feed(answer(SHOW, SERVED, prompt="hlr# ")) == []


@pytest.mark.parametrize(
    "options",
    [{"prompt": "a b"}, {"prompt": 1}, {"login": "yes"}, {"user": "gate"}, {"algorithm_2g": "milenage"}, {"host": "x"}],
)
def test_a_wrong_option_is_named(options: dict[str, object]) -> None:
    with pytest.raises(NotSpoken, match=next(iter(options))):
        osmo_vty.server(options)


def test_nothing_shows_the_keys_and_passwords_sent() -> None:
    client = asked(c.Login("gate", "FAKEpw01"), c.PutKeys(A, ICCID))
    assert {secret in repr(vars(client)) for secret in (KI, OPC, "FAKEpw01")} == {False}
    frame = osmo_vty.client({}).encode(1, c.PutKeys(A, ICCID), Credentials(KI, OPC))
    assert frame.masked == f"subscriber imsi {A} update aud3g milenage k ***** opc *****"


def test_a_key_the_element_does_not_like_is_not_repeated() -> None:
    line = f"subscriber imsi {A} update aud3g milenage k {KI} opc {OPC}"
    for wrong in ("0123", KI, "it's\r\n% so"):
        ((_, refused),) = asked(c.PutKeys(A, ICCID)).feed(answer(line, f"% Invalid value for K: '{wrong}'"))
        assert refused == c.Refused(Why.INVALID, "invalid", "Invalid value for K: *****")


def test_keys_without_opc_are_a_2g_cards() -> None:
    said = osmo_vty.client({"algorithm_2g": "comp128v2"}).encode(1, c.PutKeys(A, ICCID), Credentials(KI))
    assert said.data == f"subscriber imsi {A} update aud2g comp128v2 ki {KI}\n".encode()
    server = osmo_vty.server({})
    (heard,) = server.feed(said.data)
    assert (heard.command, heard.keys) == (c.PutKeys(A, Iccid("")), Credentials(KI))
    locked = server.answer(heard.number, c.Refused(Why.BUSY, ""))
    assert f"% Error: cannot set 2G auth data for IMSI='{A}'".encode() in locked


@pytest.mark.parametrize(
    ("owner", "why"),
    [
        ("% No subscriber for msisdn = '491700000001'", Why.BUSY),
        (SERVED, Why.BUSY),
        (SERVED.replace(A, B), Why.CONFLICT),
    ],
    ids=["nobody's", "its own", "another's"],
)
@pytest.mark.parametrize("command", [c.AssignMsisdn(A, NUMBER), c.ChangeMsisdn(A, NUMBER)])
def test_a_number_not_set_is_a_conflict_only_where_another_has_it(command: Command, owner: str, why: Why) -> None:
    text = f"Error: cannot update MSISDN for subscriber IMSI='{A}'"
    look = answer("subscriber msisdn 491700000001 show", owner)
    ((_, refused),) = asked(command).feed(look + answer(f"subscriber imsi {A} update msisdn 491700000001", f"% {text}"))
    assert refused == c.Refused(why, "number_not_set", text)


@pytest.mark.parametrize(
    ("confirmed", "found", "reply"),
    [
        ([], SERVED, c.Done("")),
        ([], SERVED.replace("    PS disabled\n", ""), c.Refused(Why.BUSY, "not_stored")),
        ([], "% No subscriber for imsi = 'x'", c.Refused(Why.NOT_FOUND, "no_subscriber")),
        (["% Unknown command."], SERVED, c.Refused(Why.FORBIDDEN, "no_command")),
    ],
    ids=["stored", "not stored", "gone meanwhile", "no such word"],
)
def test_network_access_is_set_when_a_look_says_so(confirmed: list[str], found: str, reply: Reply) -> None:
    client = asked(c.Provide(A, NetworkAccess.CS_ONLY))
    assert client.feed(answer(f"subscriber imsi {A} update network-access-mode cs", *confirmed)) == []
    ((_, told),) = client.feed(answer(SHOW, found))
    assert (type(told), getattr(told, "why", None), getattr(told, "code", None)) == (
        type(reply),
        getattr(reply, "why", None),
        getattr(reply, "code", None),
    )


@pytest.mark.parametrize("size", [0, 1, 40, 41, 500])
def test_a_list_of_any_length_is_read_as_it_is_written(size: int) -> None:
    imsis = [Imsi(f"90170{n:010d}") for n in range(size)]
    lines = report.write_list(imsis)
    assert (lines[-2:-1] == [report.HEADER[0]]) == (size > 40)
    assert asked(c.ListSubscribers("901")).feed(answer("show subscribers imsi 901", *lines)) == [
        (1, c.Listed(tuple(imsis)))
    ]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: lines[:-1],
        lambda lines: [*lines[:2], *lines[3:]],
        lambda lines: [*lines[:2], "1", *lines[3:]],
        lambda lines: [*lines[:2], "1 none x", *lines[3:]],
        lambda lines: [*lines[:-1], report.NOBODY],
    ],
    ids=["no end", "a row missing", "a row cut short", "no IMSI", "nobody after all"],
)
def test_a_list_that_does_not_add_up_is_garbled(spoil: Callable[[list[str]], list[str]]) -> None:
    with pytest.raises(Garbled):
        asked(c.ListSubscribers("")).feed(answer("show subscribers all", *spoil(report.write_list([A, B]))))


def test_a_list_that_breaks_off_is_refused() -> None:
    broken = [*report.write_list([A, B]), "% disk I/O error"]
    ((_, refused),) = asked(c.ListSubscribers("")).feed(answer("show subscribers all", *broken))
    assert refused == c.Refused(Why.OTHER, "", "disk I/O error")


@pytest.mark.parametrize(
    "command",
    [
        c.CreateSubscriber(A, NUMBER),
        c.Provide(A, OutgoingBar.ALL),
        c.RemoveKeys(A, ICCID),
        c.CancelLocation(A),
        c.ListSubscribers("9%"),
        c.Login("", "two words"),
        c.Login("", "FAKEpw\x01"),
    ],
)
def test_what_it_has_no_word_for_is_not_spoken(command: Command) -> None:
    with pytest.raises(NotSpoken):
        osmo_vty.client({}).encode(1, command)


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("", []),
        ("!a remark", []),
        ("foo", ["% Unknown command."]),
        (f"subscriber imsi {A}", ["% Command incomplete."]),
        ("subscriber imsi 9017 create", ["% Not a valid IMSI: 9017"]),
        (f"subscriber imsi {A} update msisdn +49", ["% MSISDN invalid: '+49'"]),
        (
            f"subscriber imsi {A} update msisdn 1234567890123456",
            ["% MSISDN is too long, max. 15 characters are allowed"],
        ),
        (f"subscriber imsi {A} update network-access-mode foo", ["% Unknown command."]),
        (f"subscriber imsi {A} update aud3g milenage k {KI}", ["% Command incomplete."]),
        ("subscriber msisdn 4917 show", ["% No subscriber for msisdn = '4917'"]),
    ],
)
def test_a_simulated_one_complains_as_the_real_one_does(line: str, lines: list[str]) -> None:
    server = osmo_vty.server({"login": False})
    server.to_send()
    said = b"".join(
        server.answer(heard.number, c.Refused(Why.INVALID, "")) for heard in server.feed(f"{line}\n".encode())
    )
    assert said + server.to_send() == answer(line, *lines, prompt="OsmoHLR> ")


def test_a_simulated_one_prompts_twice_for_two_ends_of_a_line() -> None:
    server = osmo_vty.server({"login": False})
    server.to_send()
    (heard,) = server.feed(b"enable\r\n")
    assert server.answer(heard.number, c.Done()) == b"enable\r\nOsmoHLR# \r\nOsmoHLR# "


def test_a_simulated_one_sets_network_access_without_a_look_too() -> None:
    server = osmo_vty.server({"login": False})
    server.to_send()
    line = f"subscriber imsi {A} update network-access-mode none"
    mode, read = server.feed(f"{line}\nsubscriber imsi {B} show\n".encode())
    assert (mode.command, read.command) == (c.Provide(A, NetworkAccess.NONE), c.ReadSubscriber(B))
    assert server.answer(mode.number, c.Done()) == answer(line, prompt="OsmoHLR> ")
