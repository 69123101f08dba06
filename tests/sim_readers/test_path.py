"""Where files are: read, written, and what is no path."""

import pytest

from sim_readers.path import GSM, ISIM, MF, TELECOM, USIM, FilePath


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3F00", MF),
        ("2FE2", MF / 0x2FE2),
        ("3f00/2fe2", MF / 0x2FE2),
        ("adf.usim/6f07", USIM / 0x6F07),
        ("ADF.ISIM", ISIM),
        ("7F10/6F42", TELECOM / 0x6F42),
        ("3F00/7F20/6F07", GSM / 0x6F07),
    ],
)
def test_a_path_is_read_as_people_write_it(written: str, meant: FilePath) -> None:
    assert FilePath.parse(written) == meant
    assert FilePath.parse(str(meant)) == meant


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "/",
        "6F0",
        "6F077",
        "6G07",
        "ADF.USIM/",
        "3F00/3F00",
        "7F20/3F00",
        "3F00/ADF.USIM",
        "ADF.CSIM",
        "6F07/",
        " 6F07",
    ],
)
def test_what_is_no_path_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="must"):
        FilePath.parse(wrong)


@pytest.mark.parametrize(
    ("path", "directory", "fid"),
    [
        (MF, MF, 0x3F00),
        (USIM, USIM, 0x7FFF),
        (USIM / 0x6F07, USIM, 0x6F07),
        (GSM / 0x6F07, GSM, 0x6F07),
        (GSM, MF, 0x7F20),
        (USIM / 0x5F3B / 0x4F20, USIM / 0x5F3B, 0x4F20),
    ],
)
def test_a_path_knows_its_directory_and_its_last_step(path: FilePath, directory: FilePath, fid: int) -> None:
    assert path.directory == directory
    assert path.fid == fid


def test_a_step_down_is_written_in_four_digits() -> None:
    assert str(MF / 0x02) == "3F00/0002"
    assert str(USIM / 0x6FAD) == "ADF.USIM/6FAD"
