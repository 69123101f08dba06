"""Every elementary file: its vectors, values of any kind both ways, and what is no value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_readers.coding.blank import Resettable
from sim_readers.ef import Ef, Vector, file_at, known_files
from sim_readers.errors import WrongValue
from sim_readers.path import GSM, ISIM, MF, TELECOM, USIM, FilePath
from tests.sim_readers.file_values import VALUES

FILES = known_files()
EVERY_FILE = pytest.mark.parametrize("file", FILES.values(), ids=FILES.keys())
EVERY_VECTOR = pytest.mark.parametrize(
    ("file", "vector"),
    [
        pytest.param(file, vector, id=f"{name} {vector.encoded}")
        for name, file in FILES.items()
        for vector in file.vectors
    ],
)
SESSION_KEYS = {
    *("EF.Keys", "EF.KeysPS", "EF.Kc", "EF.KcGPRS", "EF.EPSNSC"),
    *("EF.5GS3GPPNSC", "EF.5GSN3GPPNSC"),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 300) | st.text(max_size=5) | st.just("208-93"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["plmn", "act", "identifier", "mnc_length", "name", "aid", "x"]), inner)
    ),
)


def test_every_file_of_the_folder_is_known_by_its_name_and_has_values() -> None:
    assert set(VALUES) | SESSION_KEYS == set(FILES)


@EVERY_FILE
def test_a_file_says_where_it_is_and_proves_its_coding(file: type[Ef[Any]]) -> None:
    assert file.vectors
    assert file.clause.startswith("TS ")
    assert all(file_at(path) is file for path in file.paths)


@EVERY_VECTOR
def test_a_vector_holds_both_ways(file: type[Ef[Any]], vector: Vector[Any]) -> None:
    assert file.encode(vector.value, len(vector.raw)).hex().upper() == vector.encoded
    assert file.decode(vector.raw) == vector.value


@EVERY_VECTOR
def test_a_vector_goes_through_json(file: type[Ef[Any]], vector: Vector[Any]) -> None:
    assert file.from_json(json.loads(json.dumps(file.to_json(vector.value)))) == vector.value


@pytest.mark.parametrize("name", VALUES)
@given(data=st.data())
def test_any_value_comes_back(name: str, data: st.DataObject) -> None:
    file, (values, size) = FILES[name], VALUES[name]
    value = data.draw(values)
    raw = file.encode(value, size)
    assert len(raw) == size
    assert file.decode(raw) == value
    assert file.from_json(json.loads(json.dumps(file.to_json(value)))) == value


@EVERY_FILE
@given(raw=st.binary(max_size=40), vector=st.integers(0, 9), at=st.integers(0, 60))
def test_rubbish_is_no_value_or_one_that_can_be_written(file: type[Ef[Any]], raw: bytes, vector: int, at: int) -> None:
    good = file.vectors[vector % len(file.vectors)].raw
    for rubbish in (raw, good[:at] + raw + good[at:], good[:at] + raw, good[:at]):
        try:
            value = file.decode(rubbish)
            written = b"" if value is None else file.encode(value, len(rubbish))
        except WrongValue:
            continue
        assert len(written) in (0, len(rubbish))
        assert value is None or file.decode(written) in (value, None)


@EVERY_FILE
@given(document=JSON, size=st.integers(0, 40), vector=st.integers(0, 9), at=st.integers(0, 9))
def test_json_is_a_value_or_told_to_be_none(
    file: type[Ef[Any]], document: object, size: int, vector: int, at: int
) -> None:
    good = file.vectors[vector % len(file.vectors)]
    for found, room in ((document, size), (_spoilt(file.to_json(good.value), document, at), len(good.raw))):
        written = _written_or_told(file, found, room)
        assert written if isinstance(written, str) else len(written) == room


def _spoilt(good: object, bad: object, at: int) -> object:
    """Put something else into one place of a good document."""
    if isinstance(good, dict) and good:
        key = sorted(good)[at % len(good)]
        return {**good, key: _spoilt(good[key], bad, at)}
    if isinstance(good, list) and good:
        return [_spoilt(good[0], bad, at), *good[1:]]
    return bad


def _written_or_told(file: type[Ef[Any]], document: object, size: int) -> bytes | str:
    try:
        return file.encode(file.from_json(document), size)
    except WrongValue as told:
        return str(told)


@EVERY_FILE
@pytest.mark.parametrize("size", [0, 1, 2, 9, 10, 28, 33])
def test_a_blank_file_has_no_value(file: type[Ef[Any]], size: int) -> None:
    assert file.decode(b"\xff" * size) is None


@EVERY_FILE
def test_a_value_has_no_room_in_an_empty_file(file: type[Ef[Any]]) -> None:
    with pytest.raises(WrongValue):
        file.encode(file.vectors[0].value, 0)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (MF / 0x2FE2, "EF.ICCID"),
        (MF / 0x2F00, "EF.DIR"),
        (USIM / 0x6F07, "EF.IMSI"),
        (GSM / 0x6F07, "EF.IMSI"),
        (USIM / 0x6F08, "EF.Keys"),
        (USIM / 0x6FAD, "EF.AD"),
        (TELECOM / 0x6F42, "EF.SMSP"),
        (ISIM / 0x6F02, "EF.IMPI"),
        (USIM / 0x6FE3, "EF.EPSLOCI"),
    ],
)
def test_a_file_is_found_by_its_place(path: FilePath, name: str) -> None:
    assert file_at(path) is FILES[name]


def test_a_place_we_know_nothing_of_has_no_file() -> None:
    assert file_at(MF / 0x6F07) is None


@pytest.mark.parametrize(
    ("name", "size", "blank"),
    [
        ("EF.LOCI", 11, "FFFFFFFF FFFFFF0000 FF 01"),
        ("EF.PSLOCI", 14, "FFFFFFFF FFFFFF FFFFFF0000 FF 01"),
        ("EF.EPSLOCI", 18, "FFFFFFFFFFFFFFFFFFFFFFFF FFFFFF0000 01"),
        ("EF.Keys", 33, "07" + "FF" * 32),
        ("EF.KeysPS", 33, "07" + "FF" * 32),
        ("EF.Kc", 9, "FFFFFFFFFFFFFFFF 07"),
        ("EF.KcGPRS", 9, "FFFFFFFFFFFFFFFF 07"),
        ("EF.EPSNSC", 54, "FF" * 54),
        ("EF.5GS3GPPLOCI", 20, "FF" * 13 + "FFFFFF 000000 01"),
        ("EF.5GSN3GPPLOCI", 20, "FF" * 13 + "FFFFFF 000000 01"),
        ("EF.5GS3GPPNSC", 57, "FF" * 57),
        ("EF.5GSN3GPPNSC", 57, "FF" * 57),
    ],
)
def test_what_a_phone_wrote_is_set_back_as_on_a_fresh_card(name: str, size: int, blank: str) -> None:
    file = FILES[name]
    assert issubclass(file, Resettable)
    assert file.blank(size) == bytes.fromhex(blank)
    with pytest.raises(WrongValue, match=name):
        file.blank(size - 1)
