"""Commands of a GSM SIM, class A0 (TS 51.011 §9.2)."""

from __future__ import annotations

from collections.abc import Callable

from sim_readers.emulator import contents
from sim_readers.emulator.filesystem import File
from sim_readers.emulator.inside import DONE, Answer, Call, Inside
from sim_readers.emulator.pins import LENGTH, Key
from sim_readers.emulator.refusals import No, Refusal
from sim_readers.emulator.templates import gsm_answer

_CHV = {0x01: "pin1", 0x02: "pin2"}
_UNBLOCKED_CHV = {0x00: "pin1", 0x02: "pin2"}  # §9.2.13: CHV1 is 00 here and only here
_DF_GSM = 0x7F20
_FID, _RAND = 2, 16


def select(card: Inside, call: Call) -> Answer:
    """§9.2.1."""
    _plain(call)
    found = card.selection.by_fid(int.from_bytes(_exactly(call.data, _FID), "big"))
    return Answer(gsm_answer(card.keys, found), later=True)


def status(card: Inside, call: Call) -> Answer:
    """§9.2.2: as much of the answer to SELECT as is asked for."""
    _plain(call)
    told = gsm_answer(card.keys, card.selection.directory)
    if call.wanted > len(told):
        raise Refusal(No.EXACT_LENGTH, len(told))
    return Answer(told[: call.wanted])


def read_binary(card: Inside, call: Call) -> Answer:
    """§9.2.3."""
    return contents.read_binary(card, call, card.selection.current(), call.p1 << 8 | call.p2)


def update_binary(card: Inside, call: Call) -> Answer:
    """§9.2.4."""
    return contents.update_binary(card, call, card.selection.current(), call.p1 << 8 | call.p2)


def read_record(card: Inside, call: Call) -> Answer:
    """§9.2.5."""
    return contents.read_record(card, call, _record_file(card, call))


def update_record(card: Inside, call: Call) -> Answer:
    """§9.2.6."""
    return contents.update_record(card, call, _record_file(card, call))


def verify_chv(card: Inside, call: Call) -> Answer:
    """§9.2.9. There is no query: the tries left are in the answer to SELECT."""
    card.keys.verify(_key(card, call), _exactly(call.data, LENGTH))
    return DONE


def change_chv(card: Inside, call: Call) -> Answer:
    """§9.2.10."""
    key, data = _key(card, call), _exactly(call.data, 2 * LENGTH)
    card.keys.change(key, data[:LENGTH], data[LENGTH:])
    return DONE


def disable_chv(card: Inside, call: Call) -> Answer:
    """§9.2.11."""
    card.keys.enable(_key(card, call), _exactly(call.data, LENGTH), enabled=False)
    return DONE


def enable_chv(card: Inside, call: Call) -> Answer:
    """§9.2.12."""
    card.keys.enable(_key(card, call), _exactly(call.data, LENGTH), enabled=True)
    return DONE


def unblock_chv(card: Inside, call: Call) -> Answer:
    """§9.2.13."""
    if call.p1 or call.p2 not in _UNBLOCKED_CHV:
        raise Refusal(No.PARAMETERS)
    data = _exactly(call.data, 2 * LENGTH)
    card.keys.unblock(_named(card, _UNBLOCKED_CHV[call.p2]), data[:LENGTH], data[LENGTH:])
    return DONE


def run_gsm_algorithm(card: Inside, call: Call) -> Answer:
    """§9.2.16: in DF.GSM or below, after CHV1; SRES and Kc to be fetched."""
    _plain(call)
    rand = _exactly(call.data, _RAND)
    here = card.selection.directory
    if _DF_GSM not in (here.fid, here.parent.fid if here.parent else 0):
        raise Refusal(No.ACCESS)
    card.demand(("pin1",))
    return Answer(b"".join(card.authenticator.gsm("gsm", rand)), later=True)


def terminal_profile(card: Inside, call: Call) -> Answer:
    """TS 51.014 §6: heard, and of no consequence."""
    del card
    _plain(call)
    return DONE


def _plain(call: Call) -> None:
    if call.p1 or call.p2:
        raise Refusal(No.PARAMETERS)


def _exactly(data: bytes, length: int) -> bytes:
    """P3 is never optional (§9.2); the refusal tells the right one (§9.4.6)."""
    if len(data) != length:
        raise Refusal(No.EXACT_LENGTH, length)
    return data


def _key(card: Inside, call: Call) -> Key:
    if call.p1:
        raise Refusal(No.PARAMETERS)
    if call.p2 in _CHV:
        return _named(card, _CHV[call.p2])
    return card.keys.by_reference(call.p2)


def _named(card: Inside, name: str) -> Key:
    if name not in card.keys.by_name:
        raise Refusal(No.NO_KEY)
    return card.keys.by_name[name]


def _record_file(card: Inside, call: Call) -> File:
    if call.p2 >> 3:
        raise Refusal(No.PARAMETERS)
    return card.selection.current()


COMMANDS: dict[int, Callable[[Inside, Call], Answer]] = {
    0x10: terminal_profile,
    0x20: verify_chv,
    0x24: change_chv,
    0x26: disable_chv,
    0x28: enable_chv,
    0x2C: unblock_chv,
    0x88: run_gsm_algorithm,
    0xA4: select,
    0xB0: read_binary,
    0xB2: read_record,
    0xD6: update_binary,
    0xDC: update_record,
    0xF2: status,
}
