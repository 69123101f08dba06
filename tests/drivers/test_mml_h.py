"""What is particular to MML-H: its grammar, its echoes, its reports."""

import pytest

from drivers import commands as c
from drivers.commands import Command, Why
from drivers.dialects import mml_h
from drivers.dialects.mml_h import syntax
from drivers.dialects.mml_h.words import Vocabulary
from drivers.errors import Garbled, NotSpoken
from drivers.subscription import (
    ApnAccess,
    Diversion,
    Facet,
    Iccid,
    Imsi,
    IncomingBar,
    Msisdn,
    NetworkAccess,
    OutgoingBar,
    PacketBar,
    RoamingBar,
    SpeedCap,
    Subscription,
)

IMSI, NUMBER = Imsi("208990000000001"), Msisdn("+33612345678")
KI = "0" * 31 + "1"
READ = c.ReadSubscriber(IMSI)
HOSTILE = ("1;2", '1"2', "1,2", "1\n", "1\r\nRMV SUB:", "1\x00", "1 2", "%%", "\u0662", "\uff12", "é", "\ud800")


def _answer(command: Command = READ, status: str = "0 ok", body: str = "", echo: str = "") -> bytes:
    spoken = echo or mml_h.client({}).encode(1, command).masked.removesuffix(";")
    text = f"+++    HLR9820\nSMU    #000001\n%%{spoken}%%\nRETCODE = {status}\n\n{body}\n"
    return f"{text}There is together 1 report\n\n---    END\n".replace("\n", "\r\n").encode()


def _report() -> str:
    server = mml_h.server({})
    server.feed(b'LST SUB:IMSI="208990000000001";')
    text = server.answer(1, c.Held(Subscription(IMSI, NUMBER))).decode().replace("\r\n", "\n")
    return text.partition("is successful\n\n")[2].partition("\n\nThere")[0]


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("SHK HAND", {}),
        ("SHK HAND:", {}),
        ('LST SUB:IMSI="1",DETAIL=TRUE', {"IMSI": "1", "DETAIL": "TRUE"}),
        ('\r\n LST SUB :IMSI="1"', {"IMSI": "1"}),
        ('LST SUB:NAME="a,b;c",X=', {"NAME": "a,b;c", "X": ""}),
    ],
)
def test_a_command_is_read(text: str, parameters: dict[str, str]) -> None:
    assert syntax.parse(text).parameters == parameters


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lst sub:IMSI=1",
        "LST SUB IMSI=1",
        f'ADD KI:KIVALUE="{KI}',
        f'ADD KI:KIVALUE="{KI}"X',
        f"ADD KI:KIVALUE={KI},KIVALUE={KI}",
        f"ADD KI:{KI}",
        "ADD KI:=1",
        "ADD KI:,",
    ],
)
def test_a_command_that_is_none_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as refused:
        syntax.parse(text)
    assert KI not in str(refused.value)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_that_could_break_out_is_not_spoken(value: str) -> None:
    client = mml_h.client({})
    commands: tuple[Command, ...] = (
        c.Login(value, "FAKEpw01"),
        c.Login("gate", value),
        c.RemoveSubscriber(Imsi(value)),
        c.CreateSubscriber(IMSI, Msisdn(f"+{value}")),
        c.ChangeImsi(IMSI, Imsi(value)),
        c.ChangeMsisdn(IMSI, Msisdn(f"+{value}")),
    )
    for command in commands:
        with pytest.raises(NotSpoken, match="character"):
            client.encode(1, command)
    with pytest.raises(NotSpoken, match="character"):
        client.encode(1, c.PutKeys(IMSI, Iccid("")), c.Credentials(value))


def test_a_value_no_element_could_take_is_not_spoken() -> None:
    with pytest.raises(NotSpoken):
        mml_h.client({}).encode(1, c.RemoveSubscriber(Imsi("2" * (syntax.MAX_COMMAND_BYTES + 1))))


def test_keys_that_the_vault_does_not_give_are_not_spoken() -> None:
    with pytest.raises(NotSpoken, match="vault"):
        mml_h.client({}).encode(1, c.PutKeys(IMSI, Iccid("")))


def test_a_command_without_end_is_garbled() -> None:
    with pytest.raises(Garbled, match="';'"):
        mml_h.server({}).feed(b"A" * (syntax.MAX_COMMAND_BYTES + 1))


def test_an_answer_without_end_is_garbled() -> None:
    with pytest.raises(Garbled, match="no end"):
        mml_h.client({}).feed(b"+++" + b"A" * syntax.MAX_ANSWER_BYTES)


