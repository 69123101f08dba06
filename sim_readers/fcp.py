"""What a card tells of a file when it is selected: a UICC's FCP and a GSM SIM's answer, as one value.

TS 102 221 §11.1.1.3 and TS 51.011 §9.2.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sim_readers.ef import Structure
from sim_readers.errors import Garbled
from sim_readers.tlv import Tlv, parse, value_of

_MF = 0x3F00
_CHV1 = 0x01
_CHV2 = 0x02


class FileKind(StrEnum):
    """What can be selected (TS 102 221 §8.1)."""

    MF = "mf"
    DF = "df"
    ADF = "adf"
    EF = "ef"


@dataclass(frozen=True, slots=True)
class PinState:
    """One key a directory is guarded by. ``None`` is: the card did not say.

    ``reference`` is what VERIFY calls the key on this card. A UICC (TS 102 221 table 9.3): 0x01 PIN1, 0x81 the user's
    PIN2, 0x0A ADM1. A GSM SIM: 0x01 CHV1, 0x02 CHV2; a code that was never initialised is left out.
    """

    reference: int
    enabled: bool | None = None
    tries: int | None = None
    unblock_tries: int | None = None


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file or directory as the card describes it.

    ``size`` in bytes: of a transparent EF, or of one record. ``structure`` is ``None`` for directories and for what we
    neither read nor write (cyclic, BER-TLV). ``access_reference``: file identifier and record of the EF.ARR that holds
    the rules; ``security``: rules given in place, as they are (8C or AB of an FCP; bytes 9 to 11 of a GSM EF).
    """

    kind: FileKind
    fid: int | None = None
    structure: Structure | None = None
    size: int | None = None
    records: int | None = None
    sfi: int | None = None
    invalidated: bool = False
    pins: tuple[PinState, ...] = ()
    access_reference: tuple[int, int] | None = None
    security: bytes = b""

    def pin(self, reference: int) -> PinState | None:
        """The state of one key, if the card gave it."""
        return next((state for state in self.pins if state.reference == reference), None)


def parse_fcp(raw: bytes) -> FileInfo:
    """Read a UICC's answer to SELECT or STATUS: template 62. Raises Garbled."""
    template = value_of(parse(raw), 0x62)
    if template is None:
        raise Garbled("the card described a file without the template 62")
    objects = parse(template)
    descriptor = value_of(objects, 0x82)
    if not descriptor:
        raise Garbled("the card described a file without its file descriptor")
    fid = _number(value_of(objects, 0x83))
    kind = _kind(descriptor[0], fid, named=value_of(objects, 0x84) is not None)
    is_ef = kind is FileKind.EF
    structure = _UICC_STRUCTURES.get(descriptor[0] & 0x3F) if is_ef else None
    size, records = _sizes(structure, descriptor, objects) if is_ef else (None, None)
    return FileInfo(
        kind=kind,
        fid=fid,
        structure=structure,
        size=size,
        records=records,
        sfi=_sfi(value_of(objects, 0x88), fid) if is_ef else None,
        invalidated=_deactivated(value_of(objects, 0x8A)),
        pins=_pin_states(value_of(objects, 0xC6)),
        access_reference=_access_reference(value_of(objects, 0x8B)),
        security=value_of(objects, 0x8C) or value_of(objects, 0xAB) or b"",
    )


_UICC_STRUCTURES = {  # TS 102 221 table 11.5; a working and an internal EF are read alike
    0x01: Structure.TRANSPARENT,
    0x02: Structure.LINEAR_FIXED,
    0x09: Structure.TRANSPARENT,
    0x0A: Structure.LINEAR_FIXED,
}
_CYCLIC = 0x06


def _kind(descriptor: int, fid: int | None, *, named: bool) -> FileKind:
    if descriptor & 0x3F != 0x38:  # noqa: PLR2004 - TS 102 221 table 11.5: file type DF or ADF, no structure
        return FileKind.EF
    if fid == _MF:
        return FileKind.MF
    return FileKind.ADF if named else FileKind.DF


def _sizes(structure: Structure | None, descriptor: bytes, objects: Sequence[Tlv]) -> tuple[int | None, int | None]:
    total = _number(value_of(objects, 0x80))
    has_records = structure is Structure.LINEAR_FIXED or descriptor[0] & 0x07 == _CYCLIC
    if not has_records:
        return total, None
    record, count = _number(descriptor[2:4]), _number(descriptor[4:])
    if count is None and record and total is not None:
        count = total // record
    return record, count


