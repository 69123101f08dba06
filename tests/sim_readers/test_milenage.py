"""Milenage against the public data of TS 35.208 (test set 1) and TS 55.205, and its two sides against each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_readers.milenage import Milenage, opc_of
from sim_readers.secret import Secret

KI = Secret.from_hex("465b5ce8b199b49faa5f0a2ee238a6bc")
OP = Secret.from_hex("cdc202d5123e20f62b6d676ac72cb318")
OPC = Secret.from_hex("cd63cb71954a9f4e48a5994e37a02baf")
RAND = bytes.fromhex("23553cbe9637a89d218ae64dae47bf35")
SQN = 0xFF9BB4D0B607
AMF = bytes.fromhex("b9b9")
SET_1 = Milenage(KI, OPC)
SQNS = st.integers(0, (1 << 48) - 1)
RANDS = st.binary(min_size=16, max_size=16)


def test_opc_is_made_of_op() -> None:
    assert opc_of(KI, OP) == OPC


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (SET_1.f1(RAND, SQN, AMF), "4a9ffac354dfafb3"),
        (SET_1.f1_star(RAND, SQN, AMF), "01cfaf9ec4e871e9"),
        (SET_1.f2(RAND), "a54211d5e3ba50bf"),
        (SET_1.f3(RAND), "b40ba9a3c58b2a05bbf0d987b21bf8cb"),
        (SET_1.f4(RAND), "f769bcd751044604127672711c6d3441"),
        (SET_1.f5(RAND), "aa689c648370"),
        (SET_1.f5_star(RAND), "451e8beca43b"),
        (SET_1.gsm(RAND)[0], "46f8416a"),
        (SET_1.gsm(RAND)[1], "eae4be823af9a08b"),
        (SET_1.autn(RAND, SQN, AMF), "55f328b43577b9b94a9ffac354dfafb3"),
    ],
    ids=["f1", "f1*", "f2", "f3", "f4", "f5", "f5*", "SRES", "Kc", "AUTN"],
)
def test_test_set_1_comes_out(made: bytes, expected: str) -> None:
    assert made.hex() == expected


@given(SQNS, RANDS, st.binary(min_size=2, max_size=2))
def test_a_card_reads_the_sqn_out_of_its_networks_autn(sqn: int, rand: bytes, amf: bytes) -> None:
    assert SET_1.open_autn(rand, SET_1.autn(rand, sqn, amf)) == sqn


@given(SQNS, RANDS)
def test_a_network_reads_the_sqn_out_of_its_cards_auts(sqn: int, rand: bytes) -> None:
    assert SET_1.sqn_in(SET_1.auts(rand, sqn), rand) == sqn


@given(st.integers(0, 15), st.integers(0, 7))
def test_one_wrong_bit_in_autn_is_noticed(byte: int, bit: int) -> None:
    autn = bytearray(SET_1.autn(RAND, SQN, AMF))
    autn[byte] ^= 1 << bit
    assert SET_1.open_autn(RAND, bytes(autn)) is None


@given(st.integers(0, 13), st.integers(0, 7))
def test_one_wrong_bit_in_auts_is_noticed(byte: int, bit: int) -> None:
    auts = bytearray(SET_1.auts(RAND, SQN))
    auts[byte] ^= 1 << bit
    assert SET_1.sqn_in(bytes(auts), RAND) is None


def test_another_key_opens_nothing() -> None:
    other = Milenage(Secret(bytes(16)), OPC)
    assert other.open_autn(RAND, SET_1.autn(RAND, SQN, AMF)) is None
    assert other.sqn_in(SET_1.auts(RAND, SQN), RAND) is None


@pytest.mark.parametrize("length", [0, 1, 5, 7, 8, 13, 15, 17])
def test_what_has_not_the_length_was_not_made_with_this_key(length: int) -> None:
    autn, auts = SET_1.autn(RAND, SQN, AMF), SET_1.auts(RAND, SQN)
    assert SET_1.open_autn(RAND, (autn + autn)[:length]) is None
    assert SET_1.sqn_in((auts + auts)[:length], RAND) is None


@pytest.mark.parametrize(
    ("rand", "sqn", "amf"),
    [(RAND[:15], SQN, AMF), (RAND + b"\0", SQN, AMF), (RAND, 1 << 48, AMF), (RAND, -1, AMF), (RAND, SQN, b"\0")],
)
def test_wrong_lengths_are_refused(rand: bytes, sqn: int, amf: bytes) -> None:
    with pytest.raises(ValueError, match="has"):
        SET_1.autn(rand, sqn, amf)


@pytest.mark.parametrize(("ki", "opc"), [(15, 16), (16, 15), (17, 16), (24, 16), (0, 16)])
def test_keys_have_sixteen_bytes(ki: int, opc: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Milenage(Secret(bytes(ki)), Secret(bytes(opc)))
    with pytest.raises(ValueError, match="16 bytes"):
        opc_of(Secret(bytes(ki)), Secret(bytes(opc)))


def test_nothing_of_the_keys_is_shown() -> None:
    assert repr(SET_1) == str(SET_1) == "Milenage(…)"
