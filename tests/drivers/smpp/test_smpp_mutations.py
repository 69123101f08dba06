"""50,000 spoiled PDUs for each end: nothing but Garbled comes out; every request is answered once, or all is over."""

from collections import Counter
from random import Random

import pytest

from drivers import commands as c
from drivers.dialects.smpp.client import SmppClient
from drivers.dialects.smpp.server import SmppServer
from drivers.errors import Garbled
from tests.drivers.smpp.mutating import SEEDS, chunks, spoiled
from tests.drivers.smpp.wire import ALERT, ENQUIRE, NACK, OUTBIND, RESPONSE, frames, pdu

ROUNDS, COUNT = range(10), 5_000
LAST = 0x0FFFFFFF  # the number of a sound request behind the spoiled one: the conversation must have gone on
UNANSWERED = {OUTBIND, ALERT}
RESPONSES = {int.from_bytes(raw[4:8]) for raw in SEEDS if raw[4] and raw[4:8] != NACK.to_bytes(4)}
NO = c.Refused(c.Why.INVALID, "")


def _asked(stream: bytes) -> Counter[int]:
    """How often each number was asked in requests that must be answered, until the conversation is broken."""
    asked = Counter[int]()
    for command, _, sequence in frames(stream):
        if command in RESPONSES and not 0 < sequence < RESPONSE:
            break
        asked[sequence] += command < RESPONSE and command not in UNANSWERED
    return asked


def _answered(stream: bytes) -> Counter[int]:
    answers = list(frames(stream))
    assert all(command & RESPONSE for command, _, _ in answers)
    return Counter(sequence for _, _, sequence in answers)


def _by_the_client(pieces: list[bytes]) -> tuple[bytes, bool]:
    """What the ESME's end says to this, and whether it has given up."""
    client, over = SmppClient(), False
    try:
        for piece in pieces:
            while client.feed(piece):
                piece = b""  # noqa: PLW2901 - what is rubbish behind the last answer is told by feeding on
    except Garbled:
        over = True
    said = b"".join(client.acknowledge(heard) for heard in client.heard())
    return said + client.to_send(), over


def _by_the_server(pieces: list[bytes]) -> tuple[bytes, bool]:
    server, said = SmppServer(), b""
    for piece in pieces:
        try:
            asked = server.feed(piece)
        except Garbled:
            return said + server.to_send(), True
        said += b"".join(server.answer(one.number, NO) for one in asked) + server.to_send()
    return said, False


@pytest.mark.parametrize("seed", ROUNDS)
def test_a_client_answers_every_request_once_whatever_comes(seed: int) -> None:
    chance, seen = Random(seed), Counter[bool]()
    for raw in spoiled(seed, COUNT):
        stream = raw + pdu(ENQUIRE, LAST)
        said, over = _by_the_client(chunks(stream, chance))
        seen[over] += 1
        surplus = _answered(said) - _asked(stream)
        assert _asked(stream) <= _answered(said), raw.hex()
        alerts = sum(command == ALERT for command, _, _ in frames(stream))
        assert surplus.total() <= alerts + over, raw.hex()  # a broken alert has a nack, and so has a lost frame
    assert min(seen[True], seen[False]) > COUNT // 20


@pytest.mark.parametrize("seed", ROUNDS)
def test_a_server_answers_every_request_once_whatever_comes(seed: int) -> None:
    chance, seen = Random(seed), Counter[bool]()
    for raw in spoiled(seed, COUNT):
        stream = raw + pdu(ENQUIRE, LAST)
        said, over = _by_the_server(chunks(stream, chance))
        seen[over] += 1
        if not over:
            assert _asked(stream) <= _answered(said), raw.hex()
        unsolicited = sum(command in UNANSWERED or command >= RESPONSE for command, _, _ in frames(stream))
        assert (_answered(said) - _asked(stream)).total() <= unsolicited + over, raw.hex()
    assert min(seen[True], seen[False]) > COUNT // 20


@pytest.mark.parametrize("raw", SEEDS, ids=lambda raw: raw[4:16].hex())
def test_what_is_spoiled_was_sound_before(raw: bytes) -> None:
    for said, over in (_by_the_client([raw]), _by_the_server([raw])):
        assert not over
        assert [s for _, s, _ in frames(said) if s in {0x01, 0x02, 0xC0, 0xC2}] == []