def _sfi(value: bytes | None, fid: int | None) -> int | None:
    """TS 102 221 §11.1.1.4.8: five high bits; an empty object is no SFI; no object is the end of the identifier."""
    sfi = (value or b"\x00")[0] >> 3 if value is not None else (fid or 0) & 0x1F
    return sfi if 0 < sfi < 0x1F else None  # noqa: PLR2004 - TS 102 221 §8.4.2: 1 to 30


def _deactivated(life_cycle: bytes | None) -> bool:
    """TS 102 221 table 11.7b: operational and deactivated is 000001x0."""
    return (life_cycle or b"\x00")[0] & 0xFD == 0x04  # noqa: PLR2004 - as the docstring says


def _pin_states(template: bytes | None) -> tuple[PinState, ...]:
    """TS 102 221 §9.5.2: a bit in 90 for each key reference 83 in turn, the highest first; 1 is enabled."""
    objects = parse(template or b"")
    bits = "".join(f"{byte:08b}" for byte in value_of(objects, 0x90) or b"")
    keys = [item.value[0] for item in objects if item.tag == 0x83 and item.value]  # noqa: PLR2004 - its tag
    return tuple(PinState(key, bits[at] == "1" if at < len(bits) else None) for at, key in enumerate(keys))


def _access_reference(value: bytes | None) -> tuple[int, int] | None:
    """TS 102 221 §11.1.1.4.7.3: EF.ARR, then a record, or pairs of security environment and record."""
    match tuple(value or b""):
        case (high, low, record):
            return high << 8 | low, record
        case (high, low, first, record, *rest) if not len(rest) % 2:
            # environment 1 rules while PIN1 is enabled, which is the card as it is sold
            by_environment = {first: record, **dict(zip(rest[::2], rest[1::2], strict=True))}
            return high << 8 | low, by_environment.get(1, record)
        case _:
            return None


def _number(value: bytes | None) -> int | None:
    return int.from_bytes(value, "big") if value else None


_GSM_EF_BYTES = 14
_GSM_DIRECTORY_BYTES = 22
_GSM_KINDS = {0x01: FileKind.MF, 0x02: FileKind.DF, 0x04: FileKind.EF}


def parse_gsm(raw: bytes) -> FileInfo:
    """Read a GSM SIM's answer to SELECT or STATUS. Raises Garbled."""
    kind = _GSM_KINDS.get(raw[6]) if len(raw) >= _GSM_EF_BYTES else None
    if kind is None:
        raise Garbled("the card described a file in a way no GSM SIM does")
    if kind is FileKind.EF:
        return _gsm_ef(raw)
    if len(raw) < _GSM_DIRECTORY_BYTES:
        raise Garbled("the card described a directory without the state of its codes")
    return FileInfo(kind, _number(raw[4:6]), pins=_chvs(raw))


def _gsm_ef(raw: bytes) -> FileInfo:
    total, shape = int.from_bytes(raw[2:4], "big"), raw[13]
    record = raw[14] if shape and len(raw) > _GSM_EF_BYTES else 0
    structures = {0x00: Structure.TRANSPARENT, 0x01: Structure.LINEAR_FIXED}  # 03 is cyclic
    return FileInfo(
        FileKind.EF,
        _number(raw[4:6]),
        structures.get(shape),
        record if shape else total,
        total // record if record else None,
        invalidated=not raw[11] & 0x01,
        security=raw[8:11],
    )


def _chvs(raw: bytes) -> tuple[PinState, ...]:
    """Bytes 19 to 22: CHV1, UNBLOCK CHV1, CHV2, UNBLOCK CHV2: b8 initialised, low half tries left."""
    chv1, unblock1, chv2, unblock2 = raw[18:22]
    enabled = not raw[13] & 0x80
    states = (
        (chv1, PinState(_CHV1, enabled, chv1 & 0xF, unblock1 & 0xF)),
        (chv2, PinState(_CHV2, True, chv2 & 0xF, unblock2 & 0xF)),  # noqa: FBT003 - it cannot be disabled
    )
    return tuple(state for byte, state in states if byte & 0x80)
