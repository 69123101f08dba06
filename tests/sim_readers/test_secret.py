"""A secret can be used and compared, and is in no text."""

import copy
import pickle
import traceback
from collections.abc import Callable

import pytest

from sim_readers.secret import Secret

KEY = "00000000000000000000000000000001"


def test_what_was_put_in_comes_out() -> None:
    assert Secret.from_hex(KEY).reveal() == bytes.fromhex(KEY)
    assert Secret.from_digits("1234").reveal() == b"1234"
    assert len(Secret.from_hex(KEY)) == 16


def test_a_secret_is_in_no_text() -> None:
    secret = Secret.from_digits("1234")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r}", repr([secret]), repr({"adm": secret})]
    assert not any("1234" in text or "31323334" in text for text in shown)
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize("way", [Secret.from_hex, Secret.from_digits])
@pytest.mark.parametrize("digits", ["12345678x", "é1234567", "12 4567y"])
def test_a_mistake_in_a_secret_is_told_without_it(way: Callable[[str], Secret], digits: str) -> None:
    with pytest.raises(ValueError, match="digits") as caught:
        way(digits)
    told = "".join(traceback.format_exception_only(caught.value)) + repr(caught.value)
    assert not any(part in told for part in (digits, "1234", "4567"))
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("digits", ["", "12a4", "١٢٣٤", "12 34", "-123"])
def test_pins_are_made_of_ascii_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="0 to 9"):
        Secret.from_digits(digits)


def test_secrets_are_equal_when_their_bytes_are() -> None:
    assert Secret(b"1234") == Secret.from_digits("1234")
    assert hash(Secret(b"1234")) == hash(Secret.from_digits("1234"))
    assert Secret(b"1234") != Secret(b"1235")
    assert Secret(b"1234") != b"1234"


def test_a_secret_stays_in_this_process() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret(b"1234"))
    with pytest.raises(TypeError, match="not pickled"):
        copy.deepcopy(Secret(b"1234"))
