"""What an exchange with a card means, in few words: ``VERIFY ADM1: wrong, 2 tries left``."""

from __future__ import annotations

from sim_readers.apdu import Command, Ins
from sim_readers.ef import file_at
from sim_readers.path import FilePath
from sim_readers.status import Generation, explain, tries_left
from sim_readers.trace.mask import generation_of
from sim_readers.trace.selection import Selection

_KEYS = {  # TS 102 221 table 9.3
    **{0x00 + n: f"PIN{n}" for n in range(1, 9)},
    **{0x09 + n: f"ADM{n}" for n in range(1, 6)},
    0x11: "universal PIN",
    0x81: "PIN2",
    **{0x80 + n: f"second PIN{n}" for n in range(2, 9)},
    **{0x84 + n: f"ADM{n}" for n in range(6, 11)},
}
_GSM_KEYS = {0x00: "PIN1", 0x01: "PIN1", 0x02: "PIN2"}  # TS 51.011 §9.3; UNBLOCK names PIN1 by 00
_PINS = {
    Ins.VERIFY: "VERIFY",
    Ins.CHANGE_PIN: "CHANGE",
    Ins.DISABLE_PIN: "DISABLE",
    Ins.ENABLE_PIN: "ENABLE",
    Ins.UNBLOCK_PIN: "UNBLOCK",
}
_CONTENT = {
    Ins.READ_BINARY: "READ",
    Ins.UPDATE_BINARY: "UPDATE",
    Ins.READ_RECORD: "READ",
    Ins.UPDATE_RECORD: "UPDATE",
    Ins.SEARCH_RECORD: "SEARCH",
    Ins.INCREASE: "INCREASE",
}
_NAMES = {ins.value: ins.name.replace("_", " ") for ins in Ins}
_ABSOLUTE = 0x04


def meaning(command: Command | None, status: int | None, target: Selection) -> str:
    """Say what was asked and what came of it; ``status`` is ``None`` if nothing came."""
    if command is None:
        return "something that is no command"
    asked = _asked(command, target)
    if status is None:
        return f"{asked}: no answer"
    generation = generation_of(command)
    left = tries_left(command.ins, status, generation)
    if command.ins in (Ins.VERIFY, Ins.UNBLOCK_PIN) and not command.data and left is not None:
        return f"{asked}, asking only: {left} tries left"
    return f"{asked}: {explain(command.ins, status, generation)}"


def _asked(command: Command, target: Selection) -> str:
    ins = command.ins
    if ins in _PINS:
        return f"{_PINS[Ins(ins)]} {_key(command)}"
    if ins in _CONTENT:
        return f"{_CONTENT[Ins(ins)]} {_file(target.file)}{_record(command)}"
    if ins == Ins.SELECT:
        return f"SELECT {_file(target.file or target.directory)}"
    return _NAMES.get(ins, f"command {command.cla:02X}{ins:02X}")


def _key(command: Command) -> str:
    names = _GSM_KEYS if generation_of(command) is Generation.GSM else _KEYS
    return names.get(command.p2, f"key {command.p2:02X}")


def _file(path: FilePath | None) -> str:
    if path is None:
        return "a file"
    known = file_at(path)
    return known.name if known else str(path)


def _record(command: Command) -> str:
    if command.ins in (Ins.READ_RECORD, Ins.UPDATE_RECORD) and command.p1 and command.p2 & 0x07 == _ABSOLUTE:
        return f" record {command.p1}"
    return ""
