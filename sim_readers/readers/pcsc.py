"""Readers at PC/SC, through pcscd: ``pcsc:<name>``, or ``pcsc:/<regular expression>/``. By name, for indexes move."""

from __future__ import annotations

from collections.abc import Sequence

from sim_readers.errors import NoReader
from sim_readers.pcsc.reader import PcscReader, choose
from sim_readers.pcsc.scard import context, load
from sim_readers.pcsc.trouble import NO_READERS, PcscTrouble, words
from sim_readers.reader import Symptom, Verdict

_EXCLUSIVE, _MUTE, _PRESENT = 0x0080, 0x0200, 0x0020


def find() -> Sequence[str]:
    """Name the readers pcscd knows; none where pyscard is missing or pcscd does not run."""
    try:
        with context() as held:
            return held.readers()
    except (NoReader, PcscTrouble):
        return ()


def open_reader(address: str) -> PcscReader:
    """Open a reader by name or pattern. Raises NoReader: no such reader, several, no pcscd, no pyscard."""
    try:
        with context() as held:
            names = held.readers()
    except PcscTrouble as trouble:
        raise NoReader(words(trouble.code)) from trouble
    if choose(names, address) is None:
        there = f"there is {', '.join(names)}" if names else words(NO_READERS)
        raise NoReader(f"no reader at PC/SC is named {address!r}: {there}")
    return PcscReader(address)


def diagnose() -> Sequence[Symptom]:
    """Look at pyscard, pcscd, and every reader and its card. Never raises."""
    try:
        load()
    except NoReader as missing:
        return (Symptom("pyscard", Verdict.FAIL, "it cannot be loaded", str(missing)),)
    package = Symptom("pyscard", Verdict.OK, "installed")
    try:
        with context() as held:
            names = held.readers()
            seen = tuple(_looked_at(name, held.state(name)) for name in names)
    except PcscTrouble as trouble:
        return (package, Symptom("pcscd", Verdict.FAIL, "it cannot be used", words(trouble.code)))
    none = Symptom("readers", Verdict.WARN, "none", words(NO_READERS))
    return (package, Symptom("pcscd", Verdict.OK, "running"), *(seen or (none,)))


def _looked_at(reader: str, state: int) -> Symptom:
    if state & _EXCLUSIVE:
        return Symptom(reader, Verdict.WARN, "another program holds its card", "end that program, or wait for it")
    if state & _MUTE:
        advice = "see which way round the card is in, and clean its contacts"
        return Symptom(reader, Verdict.WARN, "its card is mute", advice)
    return Symptom(reader, Verdict.OK, "a card is in it" if state & _PRESENT else "empty")
