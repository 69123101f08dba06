"""What an HLR of the MML-H family prints: long answers in several reports, alarms in between, another hand's work."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import commands as c
from drivers.dialects import mml_h
from drivers.errors import Garbled
from drivers.subscription import (
    CallerId,
    Diversion,
    Facet,
    Imsi,
    IncomingBar,
    Msisdn,
    OutgoingBar,
    PacketBar,
    PremiumBar,
    RoamingBar,
    ServiceBar,
    ServiceBars,
    ServiceLock,
    Subscription,
    changes,
)

IMSI, NUMBER = Imsi("208990000000001"), Msisdn("+33612345678")
READ, FRESH = c.ReadSubscriber(IMSI), Subscription(IMSI, NUMBER)
FULL = replace(FRESH, outgoing=OutgoingBar.ALL, apns=frozenset({"internet", "tethering"}), cap_kbit_s=512)
SERVED = replace(
    FULL, service_bars=frozenset({ServiceBar.SPEECH_OUT}), caller_id_hidden=True, diverted_to="577"
)  # fmt: skip
ALARM = "+++    HLR9820\nALARM  #000317        FAULT      MINOR\n   Location = Subrack 2\n\n---    END\n\n"
ECHO = 'LST SUB:IMSI="208990000000001",DETAIL=TRUE'


def _printed(held: Subscription, lines: int = 10_000) -> str:
    server = mml_h.server({"report_lines": lines})
    (asked,) = server.feed(f"{ECHO};".encode())
    return server.answer(asked.number, c.Held(held)).decode().replace("\r\n", "\n")


def _told(*pieces: bytes) -> list[tuple[int, c.Reply]]:
    client = mml_h.client({})
    client.encode(1, READ)
    return [answer for piece in pieces for answer in client.feed(piece)]


def _held(text: str) -> Subscription:
    ((_, reply),) = _told(text.encode())
    assert isinstance(reply, c.Held)
    return reply.subscription


def _report(body: str, *, together: int = 2, echo: str = ECHO, status: str = "0 ok") -> str:
    return (
        f"+++    HLR9820\nSMU    #000001\n%%{echo}%%\nRETCODE = {status}\n\n{body}\n\n"
        f"There is together {together} reports\n\n---    END\n"
    )


@settings(max_examples=12)
@given(lines=st.integers(1, 40), alarms=st.sets(st.integers(0, 40), max_size=3))
def test_an_answer_in_any_number_of_reports_cut_at_any_byte_is_one_answer(lines: int, alarms: set[int]) -> None:
    reports = _printed(FULL, lines).split("---    END\n")[:-1]
    assert len(reports) == -(-len(_printed(FULL, 1).split("---    END\n")[:-1]) // lines)
    text = "".join((ALARM if n in alarms else "") + f"{report}---    END\n" for n, report in enumerate(reports))
    received = text.replace("\n", "\r\n").encode()
    assert _told(received) == [(1, c.Held(FULL))]
    assert _told(*(bytes([octet]) for octet in received)) == [(1, c.Held(FULL))]
    for cut in range(len(received)):
        assert _told(received[:cut], received[cut:]) == [(1, c.Held(FULL))]


@pytest.mark.parametrize(
    "second",
    [
        _report("b", echo=ECHO.replace("1", "2")),
        _report("b", together=3),
        _report("b", status="3001 no"),
        _report("a"),
        "+++    HLR9820\n   a report of nothing\n---    END\n",
    ],
    ids=["another command", "another count", "another code", "the same again", "no code"],
)
def test_reports_that_are_not_of_one_answer_are_garbled(second: str) -> None:
    assert _told(_report("a").encode()) == []
    with pytest.raises(Garbled):
        _told(_report("a").encode(), second.encode())


def test_an_answer_of_endless_reports_is_garbled() -> None:
    with pytest.raises(Garbled, match="longer"):
        _told(*(_report(f"{n}" * 60_000, together=9).encode() for n in range(9)))


def test_an_alarm_is_no_answer_and_nothing_wrong() -> None:
    client = mml_h.client({})
    assert client.feed(ALARM.encode() * 3) == []
    client.encode(1, c.KeepAlive())
    answer = _report("", together=1, echo="SHK HAND")
    assert client.feed(f"{ALARM}{answer}{ALARM}".encode()) == [(1, c.Done("0", "ok"))]


@pytest.mark.parametrize("text", [ALARM.replace("ALARM", "REMARK"), ALARM.replace("   Loc", f"%%{ECHO}%%\n   Loc")])
def test_what_is_neither_alarm_nor_answer_is_garbled(text: str) -> None:
    with pytest.raises(Garbled, match=r"echo|return code"):
        _told(text.encode())


@pytest.mark.parametrize(
    ("ours", "found", "facet", "shown"),
    [
        (
            "   IC = FALSE", "   IC = TRUE", ServiceLock(locked=True),
            "ServiceLock: IC=TRUE,OC=FALSE,GPRSLOCK=FALSE,EPSLOCK=FALSE,NGSLOCK=FALSE",
        ),
        ("ODBINFO = FALSE", "ODBINFO = TRUE", PremiumBar(barred=True), "PremiumBar: ODBINFO=TRUE,ODBENTE=FALSE"),
        ("ODBENTE = FALSE", "ODBENTE = TRUE", PremiumBar(barred=True), "PremiumBar: ODBINFO=FALSE,ODBENTE=TRUE"),
        ("ODBOC = NOBOC", "ODBOC = BOIZC", OutgoingBar.ALL, "OutgoingBar: ODBOC=BOIZC"),
        ("ODBIC = NOBIC", "ODBIC = BICX", IncomingBar.ALL, "IncomingBar: ODBIC=BICX"),
        ("= NOBAR", "= BROHPLMNCGPRS", RoamingBar.OUTSIDE_HPLMN, "RoamingBar: ODBROAM=BROHPLMNCGPRS"),
        ("= NOBPOS", "= BHPLMNAPROAM", PacketBar.ALL, "PacketBar: ODBPOS=BHPLMNAPROAM"),
    ],
)  # fmt: skip
def test_what_another_hand_has_set_reads_as_barred_and_as_no_wish_of_ours(
    ours: str, found: str, facet: Facet, shown: str
) -> None:
    assert ours in _printed(FRESH)
    held = _held(_printed(FRESH).replace(ours, found))
    assert held.foreign == {shown}
    assert replace(held, foreign=frozenset()).holds(facet)
    assert _held(_printed(held)) == held
    for wish in (FRESH, FRESH.having(facet)):
        assert held != wish
        assert [type(f) for f in changes(held, wish)] == [type(facet)]
        assert held.having(changes(held, wish)[0]) == wish


@pytest.mark.parametrize(
    ("ours", "found"),
    [
        ('"ARD"', '"SS Data"\n   BAOCTS1X = PERHAPS\n"ARD"'),
        ('"ARD"', '"SS Data"\n   CLIRPERM = 1\n"ARD"'),
        ('"ARD"', '"SS Data"\n   CFTN = voicemail\n"ARD"'),
        ("   IC = FALSE", "   IC = PERHAPS"),
        ("ODBINFO = FALSE", "ODBINFO = 1"),
        ("NAM = BOTH", "NAM = ODD"),
        ("= NOBPOS", "= "),
    ],
)
def test_what_makes_no_sense_is_garbled(ours: str, found: str) -> None:
    with pytest.raises(Garbled):
        _held(_printed(FRESH).replace(ours, found))


@pytest.mark.parametrize(
    ("ours", "found"),
    [
        ('"ARD"', "ARD"),
        ('"ARD"', '"SS Data"\n   SS = CLIP\n"O-CSI"\n   ODBOC = BAOC\nARD'),
        ('"ARD"\n', 'RROption\n   RROPTION = ALL_PLMNS\n"ARD"\n   GANNOTALLOWED = TRUE\n'),
        ('"Basic Service"', '"SABLOCK"\n   IC = TRUE\n   SABLOCK = FALSE\n"Basic Service"'),
        ("   NGSLOCK = FALSE\n", "   NGSLOCK = FALSE\n   NON3GPPLOCK = TRUE\n"),
        ('"EPS Data"', '"GPRS Data"\n   CNTXID = 1\n   APNTPLID = 1\n"EPS Data"'),
        ("\n\nThere", '\n"5GS Data"\n   RATRESTRICT = FALSE\n   APNTPLID = 99\n\nThere'),
        ("\n\nThere", '\n"Something new"\n   NAM = NONGPRS\n\nThere'),
        ("   ODBENTE = FALSE\n", ""),
        ("   NGSLOCK = FALSE\n", ""),
    ],
)
def test_other_sections_and_names_are_passed_over(ours: str, found: str) -> None:
    text = _printed(FULL)
    assert ours in text
    assert _held(text.replace(ours, found)) == FULL


@pytest.mark.parametrize(
    ("line", "facet"),
    [
        ("BAOCTS1X = TRUE", ServiceBars(frozenset({ServiceBar.SPEECH_OUT}))),
        ("BAICTS1X = TRUE", ServiceBars(frozenset({ServiceBar.SPEECH_IN}))),
        ("BAOCTS2X = TRUE", ServiceBars(frozenset({ServiceBar.SHORT_MESSAGE_OUT}))),
        ("CUGNOOA = TRUE", ServiceBars(frozenset({ServiceBar.OUTSIDE_GROUP}))),
        ("CLIRPERM = TRUE", CallerId(hidden=True)),
        ("CFTN = 577", Diversion("577")),
        ("CFTN = ", Diversion(None)),
        ("SS = CLIP", Diversion(None)),
    ],
)
def test_a_service_that_is_not_printed_is_not_set(line: str, facet: Facet) -> None:
    assert "SS Data" not in _printed(FRESH)
    assert _held(_printed(FRESH).replace('"ARD"', f'"SS Data"\n   {line}\n"ARD"')) == FRESH.having(facet)


def test_services_are_printed_where_one_is_set() -> None:
    told = _printed(SERVED).partition('"SS Data"\n')[2].partition('"ARD"')[0]
    assert [line.strip() for line in told.splitlines()] == [
        "BAOCTS1X = TRUE",
        "BAICTS1X = FALSE",
        "BAOCTS2X = FALSE",
        "CUGNOOA = FALSE",
        "CLIRPERM = TRUE",
        "CFTN = 577",
    ]
    assert _held(_printed(SERVED)) == SERVED
    for lines in (1, 7):
        assert _told(_printed(SERVED, lines).encode()) == [(1, c.Held(SERVED))]


def test_sections_stand_in_the_order_the_element_has_them() -> None:
    sections = [line for line in _printed(FULL).splitlines() if line.startswith('"')]
    assert sections == ['"LOCK"', '"Basic Service"', '"ODB Data"', '"ARD"', '"EPS Data"']
    sections = [line for line in _printed(SERVED).splitlines() if line.startswith('"')]
    assert sections == ['"LOCK"', '"Basic Service"', '"ODB Data"', '"SS Data"', '"ARD"', '"EPS Data"']
