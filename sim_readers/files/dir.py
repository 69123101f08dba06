"""EF.DIR: the applications of a UICC; one in each record."""

from __future__ import annotations

from dataclasses import dataclass

from sim_readers import tlv
from sim_readers.coding import documents
from sim_readers.coding.blank import is_blank, padded
from sim_readers.coding.texts import read_utf8, utf8
from sim_readers.ef import Ef, Structure, Vector
from sim_readers.errors import Garbled, WrongValue
from sim_readers.path import MF

_TEMPLATE, _AID, _LABEL = 0x61, 0x4F, 0x50
_AID_BYTES = range(5, 17)


@dataclass(frozen=True, slots=True)
class Application:
    """``aid`` and ``rest``, what else the template holds, in hex; ``label`` for people."""

    aid: str
    label: str = ""
    rest: str = ""


class Dir(Ef[Application]):
    """A template 61 with the AID in 4F and a label in 50."""

    name = "EF.DIR"
    clause = "TS 102 221 §13.1"
    paths = (MF / 0x2F00,)
    structure = Structure.LINEAR_FIXED
    vectors = (
        Vector(
            Application("A0000000871002FFFFFFFF8907090000", "USIM"),
            "61184F10A0000000871002FFFFFFFF890709000050045553494DFFFF",
        ),
        Vector(Application("A0000000871004"), "61094F07A0000000871004"),
        Vector(Application("A0000000871004", "", "51022F00"), "610D4F07A000000087100451022F00FF"),
    )

    @classmethod
    def encode(cls, value: Application, size: int) -> bytes:
        """Write a record. Raises WrongValue."""
        aid, rest = (bytes.fromhex(documents.hexadecimal(item, cls.name)) for item in (value.aid, value.rest))
        if len(aid) not in _AID_BYTES:
            raise WrongValue(f"{cls.name}: an AID has {_AID_BYTES[0]} to {_AID_BYTES[-1]} bytes, not {len(aid)}")
        label = tlv.write(_LABEL, utf8(value.label, cls.name)) if value.label else b""
        return padded(tlv.write(_TEMPLATE, tlv.write(_AID, aid) + label + rest), size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> Application | None:
        """Read a record; ``None`` for one with no application. Raises WrongValue."""
        if is_blank(raw):
            return None
        try:
            objects = tlv.parse(tlv.value_of(tlv.parse(raw), _TEMPLATE) or b"")
        except Garbled as rubbish:
            raise WrongValue(f"{cls.name}: {rubbish}") from rubbish
        aid, label = tlv.value_of(objects, _AID), tlv.value_of(objects, _LABEL)
        if aid is None or len(aid) not in _AID_BYTES:
            raise WrongValue(f"{cls.name}: {raw.hex().upper()} names no application")
        rest = b"".join(item.to_bytes() for item in objects if item.tag not in (_AID, _LABEL))
        return Application(aid.hex().upper(), read_utf8(label or b"", cls.name), rest.hex().upper())

    @classmethod
    def to_json(cls, value: Application) -> dict[str, object]:
        """Write as ``{"aid": "A0000000871002", "label": "USIM", "rest": ""}``."""
        return {"aid": value.aid, "label": value.label, "rest": value.rest}

    @classmethod
    def from_json(cls, document: object) -> Application:
        """Read the same; all but ``aid`` may be left out. Raises WrongValue."""
        expected = f'{cls.name} as {{"aid": "A0000000871002", "label": "USIM"}}'
        found = documents.fields(document, expected, {"aid"}, {"label", "rest"})
        return Application(
            documents.hexadecimal(found["aid"], expected),
            documents.text(found.get("label", ""), expected),
            documents.hexadecimal(found.get("rest", ""), expected),
        )


FILE = Dir
