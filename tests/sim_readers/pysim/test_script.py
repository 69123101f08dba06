"""A script for pySim-shell says what is written where, and no secret."""

from __future__ import annotations

import pytest

from sim_readers.ef import known_files
from sim_readers.errors import WrongValue
from sim_readers.path import FilePath
from sim_readers.pysim.script import ScriptWrite, pysim_name, write_script
from sim_readers.trace.selection import shown_files

IMSI = bytes.fromhex("082980390000000010")
MSISDN = bytes.fromhex("FF" * 14 + "07913316325476F8FFFFFFFFFFFF")


def write(path: str, raw: bytes, record: int | None = None) -> ScriptWrite:
    return ScriptWrite(FilePath.parse(path), record, raw)


def test_a_job_as_a_script() -> None:
    script = write_script(
        [write("ADF.USIM/6F07", IMSI), write("7F10/6F40", MSISDN, 1), write("7F10/6F40", b"\xff" * 28, 2)]
    )
    commands = [line for line in script.splitlines() if not line.startswith("#")]
    assert commands == [
        "select MF",
        "verify_adm",
        "select MF/ADF.USIM/EF.IMSI",
        "update_binary 082980390000000010",
        "select MF/DF.TELECOM/EF.MSISDN",
        f"update_record 1 {MSISDN.hex()}",
        f"update_record 2 {'ff' * 28}",
        "select MF",
    ]
    assert '# EF.IMSI: "208930000000001"' in script
    assert "# EF.MSISDN: nothing" in script


def test_pin1_is_verified_if_asked_for() -> None:
    lines = write_script([write("ADF.USIM/6F07", IMSI)], verify_pin=True).splitlines()
    assert lines[2:4] == ["verify_adm", "verify_chv"]


def test_no_adm_is_verified_where_none_is_needed() -> None:
    assert "verify_adm" not in write_script([write("ADF.USIM/6F07", IMSI)], verify=False)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("ADF.USIM/6F07", "MF/ADF.USIM/EF.IMSI"),
        ("7F20/6F07", "MF/DF.GSM/EF.IMSI"),
        ("ADF.ISIM/6F09", "MF/ADF.ISIM/6f09"),
        ("ADF.USIM/5F3B/4F20", "MF/ADF.USIM/5f3b/4f20"),
        ("A515/6F20", "MF/a515/6f20"),
        ("2F00", "MF/EF.DIR"),
    ],
)
def test_paths_are_written_as_pysim_shell_selects_them(path: str, name: str) -> None:
    assert pysim_name(FilePath.parse(path)) == name


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (write("A515/6F20", b"\x01" * 17), "not known to be without keys"),
        (write("ADF.USIM/6F08", b"\x01" * 33), "not known to be without keys"),
        (write("7F20/6F20", b"\x01" * 9), "not known to be without keys"),
        (write("2FE2", b"\x98" * 10), "finds the ADM key by it"),
        (write("7F10/6F40", MSISDN), "needs the number of a record"),
        (write("ADF.USIM/6F07", IMSI, 1), "has no records"),
        (write("ADF.USIM/6F07", b""), "nothing to write"),
    ],
)
def test_what_may_be_secret_or_makes_no_sense_is_refused_without_its_bytes(wrong: ScriptWrite, words: str) -> None:
    with pytest.raises(WrongValue, match=words) as refused:
        write_script([wrong])
    assert "0101" not in str(refused.value)


def test_every_file_that_holds_session_keys_is_kept_out() -> None:
    keys = {path for name, file in known_files().items() if "Key" in name or "Kc" in name for path in file.paths}
    assert keys
    assert not keys & shown_files()


def test_bytes_without_a_meaning_are_still_written() -> None:
    assert "bytes that have no meaning" in write_script([write("ADF.USIM/6F07", b"\x00" * 9)])
