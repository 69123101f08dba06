"""Make a card as its factory delivers it: its number and its keys' values are on it, and not much else."""

from __future__ import annotations

from sim_readers.card_data import CardData
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.faults import Faults
from sim_readers.emulator.image import CardImage
from sim_readers.emulator.pins import Key, key_of
from sim_readers.secret import Secret

_ICCID = "3F00/2FE2"
_IMSI = ("ADF.USIM/6F07", "3F00/7F20/6F07")


def blank(
    image: CardImage,
    data: CardData,
    *,
    keys_inside: bool = False,
    faults: Faults | None = None,
    record: bool = False,
) -> VirtualCard:
    """Make a card. A key that ``data`` leaves out has the image's value.

    With ``keys_inside`` IMSI, Ki and OPc are loaded too. Raises ValueError when the image cannot be made, or when
    they are missing then.
    """
    card = VirtualCard(image, _keys(image, data), faults=faults, record=record)
    _put(card, _ICCID, _swapped(data.iccid))
    if keys_inside:
        if data.ki is None or data.opc is None:
            raise ValueError("a card with its keys inside needs Ki and OPc")
        card.inside.authenticator.load(data.ki, data.opc)
        for path in _IMSI:
            _put(card, path, _imsi(data.imsi))
    return card


def _keys(image: CardImage, data: CardData) -> dict[str, Key]:
    values: dict[str, tuple[Secret | None, Secret | None]] = {
        "pin1": (data.pin1, data.puk1),
        "pin2": (data.pin2, data.puk2),
        "adm1": (data.adm1, None),
    }
    return {name: key_of(made, *values[name]) for name, made in image.keys.items()}


def _put(card: VirtualCard, path: str, content: bytes) -> None:
    body = card.inside.memory.bodies.get(path)
    if body is not None:
        body[:] = content.ljust(len(body), b"\xff")


def _swapped(digits: str) -> bytes:
    """ICCID: digits in pairs, the second first, F where one is missing (TS 102 221 §13.2)."""
    even = digits + "F" * (len(digits) % 2)
    return bytes.fromhex("".join(even[at + 1] + even[at] for at in range(0, len(even), 2)))


def _imsi(imsi: str) -> bytes:
    """Length in bytes, then parity and the first digit, then pairs (TS 31.102 §4.2.2)."""
    parity = "9" if len(imsi) % 2 else "1"
    body = _swapped(parity + imsi)
    return bytes((len(body),)) + body
