"""The technician's pySim is run with no secret on its command line and none in what is kept of its output."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sim_readers.card_data import CardData
from sim_readers.pysim.bridge import NoPySim, PySim, scrubbed
from sim_readers.secret import Secret

CARD = CardData(
    "8933010000000000010", "208930000000001", ki=Secret.from_hex("00000000000000000000000000000001"),
    adm1=Secret(b"12345678"), puk1=Secret(b"87654321"),
)  # fmt: skip
HEX_CARD = CardData("8933010000000000010", "208930000000001", adm1=Secret.from_hex("DEADBEEF00000001"))
HEADER = "import os, sys\nfrom pathlib import Path\narguments = sys.argv[1:]\n"
REPORT = """
csv = Path(arguments[arguments.index("--csv") + 1])
script = Path(arguments[arguments.index("--script") + 1])
print("ARGUMENTS", arguments)
print("MODES", oct(csv.stat().st_mode & 0o777), oct(script.stat().st_mode & 0o777))
print("CSV", csv.read_text().replace("12345678", "ascii key").replace("deadbeef00000001", "hex key").splitlines())
print("SCRIPT", script.read_text())
print("found ADM1 '12345678' for ICCID, verify 31 32 33 34 35 36 37 38 = 3132333435363738 DEADBEEF00000001")
"""


def checkout(folder: Path, body: str) -> PySim:
    """A directory that looks like a checkout, with a program of ours in it."""
    (folder / "pySim-shell.py").write_text(HEADER + body, "utf-8")
    return PySim(folder, sys.executable, reader=2)


@pytest.mark.parametrize(("card", "key"), [(CARD, "ascii key"), (HEX_CARD, "hex key")])
def test_a_run_hands_over_script_and_list_in_private_files(tmp_path: Path, card: CardData, key: str) -> None:
    ended = checkout(tmp_path, REPORT).run("select MF\nverify_adm\n", [card])
    assert (ended.succeeded, ended.failure) == (True, "")
    lines = ended.output.splitlines()
    assert lines[1] == "MODES 0o600 0o600"
    assert lines[2] == f"CSV ['ICCID,ADM1', '8933010000000000010,{key}']"
    assert lines[3] == "SCRIPT select MF"
    assert lines[0].startswith("ARGUMENTS ['-p', '2', '--noprompt', '--csv', ")
    for word in lines[0].split("'"):
        assert not Path(word).is_file() or "linegate-" not in word


def test_no_secret_is_among_the_arguments_or_in_the_output(tmp_path: Path) -> None:
    ended = checkout(tmp_path, REPORT).run("select MF\n", [CARD, HEX_CARD])
    for secret in ("12345678", "31 32 33", "3132333435363738", "DEADBEEF00000001"):
        assert secret not in ended.output.upper()
    assert "found ADM1 '******'" in ended.output
    assert ended.output not in repr(ended)


def test_its_files_are_gone_even_if_it_is_killed(tmp_path: Path) -> None:
    body = """
import time
Path("where").write_text(arguments[arguments.index("--csv") + 1])
print("12345678", flush=True)
time.sleep(60)
"""
    ended = checkout(tmp_path, body).run("select MF\n", [CARD], timeout_s=2)
    assert not ended.succeeded
    assert "did not end in 2 s" in ended.failure
    assert "12345678" not in ended.output
    assert not os.path.exists((tmp_path / "where").read_text("utf-8"))  # noqa: PTH110 - a path of the program's


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (
            "print(\"EXCEPTION of type 'SwMatchError' occurred with message: 6982\", file=sys.stderr)",
            "EXCEPTION of type",
        ),
        ("print('SwMatchError: SW match failed! Expected 9000 and got 6982')", "SwMatchError: SW match failed"),
        ("print('updat_binary is not a recognized command, alias, or macro.')", "not a recognized command"),
        ("print('Card initialization (x) failed with an exception:')", "failed with an exception"),
        ("print('Usage: update_binary [-h] DATA')", "Usage: update_binary"),
        ("sys.exit(2)", "ended with status 2"),
    ],
)
def test_a_failure_is_found_although_pysim_shell_ends_with_0(tmp_path: Path, body: str, failure: str) -> None:
    ended = checkout(tmp_path, body).run("select MF\n", [CARD])
    assert not ended.succeeded
    assert failure in ended.failure


def test_pin1_is_in_the_list_only_if_the_script_asks_for_it(tmp_path: Path) -> None:
    shell = checkout(tmp_path, 'print(Path(arguments[arguments.index("--csv") + 1]).read_text().splitlines()[0])')
    card = replace(CARD, pin1=Secret(b"4711"))
    assert shell.run("verify_adm\nverify_chv\n", [card]).output == "ICCID,ADM1,PIN1\n"
    assert shell.run("verify_adm\n# verify_chv\n", [card]).output == "ICCID,ADM1\n"


def test_readers_are_named_by_a_regular_expression_too(tmp_path: Path) -> None:
    checkout(tmp_path, "print(arguments[0])")
    ended = PySim(tmp_path, sys.executable, reader="-Virtual").run("select MF\n", [CARD])
    assert ended.output.strip() == "--pcsc-regex=-Virtual"


def test_what_is_missing_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoPySim, match=r"no pySim-shell\.py .*clone"):
        PySim(tmp_path).run("", [CARD])
    checkout(tmp_path, "import no_such_module_at_all")
    with pytest.raises(NoPySim, match="no Python called 'no-such-python'"):
        PySim(tmp_path, "no-such-python").run("", [CARD])
    with pytest.raises(NoPySim, match="may not be run"):
        PySim(tmp_path, str(tmp_path / "pySim-shell.py")).run("", [CARD])
    with pytest.raises(NoPySim, match=r"lacks the module no_such_module_at_all: run pip install -r requirements\.txt"):
        PySim(tmp_path, sys.executable).run("", [CARD])


def test_secrets_are_taken_out_however_they_are_written() -> None:
    text = b"87654321 3837363534333231 38:37:36:35:34:33:32:31 00000000000000000000000000000001 \xff fine"
    assert scrubbed(text, [CARD]) == "****** ****** ****** ****** \ufffd fine"
