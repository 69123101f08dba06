"""Stands in for pySim-shell in a checkout of a test's: it obeys scripts, and prints the keys it was given.

A test copies it to ``pySim-shell.py``; beside it ``manner`` says how it behaves: ``obey``, ``nothing``, ``half`` (it
leaves the last write out) or ``complain`` (it obeys and then prints a failure). ``ran`` appears when it has run.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from sim_readers.apdu import Ins
from sim_readers.ef import known_files
from sim_readers.path import FilePath
from sim_readers.pysim.script import pysim_name
from sim_readers.reader import open_reader
from sim_readers.session import CardSession

_HERE = Path(__file__).parent


def _paths() -> dict[str, FilePath]:
    return {pysim_name(path): path for file in known_files().values() for path in file.paths}


def _obey(session: CardSession, lines: Sequence[str], card: dict[str, str]) -> None:
    selected, paths = "", _paths()
    for line in lines:
        match line.split():
            case ["verify_adm"]:
                sys.stdout.write(f"found ADM1 {card['ADM1']}\n")
                session.must(session.command(Ins.VERIFY, 0, 0x0A, card["ADM1"].encode()), "VERIFY")
            case ["verify_chv"]:
                pin = card["PIN1"].encode().ljust(8, b"\xff")
                session.must(session.command(Ins.VERIFY, 0, 0x01, pin), "VERIFY")
            case ["select", name]:
                selected = name
            case ["update_binary", content]:
                session.update(paths[selected], bytes.fromhex(content))
            case ["update_record", number, content]:
                session.update(paths[selected], bytes.fromhex(content), int(number))
            case _:
                assert line.startswith("#"), line


def _main(arguments: Sequence[str]) -> None:
    """Do what a script says to the card in the reader that is named."""
    manner = (_HERE / "manner").read_text()
    (_HERE / "ran").touch()
    pattern = arguments[0].removeprefix("--pcsc-regex=")
    lines = Path(arguments[arguments.index("--script") + 1]).read_text().splitlines()
    rows = list(csv.DictReader(Path(arguments[arguments.index("--csv") + 1]).read_text().splitlines()))
    if manner == "nothing":
        return
    if manner == "half":
        last = max(place for place, line in enumerate(lines) if line.startswith("update"))
        lines = lines[:last] + lines[last + 1 :]
    reader = open_reader(f"pcsc:/{pattern}/")
    connection = reader.connect()
    session = CardSession(connection)
    session.find_generation()
    _obey(session, lines, rows[0])
    connection.close()
    reader.close()
    if manner == "complain":
        sys.stdout.write("EXCEPTION of type 'SwMatchError' occurred\n")


if __name__ == "__main__":
    _main(sys.argv[1:])
