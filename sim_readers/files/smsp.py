"""EF.SMSP: how short messages are sent, above all through which service centre."""

from __future__ import annotations

from dataclasses import dataclass

from sim_readers.coding import documents
from sim_readers.coding.alphabet import decode_text, encode_text
from sim_readers.coding.bcd import DIALLING, decode, decode_number, encode_number
from sim_readers.coding.blank import is_blank
from sim_readers.ef import Ef, Structure, Vector
from sim_readers.errors import WrongValue
from sim_readers.path import TELECOM, USIM

_TAIL = 28  # indicators, destination, service centre, PID, DCS, validity; the name is before it, on the left
_ADDRESS = 12
_DESTINATION, _CENTRE, _PID, _DCS, _VALIDITY = (1 << bit for bit in range(5))
_NO_ADDRESS = b"\xff" * _ADDRESS
_ABSENT = 0xFF


@dataclass(frozen=True, slots=True)
class SmsParameters:
    """What is ``None`` is not given. ``validity`` is relative, as TS 23.040 §9.2.3.12.1 codes it."""

    service_centre: str | None
    destination: str | None = None
    pid: int | None = None
    dcs: int | None = None
    validity: int | None = None
    name: str = ""


class Smsp(Ef[SmsParameters]):
    """Y bytes of name, then 28: a bit of byte 1 is 0 for what is given."""

    name = "EF.SMSP"
    clause = "TS 31.102 §4.2.27"
    paths = (USIM / 0x6F42, TELECOM / 0x6F42)
    structure = Structure.LINEAR_FIXED
    vectors = (
        Vector(SmsParameters("+33609001390"), "FF" * 12 + "FD" + "FF" * 12 + "07913306091093F0FFFFFFFF" + "FFFFFF"),
        Vector(
            SmsParameters("+33609001390", "+33612345678", 0, 0, 0xA7, "Op"),
            "4F70FF" + "E0" + "0B913316325476F8FFFFFFFF" + "07913306091093F0FFFFFFFF" + "0000A7",
        ),
        Vector(SmsParameters(None, pid=0), "FB" + "FF" * 24 + "00FFFF"),
    )

    @classmethod
    def encode(cls, value: SmsParameters, size: int) -> bytes:
        """Write a record of at least 28 bytes. Raises WrongValue."""
        if size < _TAIL:
            raise WrongValue(f"{cls.name}: a record has {_TAIL} bytes at least, not {size}")
        numbers = (value.pid, value.dcs, value.validity)
        given = (value.destination, value.service_centre, *numbers)
        indicators = 0xFF & ~sum(1 << bit for bit, item in enumerate(given) if item is not None)
        return b"".join(
            (
                encode_text(value.name, size - _TAIL),
                bytes((indicators,)),
                _destination(value.destination),
                _centre(value.service_centre),
                bytes(_ABSENT if item is None else documents.number(item, cls.name) for item in numbers),
            )
        )

    @classmethod
    def decode(cls, raw: bytes) -> SmsParameters | None:
        """Read a record. Raises WrongValue."""
        if is_blank(raw):
            return None
        if len(raw) < _TAIL:
            raise WrongValue(f"{cls.name}: a record has {_TAIL} bytes at least, not {len(raw)}")
        name, tail = raw[:-_TAIL], raw[-_TAIL:]
        given, pid, dcs, validity = ~tail[0], *tail[-3:]
        return SmsParameters(
            service_centre=_read_centre(tail[13:25]) if given & _CENTRE else None,
            destination=_read_destination(tail[1:13]) if given & _DESTINATION else None,
            pid=pid if given & _PID else None,
            dcs=dcs if given & _DCS else None,
            validity=validity if given & _VALIDITY else None,
            name=decode_text(name),
        )

    @classmethod
    def to_json(cls, value: SmsParameters) -> dict[str, object]:
        """Write what is given, ``service_centre`` always."""
        optional = {"destination": value.destination, "pid": value.pid, "dcs": value.dcs, "validity": value.validity}
        named = {"name": value.name} if value.name else {}
        given = {key: item for key, item in optional.items() if item is not None}
        return {"service_centre": value.service_centre, **given, **named}

    @classmethod
    def from_json(cls, document: object) -> SmsParameters:
        """Read the same. Raises WrongValue."""
        expected = f'{cls.name} as {{"service_centre": "+33609001390"}}'
        others = {"destination", "pid", "dcs", "validity", "name"}
        found = documents.fields(document, expected, {"service_centre"}, others)
        centre, destination = (
            None if found.get(key) is None else documents.text(found[key], expected)
            for key in ("service_centre", "destination")
        )
        pid, dcs, validity = (
            None if found.get(key) is None else documents.number(found[key], expected)
            for key in ("pid", "dcs", "validity")
        )
        return SmsParameters(centre, destination, pid, dcs, validity, documents.text(found.get("name", ""), expected))


def _destination(number: str | None) -> bytes:
    """TS 51.011 §10.5.6, TS 23.040 §9.1.2.5: the length counts digits."""
    if number is None:
        return _NO_ADDRESS
    return bytes((len(number.removeprefix("+")),)) + encode_number(number, _ADDRESS - 1)


def _centre(number: str | None) -> bytes:
    """TS 24.011 §8.2.5.1: the length counts bytes, type and plan among them."""
    if number is None:
        return _NO_ADDRESS
    raw = encode_number(number, _ADDRESS - 1)
    return bytes((len(raw.rstrip(b"\xff")),)) + raw


def _read_destination(raw: bytes) -> str | None:
    if is_blank(raw) or not raw[0]:
        return None
    if raw[0] != len(decode(raw[2 : 2 + (raw[0] + 1) // 2], DIALLING)):
        raise WrongValue(f"{raw.hex().upper()} is no destination of short messages: its length counts digits")
    return decode_number(raw[1 : 2 + (raw[0] + 1) // 2])


def _read_centre(raw: bytes) -> str | None:
    if is_blank(raw) or not raw[0]:
        return None
    if raw[0] >= _ADDRESS:
        raise WrongValue(f"{raw.hex().upper()} is no service centre: its length counts bytes")
    return decode_number(raw[1 : 1 + raw[0]])


FILE = Smsp
