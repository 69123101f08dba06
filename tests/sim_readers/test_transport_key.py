"""Ki under a transport key: our own vectors, checked once against another implementation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_readers.secret import Secret
from sim_readers.transport_key import TransportAlgorithm, check_value, unwrap_ki, wrap_ki

K4 = Secret.from_hex("00112233445566778899aabbccddeeff")
KI = Secret.from_hex("465b5ce8b199b49faa5f0a2ee238a6bc")
AES, TDES = TransportAlgorithm.AES128, TransportAlgorithm.TDES2


@pytest.mark.parametrize(
    ("algorithm", "wrapped"), [(AES, "388a7b0d6548ebd02925bef5b2236fdf"), (TDES, "f19edd2cd4144c3cd1e874d50b79eada")]
)
def test_ki_is_enciphered_as_the_centres_expect(algorithm: TransportAlgorithm, wrapped: str) -> None:
    assert wrap_ki(KI, K4, algorithm).hex() == wrapped
    assert unwrap_ki(bytes.fromhex(wrapped), K4, algorithm) == KI


@pytest.mark.parametrize(
    ("algorithm", "block", "expected"),
    [(AES, None, "FDE4FB"), (AES, bytes(16), "FDE4FB"), (AES, b"\x01" * 16, "3544E0"), (TDES, None, "FB0975")],
)
def test_a_check_value_is_the_start_of_an_enciphered_block(
    algorithm: TransportAlgorithm, block: bytes | None, expected: str
) -> None:
    assert check_value(K4, algorithm, block) == expected


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16), st.sampled_from(TransportAlgorithm))
def test_what_was_wrapped_is_unwrapped(ki: bytes, k4: bytes, algorithm: TransportAlgorithm) -> None:
    assert unwrap_ki(wrap_ki(Secret(ki), Secret(k4), algorithm), Secret(k4), algorithm) == Secret(ki)


@pytest.mark.parametrize("algorithm", TransportAlgorithm)
@pytest.mark.parametrize("size", [0, 8, 15, 17, 24, 32])
def test_keys_of_other_sizes_are_refused_without_being_shown(algorithm: TransportAlgorithm, size: int) -> None:
    with pytest.raises(ValueError, match=f"K4 has 16 bytes, not {size}$"):
        wrap_ki(KI, Secret(b"\xab" * size), algorithm)
    with pytest.raises(ValueError, match=f"Ki has 16 bytes, not {size}$"):
        wrap_ki(Secret(b"\xab" * size), K4, algorithm)
    with pytest.raises(ValueError, match=f"enciphered Ki has 16 bytes, not {size}$"):
        unwrap_ki(b"\xab" * size, K4, algorithm)


@pytest.mark.parametrize(("algorithm", "size"), [(AES, 8), (TDES, 16), (AES, 0)])
def test_a_check_value_is_made_of_one_block(algorithm: TransportAlgorithm, size: int) -> None:
    with pytest.raises(ValueError, match="block of"):
        check_value(K4, algorithm, bytes(size))
