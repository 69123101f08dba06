"""Our PDU code against two that have nothing to do with it, both ways: it must not merely agree with itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from drivers.dialects.smpp.pdu import Pdu, decode, encode
from drivers.dialects.smpp.text.alphabet import septets, text_of
from tests.peers.smpp.codecs import Codec, NodeCodec, PerlCodec
from tests.peers.smpp.vectors import REFUSALS, VECTORS, Vector

CODECS = {"node-smpp": NodeCodec, "Net::SMPP": PerlCodec}


@pytest.fixture(scope="module", params=CODECS)
def codec(request: pytest.FixtureRequest) -> Iterator[Codec]:
    running = CODECS[request.param]()
    yield running
    running.close()


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_what_a_foreign_codec_writes_is_read_as_it_was_meant(codec: Codec, vector: Vector) -> None:
    read = decode(codec.encode(vector.name, vector.neutral))
    assert (read.name, read.sequence, read.status, read.tlvs) == (
        vector.name,
        vector.sequence,
        vector.status,
        vector.tlvs,
    )
    assert _known(read.fields) == _known(vector.pdu.fields)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_what_we_write_is_read_by_a_foreign_codec_as_we_meant_it(codec: Codec, vector: Vector) -> None:
    name, read = codec.decode(encode(vector.pdu))
    meant = {key: value for key, value in vector.neutral.items() if key in read}
    assert (name, read) == (vector.name, meant)
    assert vector.fields.keys() <= read.keys()


@pytest.mark.parametrize(("name", "status"), REFUSALS.items(), ids=REFUSALS)
def test_a_refusal_keeps_its_status_both_ways(codec: Codec, name: str, status: int) -> None:
    field = "system_id" if name.startswith("bind") else "message_id"
    theirs = decode(codec.encode(name, {"sequence": 9, "status": status, field: "", "tlvs": {}}))
    _, read = codec.decode(encode(Pdu(name, 9, status)))
    assert (theirs.name, theirs.sequence, theirs.status) == (name, 9, status)
    assert (read["sequence"], read["status"]) == (9, status)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    """An empty string is ``None`` when it has been read."""
    return {name: value.encode() if isinstance(value, str) else value or b"" for name, value in fields.items()}


@pytest.mark.parametrize(
    "octets", [bytes(n for n in range(0x80) if n != 0x1B), bytes.fromhex("1b141b281b291b2f1b3c1b3d1b3e1b401b65")]
)
def test_the_default_alphabet_is_the_same_as_node_smpps_character_by_character(octets: bytes) -> None:
    node = NodeCodec()
    vector = VECTORS["submit_sm, default alphabet"]
    _, read = node.decode(encode(replace(vector, octets=octets).pdu))
    node.close()
    assert read["text"] == text_of(octets)
    assert septets(read["text"]) == octets
