"""What is particular to CAI: its grammar, its codes, and answers that name nobody."""

import pytest

from drivers import commands as c
from drivers.commands import Command, Why
from drivers.dialects import cai
from drivers.dialects.cai import codes, syntax, words
from drivers.dialects.cai.words import Vocabulary
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import (
    ApnAccess,
    Diversion,
    Iccid,
    Imsi,
    Msisdn,
    NetworkAccess,
    OutgoingBar,
    SpeedCap,
    Subscription,
)

IMSI, NUMBER = Imsi("208990000000001"), Msisdn("+33612345678")
KI = "0" * 31 + "1"
READ, FRESH = c.ReadSubscriber(IMSI), Subscription(IMSI, NUMBER)
TOLD = (
    "MSISDN,33612345678:IMSI,208990000000001:NAM,0:OBO,0:OBI,0:OBR,0:OBOPRI,0:OBOPRE,0:OSB1,0:OSB2,0:OSB3,0:OSB4,0:"
    "OBGPRS,0:TEMPBLOCK,0:ARD,0:AMBR,0"
)


def _reply(command: Command, answer: str) -> c.Reply:
    client = cai.client({})
    client.encode(1, command)
    ((number, reply),) = client.feed(f"{answer}\r\nEnter command: ".encode())
    assert number == 1
    return reply


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("LOGOUT", (("LOGOUT",),)),
        ("LOGIN:gate:", (("LOGIN",), ("gate",), ("",))),
        ("RESP:0:CFB,1,1,336:IMSI,2", (("RESP",), ("0",), ("CFB", "1", "1", "336"), ("IMSI", "2"))),
        (r'A:"x;:,":"\"\\",b', (("A",), ("x;:,",), ('"\\', "b"))),
        ("PDPADD,10.0.0.1", (("PDPADD", "10.0.0.1"),)),
    ],
)
def test_a_sentence_is_read(text: str, groups: tuple[tuple[str, ...], ...]) -> None:
    assert syntax.parse(text).groups == groups


@pytest.mark.parametrize(
    "text",
    [f'A:KI,"{KI}', f'A:KI,"{KI}"x', f"A:KI,{KI} B", f'A:KI,{KI}"', f"A:KI,\\{KI}", f"A:KI,{KI}\n", f'A:"\\{KI}"'],
)
def test_a_sentence_that_is_none_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as refused:
        syntax.parse(text)
    assert KI not in str(refused.value)


@pytest.mark.parametrize("value", ["1;2", '1"2', "1,2:3", "a\\", "1 2", "", '\\"'])
def test_any_printable_password_is_carried_to_the_letter(value: str) -> None:
    frame = cai.client({}).encode(1, c.Login(value, value))
    (asked,) = cai.server({}).feed(frame.data)
    assert asked.command == c.Login(value, value)
    assert frame.masked.endswith(":*****;")


@pytest.mark.parametrize("value", ["1\n", "1\r\nDELETE:", "1\x00", "\u0662", "\uff12", "é", "\ud800", "x" * 129])
def test_a_value_cai_cannot_carry_is_not_spoken(value: str) -> None:
    client = cai.client({})
    for command in (c.Login(value, "FAKEpw01"), c.Login("gate", value)):
        with pytest.raises(NotSpoken, match="character"):
            client.encode(1, command)
    with pytest.raises(NotSpoken, match="32 hex digits") as refused:
        client.encode(1, c.PutKeys(IMSI, Iccid("")), c.Credentials(KI + value))
    assert KI not in str(refused.value)


