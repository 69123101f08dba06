"""Files that are lists of networks, with or without the access technologies to look for them by."""

from __future__ import annotations

from dataclasses import dataclass

from sim_readers.coding import documents
from sim_readers.coding.bcd import decode_plmn, encode_plmn
from sim_readers.coding.blank import is_blank, padded
from sim_readers.ef import Ef
from sim_readers.errors import WrongValue

_PLMN = 3
_ENTRY = 5
_NO_ENTRY = bytes.fromhex("FFFFFF0000")
_TECHNOLOGIES = {  # TS 31.102 §4.2.5; what is not named here keeps its place as bit-XXXX
    "utran": 0x8000,
    "eutran": 0x4000,
    "ngran": 0x0800,
    "gsm": 0x0080,
    "gsm-compact": 0x0040,
    "cdma2000-hrpd": 0x0020,
    "cdma2000-1xrtt": 0x0010,
} | {f"bit-{1 << bit:04X}": 1 << bit for bit in (13, 12, 10, 9, 8, 3, 2, 1, 0)}


@dataclass(frozen=True, slots=True)
class PlmnAct:
    """A network and the technologies to look for it by: ``208-93``, ``("utran", "eutran")``."""

    plmn: str
    technologies: tuple[str, ...] = ()


class PlmnListEf(Ef[tuple[str, ...]]):
    """Networks, the most wanted first; an empty list is a blank file."""

    @classmethod
    def encode(cls, value: tuple[str, ...], size: int) -> bytes:
        """Write three bytes each, then FF. Raises WrongValue."""
        return padded(b"".join(map(encode_plmn, value)), size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> tuple[str, ...] | None:
        """Read what is there, leaving gaps out; ``None`` for a blank file. Raises WrongValue."""
        if is_blank(raw):
            return None
        return tuple(decode_plmn(piece) for piece in _pieces(raw, _PLMN) if not is_blank(piece))

    @classmethod
    def to_json(cls, value: tuple[str, ...]) -> list[str]:
        """Write as a list of ``208-93``."""
        return list(value)

    @classmethod
    def from_json(cls, document: object) -> tuple[str, ...]:
        """Read a list of ``208-93``. Raises WrongValue."""
        expected = f'{cls.name} as a list of networks, ["208-93"]'
        return tuple(documents.text(item, expected) for item in documents.items(document, expected))


class PlmnActListEf(Ef[tuple[PlmnAct, ...]]):
    """Networks with their technologies, the most wanted first."""

    @classmethod
    def encode(cls, value: tuple[PlmnAct, ...], size: int) -> bytes:
        """Write five bytes each, then entries of no network. Raises WrongValue."""
        raw = b"".join(encode_plmn(entry.plmn) + _technologies(entry.technologies) for entry in value)
        filler = _NO_ENTRY * ((size - len(raw)) // _ENTRY)
        return padded(raw + filler, size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> tuple[PlmnAct, ...] | None:
        """Read what is there, leaving gaps out; ``None`` for a blank file. Raises WrongValue."""
        if is_blank(raw):
            return None
        return tuple(_entry(piece) for piece in _pieces(raw, _ENTRY) if not is_blank(piece[:_PLMN]))

    @classmethod
    def to_json(cls, value: tuple[PlmnAct, ...]) -> list[dict[str, object]]:
        """Write as a list of ``{"plmn": "208-93", "act": ["eutran"]}``."""
        return [{"plmn": entry.plmn, "act": list(entry.technologies)} for entry in value]

    @classmethod
    def from_json(cls, document: object) -> tuple[PlmnAct, ...]:
        """Read the same. Raises WrongValue."""
        expected = f'{cls.name} as a list of {{"plmn": "208-93", "act": ["eutran", "utran"]}}'
        found = [documents.fields(item, expected, {"plmn", "act"}) for item in documents.items(document, expected)]
        return tuple(
            PlmnAct(
                documents.text(item["plmn"], expected),
                _in_order({documents.text(name, expected) for name in documents.items(item["act"], expected)}),
            )
            for item in found
        )


def _pieces(raw: bytes, size: int) -> list[bytes]:
    return [raw[at : at + size] for at in range(0, len(raw), size)]


def _entry(raw: bytes) -> PlmnAct:
    if len(raw) != _ENTRY:
        raise WrongValue(f"{raw.hex().upper()} is no network with technologies: that has {_ENTRY} bytes")
    bits = int.from_bytes(raw[_PLMN:], "big")
    return PlmnAct(decode_plmn(raw[:_PLMN]), tuple(name for name, bit in _TECHNOLOGIES.items() if bits & bit))


def _technologies(names: tuple[str, ...]) -> bytes:
    return sum(_TECHNOLOGIES[name] for name in _in_order(set(names))).to_bytes(2, "big")


def _in_order(names: set[str]) -> tuple[str, ...]:
    if strange := names - set(_TECHNOLOGIES):
        raise WrongValue(f"no technology {', '.join(sorted(strange))}; there is {', '.join(_TECHNOLOGIES)}")
    return tuple(name for name in _TECHNOLOGIES if name in names)
