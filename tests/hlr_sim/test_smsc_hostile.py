"""Whatever an ESME sends, the message centre answers it, or ends that one connection; nothing of it breaks."""

from __future__ import annotations

import struct
from random import Random

import pytest

from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.pdu import Pdu
from drivers.errors import Garbled, StreamClosed
from tests.hlr_sim.smsc_esme import Site, submission

_COMMANDS = (1, 2, 3, 4, 5, 6, 9, 0x15, 0x102, 0x103, 0x80000000, 0x80000004, 0x80000005, 0x80000006, 0x80000015)


def _mutated(raw: bytes, chance: Random) -> bytes:
    """Change some bytes of a PDU behind its header."""
    changed = bytearray(raw)
    for _ in range(chance.randint(1, 6)):
        changed[chance.randrange(16, len(changed))] = chance.choice((0, 1, 0x40, 0x7F, 0xFF, chance.randrange(256)))
    return bytes(changed)


async def _say(site: Site, pieces: list[bytes]) -> None:
    """Say everything on one bound connection; a conversation that breaks is told by its task."""
    esme = await site.bound()
    talking, listening = site.tasks[-2:]
    try:
        for piece in pieces:
            await esme.stream.send(piece)
        await esme.stream.send(p.encode(Pdu("unbind", 0x7FFFFFFF)))
    except StreamClosed:
        pass
    for task in (talking, listening):
        await task


@pytest.mark.parametrize("seed", range(8))
async def test_mutated_submissions(site: Site, seed: int) -> None:
    chance = Random(seed)
    tlvs = {0x0204: b"\0\1", 0x020C: b"\0\7", 0x020E: b"\2", 0x020F: b"\1"}
    raw = p.encode(Pdu("submit_sm", 5, fields=submission(b"\5\0\3\7\2\1hello", esm_class=0x40), tlvs=tlvs))
    await _say(site, [_mutated(raw, chance) for _ in range(400)])
    assert site.figures["submits"] > 100
    site.smsc.inbox(None, 10_000)


@pytest.mark.parametrize("seed", range(4))
async def test_bodies_of_random_bytes(site: Site, seed: int) -> None:
    chance = Random(seed)
    bodies = [(chance.choice(_COMMANDS), chance.randbytes(chance.randrange(40))) for _ in range(300)]
    pieces = [struct.pack(">LLLL", 16 + len(body), command, 0, 9) + body for command, body in bodies]
    await _say(site, [piece for piece, (command, _) in zip(pieces, bodies, strict=True) if command != 6])
    esme = await site.bound()
    assert (await esme.submit()).status == 0


async def test_random_bytes_end_one_connection_only(site: Site) -> None:
    other = await site.bound()
    await _say(site, [Random(1).randbytes(5000)])
    assert (await other.submit()).status == 0


async def test_a_sender_no_receipt_could_be_sent_to_is_refused(site: Site) -> None:
    esme = await site.bound()
    raw = p.encode(Pdu("submit_sm", 5, fields=submission())).replace(b"Linegate", b"Lin\xe9gate")
    await esme.stream.send(raw)
    assert (await esme.answer(5)).status == 0x0A


def test_the_mutations_are_not_all_garbled() -> None:
    raw, chance, sound = p.encode(Pdu("submit_sm", 5, fields=submission())), Random(1), 0
    for _ in range(200):
        try:
            p.decode(_mutated(raw, chance))
        except Garbled:
            continue
        sound += 1
    assert sound > 50
