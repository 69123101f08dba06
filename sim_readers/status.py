"""What a status word means: the same word says different things after different commands and on different cards.

TS 102 221 §10.2.1 for a UICC, TS 51.011 §9.4 for a GSM SIM.
"""

from __future__ import annotations

from enum import StrEnum

from sim_readers.apdu import Ins
from sim_readers.status_words import FAMILIES, GSM, UICC

OK = 0x9000
LOCKED = (0x6982, 0x9804)  # a PIN or key is asked for first: TS 102 221 §10.2.1.5, TS 51.011 §9.4.5
_PIN = frozenset({Ins.VERIFY, Ins.CHANGE_PIN, Ins.DISABLE_PIN, Ins.ENABLE_PIN, Ins.UNBLOCK_PIN})
_WRITES = frozenset({Ins.UPDATE_BINARY, Ins.UPDATE_RECORD, Ins.INCREASE, Ins.ACTIVATE_FILE, Ins.DEACTIVATE_FILE})
_READS = frozenset({Ins.READ_BINARY, Ins.READ_RECORD, Ins.GET_RESPONSE, Ins.STATUS, Ins.FETCH})
_BLOCKED = (0x6983, 0x9840)
_TRIES = 0x63C0
_GSM_RETRIES = 0x9200


class Generation(StrEnum):
    """Which rules a card is spoken to by: class byte 00 or A0."""

    UICC = "uicc"
    GSM = "gsm"


def succeeded(ins: int, status: int, generation: Generation) -> bool:
    """Whether the command did what it is for; a warning that the data may be corrupt is not success."""
    match status >> 8:
        case 0x90:
            return status == OK
        case 0x61 | 0x91 | 0x9E | 0x9F:
            return True
        case 0x92 if generation is Generation.GSM:
            return _retries(ins, status, generation) is not None
        case 0x92:
            return True
        case 0x62:
            return _only_a_warning(ins, status)
        case 0x63:
            return _retries(ins, status, generation) is not None
    return False


def tries_left(ins: int, status: int, generation: Generation) -> int | None:
    """How many tries a PIN, PUK or ADM has left after a command about it; ``None``: the card did not say.

    A GSM SIM's 9804 carries no counter: select a directory and read its ``FileInfo.pins``.
    """
    if ins not in _PIN:
        return None
    if status in _BLOCKED:
        return 0
    return _after(status, _TRIES) if generation is Generation.UICC else None


def explain(ins: int, status: int, generation: Generation) -> str:
    """Say in plain words what a status word means after this command."""
    said = _by_command(ins, status, generation)
    if said is None:
        first, second = (UICC, GSM) if generation is Generation.UICC else (GSM, UICC)
        said = first.get(status) or _by_first_byte(status, generation) or second.get(status)
    return said or f"status {status:04X}, which the standard does not know"


def _after(status: int, base: int) -> int | None:
    """X of 63CX or 920X."""
    return status & 0xF if status & 0xFFF0 == base else None


def _only_a_warning(ins: int, status: int) -> bool:
    match status:
        case 0x6282 | 0x62F1 | 0x62F2 | 0x62F3:
            return ins in _READS
        case 0x6283 | 0x6285:
            return ins in (Ins.SELECT, Ins.STATUS, Ins.GET_RESPONSE)
    return False


def _by_command(ins: int, status: int, generation: Generation) -> str | None:
    if (retries := _retries(ins, status, generation)) is not None:
        return f"done after {_times(retries, 'internal retry', 'internal retries')}"
    if ins in _PIN:
        return _about_a_pin(ins, status, generation)
    if status == 0x9804 and ins == Ins.AUTHENTICATE:  # noqa: PLR2004 - TS 51.011 §9.4.5
        return "authentication failed"
    if status == 0x6282 and ins == Ins.SEARCH_RECORD:  # noqa: PLR2004 - TS 102 221 §10.2.1.3
        return "nothing found"
    return None


def _retries(ins: int, status: int, generation: Generation) -> int | None:
    """TS 51.011 §9.4.3 after any command; TS 102 221 §10.2.1.3 after one that writes."""
    if generation is Generation.GSM:
        return _after(status, _GSM_RETRIES)
    return _after(status, _TRIES) if ins in _WRITES else None


def _about_a_pin(ins: int, status: int, generation: Generation) -> str | None:
    left = tries_left(ins, status, generation)
    is_puk = ins == Ins.UNBLOCK_PIN
    if left == 0:
        last = "" if status in _BLOCKED else "wrong, no try left: "
        return f"{last}the PUK is blocked for ever" if is_puk else f"{last}blocked; only its PUK, if any, helps"
    if left is not None:
        return f"wrong, {_times(left, 'try', 'tries')} left"
    if status == 0x9804 and generation is Generation.GSM:  # noqa: PLR2004 - TS 51.011 §9.4.5
        return "wrong, at least one try left; the directory says how many"
    return None


def _times(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _by_first_byte(status: int, generation: Generation) -> str | None:
    low = status & 0xFF
    match status >> 8:
        case 0x61 | 0x9F:
            return f"done, {_times(low or 256, 'byte', 'bytes')} to fetch"
        case 0x6C:
            return f"wrong length asked for: ask again for {_times(low or 256, 'byte', 'bytes')}"
        case 0x91:
            return f"done, and the card has a command of {_times(low or 256, 'byte', 'bytes')} for the phone"
        case 0x9E:
            return f"data download failed, {_times(low or 256, 'byte', 'bytes')} to fetch"
        case 0x92 if generation is Generation.UICC:
            return "done, a data transfer goes on"
        case 0x67 | 0x6B | 0x6D | 0x6E | 0x6F as high:
            return FAMILIES[high]
    if generation is Generation.UICC and (retries := _after(status, _TRIES)) is not None:
        return f"done with a warning, counter {retries}"
    return None
