"""Commands of a UICC, classes 00 and 80, and the 3G authentication of its applications (TS 102 221 §11)."""

from __future__ import annotations

from collections.abc import Callable

from sim_readers.emulator import contents
from sim_readers.emulator.filesystem import Directory, File
from sim_readers.emulator.inside import DONE, Answer, Call, Inside
from sim_readers.emulator.pins import LENGTH, Key
from sim_readers.emulator.refusals import No, Refusal
from sim_readers.emulator.templates import fcp

_FCP, _NOTHING = (0x00, 0x04), 0x0C
_SFI_IN_OFFSET = 0x80
_APPLICATION_NAME = 0x01
_GSM_CONTEXT, _UMTS_CONTEXT = 0x80, 0x81
_RAND = 16
_UST = 0x6F38
_GSM_ACCESS, _GSM_SECURITY = 27, 38  # services of EF.UST (TS 31.102 §4.2.8)


def select(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.1: by identifier, by AID, by path from the MF or from here."""
    if call.p2 not in (*_FCP, _NOTHING):
        raise Refusal(No.PARAMETERS)
    found = _selected(card, call)
    return DONE if call.p2 == _NOTHING else Answer(fcp(card.image, card.keys, found), later=True)


def _selected(card: Inside, call: Call) -> Directory | File:
    match call.p1:
        case 0x00:
            if len(call.data) != 2:  # noqa: PLR2004 - a file identifier has two bytes
                raise Refusal(No.LENGTH)
            return card.selection.by_fid(int.from_bytes(call.data, "big"))
        case 0x04:
            return card.selection.by_aid(call.data)
        case 0x08 | 0x09:
            return card.selection.by_path(call.data, from_master=call.p1 == 0x08)  # noqa: PLR2004 - the case above
        case _:
            raise Refusal(No.PARAMETERS)


def status(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.2: of the current directory, or the AID of the current application."""
    if call.p1 > 0x02 or call.p2 not in (0x00, _APPLICATION_NAME, _NOTHING):  # noqa: PLR2004 - P1 is 00, 01 or 02
        raise Refusal(No.PARAMETERS)
    if call.p2 == _NOTHING:
        return DONE
    if call.p2 == _APPLICATION_NAME:
        application = card.selection.application
        if application is None:
            raise Refusal(No.NO_KEY)
        told = bytes((0x84, len(application.aid))) + application.aid
    else:
        told = fcp(card.image, card.keys, card.selection.directory)
    if call.wanted != len(told):
        raise Refusal(No.EXACT_LENGTH, len(told))
    return Answer(told)


def read_binary(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.3."""
    file, offset = _file_and_offset(card, call)
    return contents.read_binary(card, call, file, offset)


def update_binary(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.4."""
    file, offset = _file_and_offset(card, call)
    return contents.update_binary(card, call, file, offset)


def read_record(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.5."""
    return contents.read_record(card, call, _record_file(card, call))


def update_record(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.6."""
    return contents.update_record(card, call, _record_file(card, call))


def search_record(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.7."""
    return contents.search_record(card, call, _record_file(card, call))


def _file_and_offset(card: Inside, call: Call) -> tuple[File, int]:
    if call.p1 & _SFI_IN_OFFSET:
        if call.p1 & 0x60:
            raise Refusal(No.PARAMETERS)
        return card.selection.by_sfi(call.p1 & 0x1F), call.p2
    return card.selection.current(), call.p1 << 8 | call.p2


def _record_file(card: Inside, call: Call) -> File:
    sfi = call.p2 >> 3
    return card.selection.by_sfi(sfi) if sfi else card.selection.current()


def verify(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.9; without data it tells the tries left."""
    key = _key(card, call)
    if not call.data:
        raise Refusal(No.WRONG_KEY if key.tries else No.BLOCKED, key.tries)
    card.keys.verify(key, _exactly(call.data, LENGTH))
    return DONE


def change_pin(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.10."""
    key, data = _key(card, call), _exactly(call.data, 2 * LENGTH)
    card.keys.change(key, data[:LENGTH], data[LENGTH:])
    return DONE


def disable_pin(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.11."""
    card.keys.enable(_key(card, call), _exactly(call.data, LENGTH), enabled=False)
    return DONE


def enable_pin(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.12."""
    card.keys.enable(_key(card, call), _exactly(call.data, LENGTH), enabled=True)
    return DONE


def unblock_pin(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.13; without data it tells the tries left of the PUK."""
    key = _key(card, call)
    if not key.made.puk_tries:
        raise Refusal(No.NO_KEY)
    if not call.data:
        raise Refusal(No.WRONG_KEY if key.puk_tries else No.BLOCKED, key.puk_tries)
    data = _exactly(call.data, 2 * LENGTH)
    card.keys.unblock(key, data[:LENGTH], data[LENGTH:])
    return DONE


def _key(card: Inside, call: Call) -> Key:
    if call.p1:
        raise Refusal(No.PARAMETERS)
    return card.keys.by_reference(call.p2)


def _exactly(data: bytes, length: int) -> bytes:
    if len(data) != length:
        raise Refusal(No.LENGTH)
    return data


def authenticate(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.16, TS 31.102 §7.1, TS 31.103 §7.1: in an application, after PIN1."""
    application = card.selection.directory.application
    if call.p1 or call.p2 not in (_GSM_CONTEXT, _UMTS_CONTEXT):
        raise Refusal(No.PARAMETERS)
    if application is None:
        raise Refusal(No.CONDITIONS)
    card.demand(("pin1",))
    is_usim = application is card.tree.applications.get("ADF.USIM")
    if call.p2 == _GSM_CONTEXT:
        if not is_usim or not _has_service(application, _GSM_SECURITY):
            raise Refusal(No.NO_CONTEXT)
        sres, kc = card.authenticator.gsm("usim_gsm", _field(_exactly(call.data, 1 + _RAND), 0))
        return Answer(bytes((len(sres),)) + sres + bytes((len(kc),)) + kc, later=True)
    data = _exactly(call.data, 2 + 2 * _RAND)
    rand, autn = _field(data, 0), _field(data, 1 + _RAND)
    with_kc = is_usim and _has_service(application, _GSM_ACCESS)
    return Answer(card.authenticator.umts("usim" if is_usim else "isim", rand, autn, with_kc=with_kc), later=True)


def _field(data: bytes, start: int) -> bytes:
    if data[start] != _RAND:
        raise Refusal(No.DATA)
    return data[start + 1 : start + 1 + _RAND]


def _has_service(application: Directory, service: int) -> bool:
    table = application.files.get(_UST)
    place, bit = divmod(service - 1, 8)
    return table is not None and place < len(table.body) and bool(table.body[place] >> bit & 1)


def terminal_profile(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.2.1: heard, and of no consequence: this card has no applications of its own to run."""
    del card, call
    return DONE


def manage_channel(card: Inside, call: Call) -> Answer:
    """TS 102 221 §11.1.17: there is the basic channel and no other."""
    del card, call
    raise Refusal(No.CHANNEL)


Handler = Callable[[Inside, Call], Answer]
COMMANDS: dict[tuple[int, int], Handler] = {
    (0x00, 0x20): verify,
    (0x00, 0x24): change_pin,
    (0x00, 0x26): disable_pin,
    (0x00, 0x28): enable_pin,
    (0x00, 0x2C): unblock_pin,
    (0x00, 0x70): manage_channel,
    (0x00, 0x88): authenticate,
    (0x00, 0xA2): search_record,
    (0x00, 0xA4): select,
    (0x00, 0xB0): read_binary,
    (0x00, 0xB2): read_record,
    (0x00, 0xD6): update_binary,
    (0x00, 0xDC): update_record,
    (0x80, 0x10): terminal_profile,
    (0x80, 0xF2): status,
}