def test_what_cannot_become_an_answer_is_garbled_at_once() -> None:
    assert mml_h.client({}).feed(b"\r\n++") == []
    for noise in (b"\x00", b"++-", b"Welcome"):
        with pytest.raises(Garbled, match="begin"):
            mml_h.client({}).feed(noise)


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("LST SUB:DETAIL=TRUE", "IMSI"),
        ("FLY MOON:IMSI=1", "unknown command FLY MOON"),
        ("MOD ODBOC:IMSI=1,ODBOC=EVERYTHING", "barring"),
        ("MOD LCK:IMSI=1,IC=TRUE,OC=FALSE", "alike"),
        ("MOD ODBOC:IMSI=1,ODBINFO=TRUE,ODBENTE=FALSE", "alike"),
        ("MOD ODBOC:IMSI=1,ODBINFO=TRUE", "ODBENTE is missing"),
        ("MOD ODBOC:IMSI=1,ODBOC=BAOC,ODBINFO=TRUE,ODBENTE=TRUE", "nothing else"),
        ("MOD NAM:IMSI=1,NAM=NEITHER", "unknown"),
        ("MOD OPTGPRS:IMSI=1,PROV=ADDPDPCNTX,APNTPLID=many", "template"),
        ("MOD AMBR:IMSI=1,AMBRMAXREQBWDL=fast", "digits"),
        ("MOD CB:IMSI=1,BAOCTS1X=TRUE,BAICTS1X=FALSE,BAOCTS2X=FALSE", "CUGNOOA is missing"),
        ("MOD CLIR:IMSI=1,CLIRPERM=1", "TRUE or FALSE"),
        ("MOD CF:IMSI=1,PROV=TRUE", "CFTN is missing"),
        ('MOD CF:IMSI=1,PROV=TRUE,CFTN="+33577"', "15 digits"),
        ("MOD CF:IMSI=1,PROV=FALSE,CFTN=577", "no number"),
        (f'ADD KI:IMSI="1",KIVALUE="{KI}",OPCVALUE="{KI}', "comma"),
        ("hello", "VERB OBJECT"),
    ],
)
def test_what_makes_no_sense_is_complained_about_and_answered(typed: str, complaint: str) -> None:
    server = mml_h.server({})
    (asked,) = server.feed(f"{typed};".encode())
    assert asked.command is None
    assert complaint in asked.complaint
    assert KI not in f"{asked!r}"
    answer = server.answer(asked.number, c.Refused(Why.INVALID, ""))
    assert b"RETCODE = 1001 " in answer
    assert KI.encode() not in answer


@pytest.mark.parametrize(
    "answer",
    [
        _answer(echo='LST SUB:IMSI="208990000000002",DETAIL=TRUE'),
        _answer(body='   IMSI = 208990000000001\n"LOCK"\n'),
        _answer(body=_report().replace("ISDN", "NDSI")),
        _answer(body=_report().replace("NOBOC", "what?")),
        _answer(body=_report().replace("208990000000001", "208990000000002")),
        _answer(body=_report() + "\n   APNTPLID = many"),
        _answer(status="done"),
        _answer().replace(b"%%", b""),
        _answer().replace(b"+++", b"---"),
        _answer(body="RETCODE = 3001 no"),
    ],
    ids=range(10),
)
def test_an_answer_that_is_not_sure_is_garbled(answer: bytes) -> None:
    client = mml_h.client({})
    client.encode(1, READ)
    with pytest.raises(Garbled):
        client.feed(answer)


def test_lines_nobody_knows_are_passed_over() -> None:
    client = mml_h.client({})
    client.encode(1, READ)
    body = '   CATEGORY = COMMON\n"VLR Data"\n   VLRNUM = 33600000000\n   Some words without sign\n' + _report()
    assert client.feed(_answer(body=body.replace('"VLR Data"\n', "")))[0][0] == 1


def test_an_access_point_of_another_hand_is_neither_lost_nor_taken_for_ours() -> None:
    client = mml_h.client({})
    client.encode(1, READ)
    ((_, reply),) = client.feed(_answer(body=_report() + "\n   APNTPLID = 99\n   APNTPLID = 1"))
    assert isinstance(reply, c.Held)
    assert len(reply.subscription.apns) == 2
    assert "internet" in reply.subscription.apns


def test_an_access_point_of_another_hand_can_be_taken_away() -> None:
    client, server = mml_h.client({}), mml_h.server({})
    client.encode(1, READ)
    ((_, reply),) = client.feed(_answer(body=_report() + "\n   APNTPLID = 99"))
    assert isinstance(reply, c.Held)
    (apn,) = reply.subscription.apns
    (asked,) = server.feed(client.encode(2, c.Provide(IMSI, ApnAccess(apn, provided=False))).data)
    assert asked.command == c.Provide(IMSI, ApnAccess(apn, provided=False))
    server.feed(b'LST SUB:IMSI="208990000000001",DETAIL=TRUE;')
    assert b"APNTPLID = 99\r\n" in server.answer(2, reply)