@pytest.mark.parametrize(
    "command",
    [
        c.RemoveSubscriber(Imsi("1:DELETE")),
        c.CreateSubscriber(IMSI, None),
        c.CreateSubscriber(IMSI, Msisdn("33612345678")),
        c.ChangeImsi(IMSI, Imsi("")),
        c.ChangeMsisdn(IMSI, Msisdn("+33612;")),
        c.PutKeys(IMSI, Iccid("")),
        c.CancelLocation(IMSI),
        c.Provide(IMSI, NetworkAccess.NONE),
        c.Provide(IMSI, SpeedCap(0)),
        c.Provide(IMSI, SpeedCap(words.MAX_NUMBER + 1)),
        c.Provide(IMSI, ApnAccess("nobody's", provided=True)),
        c.Provide(IMSI, Diversion("")),
        c.Provide(IMSI, Diversion("+33577")),
        c.Provide(IMSI, Diversion("1" * 16)),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_cannot_be_said_is_not_spoken(command: Command) -> None:
    with pytest.raises(NotSpoken, match=r"\w"):
        cai.client({}).encode(1, command)


@pytest.mark.parametrize(
    "answer",
    [
        f"RESP:0:{TOLD};".replace("000001", "000002"),
        "RESP:0;",
        f"RESP:0:{TOLD};".replace("OBO,0:", ""),
        f"RESP:0:{TOLD};".replace("OBO,0", "OBO,none"),
        f"RESP:0:{TOLD};".replace("OBO,0", "OBO,99999999999"),
        f"RESP:0:{TOLD};".replace("NAM,0", "NAM,3"),
        f"RESP:0:{TOLD}:OBO,1;",
        f"RESP:0:{TOLD}:IMSI,208990000000001;",
        f"RESP:0:{TOLD}:PDPCONTEXT,APNID,many;",
        f"RESP:0:{TOLD}:PDPCONTEXT;",
        f"RESP:0:{TOLD}:CLIR,yes;",
        f"RESP:0:{TOLD}:CFB,1,1,voicemail;",
        f"RESP:0:{TOLD}:CFB,1,1,577:CFB,0;",
        f"RESP:0:{TOLD}:CFB,1,1,577:CFNRC,{'x' * 129};",
        "RESP:;",
        "RESP:ok;",
        "RESP:0,0;",
        'RESP:0:"\r\n',
        "HELLO;",
        "DONE:0;",
    ],
)
def test_an_answer_that_is_not_sure_is_garbled(answer: str) -> None:
    client = cai.client({})
    client.encode(1, READ)
    with pytest.raises(Garbled):
        client.feed(answer.encode())


def test_an_answer_that_tells_something_is_no_answer_to_an_order() -> None:
    client = cai.client({})
    client.encode(1, c.Provide(IMSI, OutgoingBar.ALL))
    with pytest.raises(Garbled, match="nothing was asked"):
        client.feed(f"RESP:0:{TOLD};".encode())
    assert _reply(READ, "RESP:302;") == c.Refused(Why.OTHER, "302")


@pytest.mark.parametrize("stray", ["RESP:0;", "R", "x", "Enter command: RESP:0;", "\0", "Enter colour"])
def test_whatever_comes_unasked_ends_the_conversation(stray: str) -> None:
    client = cai.client({})
    assert client.feed(b"\r\nEnter command: Enter command:\r\n") == []
    with pytest.raises(Garbled):
        client.feed(stray.encode())


def test_after_a_silence_answers_still_go_to_their_commands_in_order() -> None:
    client = cai.client({})
    client.encode(4, c.Provide(IMSI, OutgoingBar.ALL))
    client.encode(5, READ)
    assert client.feed(b"RESP:0;\r\nEnter command: RESP:13;") == [
        (4, c.Done("0")),
        (5, c.Refused(Why.NOT_FOUND, "13", "IMSI unknown")),
    ]


@pytest.mark.parametrize("code", codes.REFUSALS)
def test_each_code_means_the_same_at_both_ends(code: int) -> None:
    why, text = codes.REFUSALS[code]
    assert _reply(c.RemoveSubscriber(IMSI), f"RESP:{code};") == c.Refused(why, str(code), text)
    server = cai.server({})
    server.feed(b"SET:KEEPALIVE;" * 3)
    assert server.answer(1, c.Refused(why, str(code))) == f"RESP:{code};\r\nEnter command: ".encode()
    for number, no_code in ((2, ""), (3, "0")):
        answered = server.answer(number, c.Refused(why, no_code)).decode().partition(";")[0]
        assert codes.meaning(int(answered.removeprefix("RESP:")))[0] is why


def test_every_reason_has_a_code() -> None:
    assert set(codes.FIRST) == set(Why)
    assert (codes.FIRST[Why.NOT_FOUND], codes.meaning(4711)) == (13, (Why.OTHER, ""))


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("hello", "VERB:OBJECT"),
        ("LOGIN:gate", "unknown|missing"),
        ("FLY:MOON:IMSI,1", "unknown"),
        ("GET:HLRSUB:MSISDN,33612345678", "IMSI is missing"),
        ("GET:HLRSUB:IMSI,1:OBO", "too many"),
        ("GET:HLRSUB:IMSI,1:IMSI,1", "twice"),
        ("GET:HLRSUB:IMSI,1,2", "one value"),
        ("SET:HLRSUB:IMSI,1:OBO,1:OBI,1", "part of one facet"),
        ("SET:HLRSUB:IMSI,1:OBO,9", "unknown"),
        ("SET:HLRSUB:IMSI,1:OBO,all", "a number"),
        ("SET:HLRSUB:IMSI,1:OBOPRI,1", "one facet"),
        ("SET:HLRSUB:IMSI,1:ARD,0", "another object"),
        ("SET:HSSSUB:IMSI,1:OBO,0", "another object"),
        ("SET:HLRSUB:IMSI,1:TEMPBLOCK,1", "another object"),
        ("SET:HLRSUB:IMSI,1:NIMSI,2:OBO,1", "two things"),
        ("SET:HLRSUB:IMSI,1:GPRS,DEF", "APNID"),
        ("SET:HLRSUB:IMSI,1:CLIR,2", "unknown"),
        ("SET:HLRSUB:IMSI,1:BAOCTS10,1", "one facet"),
        ("SET:HSSSUB:IMSI,1:CLIR,1", "another object"),
        ("SET:HLRSUB:IMSI,1:CFB,1,1,577", "CFNRY is missing"),
        ("SET:HLRSUB:IMSI,1:CFB,1,1,577:CFNRY,1,1,577:CFNRC,0", "one number"),
        ("SET:HLRSUB:IMSI,1:CFB,1,1,x:CFNRY,1,1,x:CFNRC,1,1,x", "CFB"),
        ("SET:HLRSUB:IMSI,1:CFB,1:CFNRY,1:CFNRC,1", "one number"),
        (f"CREATE:AUCSUB:IMSI,1:KI,{KI}:{KI}", "too many"),
        (f'CREATE:AUCSUB:IMSI,1:KI,"{KI}\r\n', "quote"),
        (f"CREATE:AUCSUB:IMSI,1:KI,{KI}:KI,{KI}", "twice"),
    ],
)
def test_what_makes_no_sense_is_complained_about_and_answered(typed: str, complaint: str) -> None:
    server = cai.server({})
    asked, after = server.feed(f"{typed};SET:KEEPALIVE;".replace("\r\n;", "\r\n").encode())
    assert asked.command is None
    assert any(words in asked.complaint for words in complaint.split("|")), asked.complaint
    assert KI not in f"{asked!r}"
    assert server.answer(asked.number, c.Refused(Why.INVALID, "")) == b"RESP:1003;\r\nEnter command: "
    assert after.command == c.KeepAlive()


