"""A job as a script for pySim-shell: select, write, and nothing secret.

ADM1 is verified without being named: pySim-shell takes it from the technician's card list (``--csv``) by the ICCID it
reads from the card. Key files are not exported: their content would be a secret in a script.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim_readers.ef import Structure, file_at
from sim_readers.errors import WrongValue
from sim_readers.path import FilePath
from sim_readers.trace.selection import shown_files

_DIRECTORIES: Mapping[str, str] = {"7F10": "DF.TELECOM", "7F20": "DF.GSM"}
_NAMES = frozenset(  # where pySim's names are ours; other files are named by their identifiers, which it takes as well
    (
        "EF.ACC",
        "EF.AD",
        "EF.DIR",
        "EF.DOMAIN",
        "EF.EHPLMN",
        "EF.EPSLOCI",
        "EF.FPLMN",
        "EF.GID1",
        "EF.HPLMNwAcT",
        "EF.IMPI",
        "EF.IMPU",
        "EF.IMSI",
        "EF.LOCI",
        "EF.MSISDN",
        "EF.OPLMNwAcT",
        "EF.PLMNsel",
        "EF.PLMNwAcT",
        "EF.PSLOCI",
        "EF.SMSP",
        "EF.SPN",
        "EF.UST",
    )
)
_ICCID = "3F00/2FE2"


@dataclass(frozen=True, slots=True)
class ScriptWrite:
    """What one file, or one of its records counted from 1, shall hold. Never a key."""

    path: FilePath
    record: int | None
    raw: bytes


def write_script(writes: Sequence[ScriptWrite], *, verify: bool = True, verify_pin: bool = False) -> str:
    """Write the script. Raises WrongValue for a file that is not known or may hold a key, and for a wrong record.

    ``verify`` has ADM1 verified. ``verify_pin`` has PIN1 verified as well, from the list's column PIN1: files that are
    the phone's to write, as EF.FPLMN, want it on cards whose PIN1 is enabled.
    """
    for write in writes:
        _check(write)
    lines = ["# for pySim-shell; start it with --csv and a list of the columns ICCID, ADM1 and PIN1", "select MF"]
    if verify:
        lines.append("verify_adm")
    if verify_pin:
        lines.append("verify_chv")
    selected = ""
    for write in writes:
        wanted = f"select {pysim_name(write.path)}"
        if wanted != selected:
            lines.append(wanted)
            selected = wanted
        lines += [f"# {_decoded(write)}", _update(write)]
    return "\n".join([*lines, "select MF", ""])


def pysim_name(path: FilePath) -> str:
    """Write a path as pySim-shell's ``select`` takes it: ``MF/ADF.USIM/EF.IMSI``, identifiers where we have no name."""
    top, *below = path.steps
    directories = [_DIRECTORIES.get(step, step.lower()) for step in below[:-1]]
    known = file_at(path)
    name = known.name if known and known.name in _NAMES else f"{path.fid:04x}"
    return "/".join(("MF", *(() if top == "3F00" else (top,)), *directories, name))


def _check(write: ScriptWrite) -> None:
    known = file_at(write.path)
    if known is None or write.path not in shown_files():
        raise WrongValue(f"{write.path} is not known to be without keys, so it is not put into a script")
    if str(write.path) == _ICCID:
        raise WrongValue("EF.ICCID is not put into a script: pySim-shell finds the ADM key by it")
    has_records = known.structure is Structure.LINEAR_FIXED
    if has_records != (write.record is not None):
        wanted = "needs the number of a record" if has_records else "has no records"
        raise WrongValue(f"{known.name} {wanted}")
    if not write.raw:
        raise WrongValue(f"there is nothing to write into {known.name}")


def _update(write: ScriptWrite) -> str:
    if write.record is None:
        return f"update_binary {write.raw.hex()}"
    return f"update_record {write.record} {write.raw.hex()}"


def _decoded(write: ScriptWrite) -> str:
    """What the bytes say, on one line, for whoever reads the script."""
    known = file_at(write.path)
    if known is None:
        return str(write.path)
    try:
        value = known.decode(write.raw)
    except WrongValue:
        return f"{known.name}: bytes that have no meaning in its coding"
    return f"{known.name}: {'nothing' if value is None else json.dumps(known.to_json(value), ensure_ascii=True)}"