def test_answers_pair_with_commands_in_their_order() -> None:
    client = mml_h.client({})
    commands: tuple[Command, ...] = (c.KeepAlive(), c.RemoveSubscriber(IMSI), c.KeepAlive())
    for number, command in enumerate(commands, 7):
        client.encode(number, command)
    answers = client.feed(b"".join(_answer(command, f"{n} x") for n, command in enumerate(commands)))
    assert [number for number, _ in answers] == [7, 8, 9]


def test_a_subscriber_is_made_from_a_template_where_one_is_agreed() -> None:
    command, bare = c.CreateSubscriber(IMSI, NUMBER), mml_h.client({})
    frame = mml_h.client({"subscriber_template": 4}).encode(1, command)
    assert frame.data.startswith(b"ADD TPLSUB:HLRSN=1,")
    assert b"TPLID=4;" in frame.data
    assert bare.encode(1, command).data.startswith(b"ADD SUB:")
    for spoken in (frame, bare.encode(2, command)):
        (asked,) = mml_h.server({}).feed(spoken.data)
        assert asked.command == command


@pytest.mark.parametrize("access", [NetworkAccess.BOTH, NetworkAccess.CS_ONLY, NetworkAccess.PS_ONLY])
def test_network_access_is_set_and_read_back(access: NetworkAccess) -> None:
    server, client, told = mml_h.server({}), mml_h.client({}), c.Provide(IMSI, access)
    (asked,) = server.feed(client.encode(1, told).data)
    assert isinstance(asked.command, c.Provide)
    assert asked.command.facet is access
    client.feed(server.answer(asked.number, c.Done()))
    held = Subscription(IMSI, NUMBER, access=access)
    (asked,) = server.feed(client.encode(2, READ).data)
    assert client.feed(server.answer(asked.number, c.Held(held))) == [(2, c.Held(held))]


def test_a_bar_lifted_is_no_domain_closed() -> None:
    """The words of two enumerations can be equal; their kinds never are."""
    lifted: tuple[Facet, ...] = (OutgoingBar.NONE, IncomingBar.NONE, RoamingBar.NONE, PacketBar.NONE)
    spoken = [mml_h.client({}).encode(1, c.Provide(IMSI, bar)).masked for bar in lifted]
    assert [text.rpartition("=")[2] for text in spoken] == ["NOBOC;", "NOBIC;", "NOBAR;", "NOBPOS;"]
    with pytest.raises(NotSpoken, match="NAM"):
        mml_h.client({}).encode(1, c.Provide(IMSI, NetworkAccess.NONE))


def test_a_speed_of_nothing_is_not_said_as_no_cap() -> None:
    with pytest.raises(NotSpoken, match="speed"):
        mml_h.client({}).encode(1, c.Provide(IMSI, SpeedCap(0)))


@pytest.mark.parametrize("to", ["", "+33577", "5;7", "\u0665", "1" * 16])
def test_calls_are_diverted_to_digits_only(to: str) -> None:
    with pytest.raises(NotSpoken, match="15 digits"):
        mml_h.client({}).encode(1, c.Provide(IMSI, Diversion(to)))


@pytest.mark.parametrize("code", ["busy", "0x58", "\u0663", ""])
def test_a_code_that_is_no_number_is_answered_by_one_that_is(code: str) -> None:
    client, server = mml_h.client({}), mml_h.server({})
    (asked,) = server.feed(client.encode(1, READ).data)
    ((_, reply),) = client.feed(server.answer(asked.number, c.Refused(Why.BUSY, code)))
    assert reply == c.Refused(Why.BUSY, "1033", "ERR1033:Threshold exceeded")


def test_what_is_agreed_with_an_element_comes_from_its_options() -> None:
    options = {"hlr_sn": 2, "apn_templates": {"mms": 7}}
    client = mml_h.client(options)
    assert b"HLRSN=2" in client.encode(1, c.CreateSubscriber(IMSI, NUMBER)).data
    assert b"APNTPLID=7" in client.encode(2, c.Provide(IMSI, ApnAccess("mms", provided=True))).data
    with pytest.raises(NotSpoken, match="apn_templates"):
        client.encode(3, c.Provide(IMSI, ApnAccess("internet", provided=True)))


@pytest.mark.parametrize(
    "options",
    [
        {"hlrsn": 1},
        {"hlr_sn": "1"},
        {"apn_templates": ["a"]},
        {"apn_templates": {"a": "1"}},
        {"subscriber_template": "4"},
        {"report_lines": 0},
    ],
)
def test_options_that_are_none_are_named(options: dict[str, object]) -> None:
    with pytest.raises(NotSpoken, match=next(iter(options))):
        Vocabulary.from_options(options)