def test_words_are_understood_in_small_letters_too() -> None:
    (asked,) = cai.server({}).feed(b"set:hlrsub:imsi,208990000000001:obo,1;")
    assert asked.command == c.Provide(IMSI, OutgoingBar.ALL)


def test_a_sentence_without_end_is_garbled() -> None:
    with pytest.raises(Garbled, match="';'"):
        cai.server({}).feed(b"A" * (syntax.MAX_REQUEST_BYTES + 1))
    client = cai.client({})
    client.encode(1, READ)
    with pytest.raises(Garbled, match="';'"):
        client.feed(b"RESP:0:" + b"A" * syntax.MAX_ANSWER_BYTES)


def test_what_came_before_the_rubbish_still_counts() -> None:
    server = cai.server({})
    (asked,) = server.feed(b"SET:KEEPALIVE;\xff;")
    assert asked.command == c.KeepAlive()
    with pytest.raises(Garbled, match="ASCII"):
        server.feed(b"")


def test_what_is_agreed_with_an_element_comes_from_its_options() -> None:
    client = cai.client({"profile": 7, "apn_ids": {"mms": 25}})
    assert b"PROFILE,7;" in client.encode(1, c.CreateSubscriber(IMSI, NUMBER)).data
    assert b"APNID,25;" in client.encode(2, c.Provide(IMSI, ApnAccess("mms", provided=True))).data
    with pytest.raises(NotSpoken, match="apn_ids"):
        client.encode(3, c.Provide(IMSI, ApnAccess("internet", provided=True)))


@pytest.mark.parametrize("options", [{"profil": 1}, {"profile": "1"}, {"apn_ids": ["a"]}, {"apn_ids": {"a": "1"}}])
def test_options_that_are_none_are_named(options: dict[str, object]) -> None:
    with pytest.raises(NotSpoken, match=next(iter(options))):
        Vocabulary.from_options(options)
