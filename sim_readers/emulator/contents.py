"""Reading and writing the current file, in both generations (TS 102 221 §11.1.3 to §11.1.7, TS 51.011 §9.2.3 to 6)."""

from __future__ import annotations

from sim_readers.emulator.filesystem import File, Structure
from sim_readers.emulator.inside import DONE, Answer, Call, Inside
from sim_readers.emulator.refusals import No, Refusal

_NEXT, _PREVIOUS, _ABSOLUTE = 2, 3, 4


def read_binary(card: Inside, call: Call, file: File, offset: int) -> Answer:
    """READ BINARY. Raises Refusal."""
    card.demand(file.access.read)
    return Answer(file.read(offset, call.wanted))


def update_binary(card: Inside, call: Call, file: File, offset: int) -> Answer:
    """UPDATE BINARY. Raises Refusal."""
    card.demand(file.access.update)
    if not call.data:
        raise Refusal(No.LENGTH)
    file.update(card.memory, offset, call.data)
    return DONE


def read_record(card: Inside, call: Call, file: File) -> Answer:
    """READ RECORD. Raises Refusal, with the right length when another is asked for."""
    card.demand(file.access.read)
    number = _record_number(card, call, file)
    record = file.record(number)
    if call.wanted != len(record):
        raise Refusal(No.EXACT_LENGTH, len(record))
    _move(card, call, number)
    return Answer(record)


def update_record(card: Inside, call: Call, file: File) -> Answer:
    """UPDATE RECORD; a cyclic file takes only PREVIOUS, which overwrites its oldest record. Raises Refusal."""
    card.demand(file.access.update)
    if file.structure is Structure.CYCLIC:
        if call.p2 & 7 != _PREVIOUS or call.p1:
            raise Refusal(No.PARAMETERS)
        file.push_record(card.memory, call.data)
        card.selection.record = 1
        return DONE
    number = _record_number(card, call, file)
    file.update_record(card.memory, number, call.data)
    _move(card, call, number)
    return DONE


def search_record(card: Inside, call: Call, file: File) -> Answer:
    """SEARCH RECORD, the simple search: from record P1 on, answers the numbers found. Raises Refusal."""
    card.demand(file.access.read)
    if file.structure is Structure.TRANSPARENT:
        raise Refusal(No.WRONG_STRUCTURE)
    first = call.p1 or card.selection.record or 1
    match call.p2 & 7:
        case 4:
            numbers = range(first, file.records + 1)
        case 5:
            numbers = range(first, 0, -1)
        case _:
            raise Refusal(No.PARAMETERS)
    if first > file.records:
        raise Refusal(No.NO_RECORD)
    found = [number for number in numbers if call.data in file.record(number)]
    if not found:
        raise Refusal(No.SEARCH_ENDED)
    card.selection.record = found[0]
    return Answer(bytes(found), later=True)


def _record_number(card: Inside, call: Call, file: File) -> int:
    """Which record P1 and the low bits of P2 mean (TS 102 221 §11.1.5.2)."""
    if file.structure is Structure.TRANSPARENT:
        raise Refusal(No.WRONG_STRUCTURE)
    here, last = card.selection.record, file.records
    mode = call.p2 & 7
    if mode not in (_NEXT, _PREVIOUS, _ABSOLUTE) or (call.p1 and mode != _ABSOLUTE):
        raise Refusal(No.PARAMETERS)
    if mode == _ABSOLUTE:
        return call.p1 or here
    wanted = here + 1 if mode == _NEXT else (here or last + 1) - 1
    if file.structure is Structure.CYCLIC:
        return (wanted - 1) % last + 1
    return wanted


def _move(card: Inside, call: Call, number: int) -> None:
    """NEXT and PREVIOUS move the record pointer; an absolute number does not."""
    if call.p2 & 7 != _ABSOLUTE:
        card.selection.record = number
