"""What a card answers to SELECT and STATUS: FCP of a UICC, and the tables of a GSM SIM."""

from __future__ import annotations

from sim_readers.emulator.access import gsm_nibble
from sim_readers.emulator.filesystem import CURRENT_APPLICATION, Directory, File, Structure
from sim_readers.emulator.image import CardImage
from sim_readers.emulator.pins import Key, Keyring

_SHAREABLE_DIRECTORY, _SHAREABLE_FILE, _CODING = 0x78, 0x40, 0x21
_LOW_FIVE = 0x1F
_GSM_STRUCTURE = {Structure.TRANSPARENT: 0, Structure.LINEAR: 1, Structure.CYCLIC: 3}
_INITIALISED = 0x80


def fcp(image: CardImage, keys: Keyring, found: Directory | File) -> bytes:
    """Return the FCP template (TS 102 221 §11.1.1.3)."""
    inner = _file(found) if isinstance(found, File) else _directory(image, keys, found)
    return _tlv(0x62, inner)


def _file(file: File) -> bytes:
    """TS 102 221 §11.1.1.3.2. Without tag 88 the SFI is the low five bits of the identifier; empty, there is none."""
    descriptor = bytes((_SHAREABLE_FILE | file.structure, _CODING))
    if file.structure is not Structure.TRANSPARENT:
        descriptor += file.record_size.to_bytes(2, "big") + bytes((file.records,))
    told = _tlv(0x82, descriptor) + _tlv(0x83, file.fid.to_bytes(2, "big")) + _life_and_rules(file.arr)
    told += _tlv(0x80, len(file.body).to_bytes(2, "big"))
    if file.sfi is None:
        return told + _tlv(0x88, b"")
    return told if file.sfi == file.fid & _LOW_FIVE else told + _tlv(0x88, bytes((file.sfi << 3,)))


def _directory(image: CardImage, keys: Keyring, directory: Directory) -> bytes:
    """TS 102 221 §11.1.1.3.1."""
    told = _tlv(0x82, bytes((_SHAREABLE_DIRECTORY, _CODING))) + _tlv(0x83, directory.fid.to_bytes(2, "big"))
    if directory.fid == CURRENT_APPLICATION:
        told += _tlv(0x84, directory.aid)
    if image.characteristics:
        told += _tlv(0xA5, _tlv(0x80, bytes.fromhex(image.characteristics)))
    return told + _life_and_rules(directory.arr) + _tlv(0xC6, _pin_status(keys))


def _pin_status(keys: Keyring) -> bytes:
    """Tell which keys are enabled, bit 8 for the first, then their references (TS 102 221 §9.5.2)."""
    all_keys = list(keys.by_name.values())
    bits = sum(0x80 >> place for place, key in enumerate(all_keys) if key.enabled)
    return _tlv(0x90, bytes((bits,))) + b"".join(_tlv(0x83, bytes((key.made.reference,))) for key in all_keys)


def _life_and_rules(arr: tuple[int, int] | None) -> bytes:
    """Operational and activated; the rules are in a record of EF.ARR (TS 102 221 §11.1.1.4.9, §11.1.1.4.7)."""
    life = _tlv(0x8A, b"\x05")
    return life + (_tlv(0x8B, arr[0].to_bytes(2, "big") + bytes((arr[1],))) if arr else b"")


def _tlv(tag: int, value: bytes) -> bytes:
    return bytes((tag, len(value))) + value


def gsm_answer(keys: Keyring, found: Directory | File) -> bytes:
    """Return the answer to SELECT in class A0 (TS 51.011 §9.2.1)."""
    return _gsm_file(found) if isinstance(found, File) else _gsm_directory(keys, found)


def _gsm_file(file: File) -> bytes:
    rules = gsm_nibble(file.access.read) << 4 | gsm_nibble(file.access.update)
    size, fid = len(file.body).to_bytes(2, "big"), file.fid.to_bytes(2, "big")
    told = b"\x00\x00" + size + fid + bytes((0x04, 0x00, rules, 0xFF, 0xFF, 0x01))
    return told + bytes((2, _GSM_STRUCTURE[file.structure], file.record_size))


def _gsm_directory(keys: Keyring, directory: Directory) -> bytes:
    kind = 0x01 if directory.parent is None else 0x02
    pin1, pin2 = keys.by_name.get("pin1"), keys.by_name.get("pin2")
    disabled = 0x80 if pin1 and not pin1.enabled else 0x00
    counts = bytes((len(directory.directories), len(directory.files), len(keys.by_name)))
    status = _gsm_tries(pin1) + _gsm_tries(pin2)
    head = b"\x00\x00\x00\x00" + directory.fid.to_bytes(2, "big") + bytes((kind,)) + bytes(5)
    return head + bytes((10, 0x01 | disabled)) + counts + b"\x00" + status + b"\x00"


def _gsm_tries(key: Key | None) -> bytes:
    """The status of a CHV and of its UNBLOCK CHV: bit 8 initialised, low nibble tries left."""
    return bytes((_INITIALISED | key.tries, _INITIALISED | key.puk_tries)) if key else b"\x00\x00"
