"""Yardsticks for a card at PC/SC: the same commands without any code of ours, and the job done without a plan."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from importlib import import_module

from sim_readers.card_data import CardData
from sim_readers.coding.blank import padded
from sim_readers.ef import known_files
from sim_readers.milenage import Milenage

_USIM_AID, _ISIM_AID = "A0000000871002", "A0000000871004"
_USIM, _ISIM = f"A40404 {_USIM_AID}", f"A40404 {_ISIM_AID}"
_MF = "A40004 3F00"


class BareCard:
    """A card held with PC/SC's own calls; ``seconds`` it was held for."""

    def __init__(self, reader: str) -> None:
        self._begun = time.perf_counter()
        self.seconds = 0.0
        self._lib = scard = import_module("smartcard.scard")  # has no types
        _, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        code, self._card, _ = scard.SCardConnect(
            self._context, reader, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T0
        )
        assert not code, scard.SCardGetErrorMessage(code)

    def transmit(self, tpdu: bytes) -> bytes:
        """Send one TPDU."""
        code, answer = self._lib.SCardTransmit(self._card, self._lib.SCARD_PCI_T0, list(tpdu))
        assert not code, self._lib.SCardGetErrorMessage(code)
        return bytes(octet & 0xFF for octet in answer)

    def close(self) -> None:
        """Power it off."""
        self._lib.SCardDisconnect(self._card, self._lib.SCARD_UNPOWER_CARD)
        self._lib.SCardReleaseContext(self._context)
        self.seconds = time.perf_counter() - self._begun


def replay(reader: str, tpdus: Iterable[bytes]) -> float:
    """Send what was recorded; return the seconds from power-up to power-off."""
    card = BareCard(reader)
    for tpdu in tpdus:
        answer = card.transmit(tpdu)
        assert answer[-2] in (0x90, 0x61, 0x63, 0x69), answer.hex()  # tries left, and a file that asks for the PIN
    card.close()
    return card.seconds


def without_a_plan(reader: str, data: CardData) -> float:
    """Do the job as a script does it that knows nothing of where it is; return its seconds.

    For everything it does to a file it walks there from the MF, every step described; each file is read, written and
    read back.
    """
    card = BareCard(reader)
    _walk(card, [_MF, "A40004 2FE2"])
    _send(card, bytes.fromhex("00B000000A"))
    _send(card, bytes.fromhex("0020000108") + _reveal(data.pin1))
    _send(card, bytes.fromhex("0020000A08") + _reveal(data.adm1))
    imsi, *others = _contents(data)
    for steps, content in [*others, *_key_files(data), imsi]:
        readable = not steps[-1].endswith(("AF20", "AF22", "6F20"))
        if readable:
            _walk(card, steps)
            _send(card, bytes((0x00, 0xB0, 0, 0, len(content))))
        _walk(card, steps)
        _send(card, bytes((0x00, 0xD6, 0, 0, len(content))) + content)
        if readable:
            _walk(card, steps)
            assert _send(card, bytes((0x00, 0xB0, 0, 0, len(content)))) == content
    _authenticate(card, data)
    card.close()
    return card.seconds


def _contents(data: CardData) -> Iterator[tuple[list[str], bytes]]:
    files = known_files()
    name = files["EF.SPN"].from_json({"name": "Linegate", "with_network": True})
    yield [_MF, _USIM, "A40004 6F07"], files["EF.IMSI"].encode(data.imsi, 9)
    yield [_MF, _USIM, "A40004 6F78"], files["EF.ACC"].encode((int(data.imsi[-1]),), 2)
    yield [_MF, _USIM, "A40004 6FAD"], bytes.fromhex("00000002")
    yield [_MF, _USIM, "A40004 6F46"], files["EF.SPN"].encode(name, 17)


def _key_files(data: CardData) -> Iterator[tuple[list[str], bytes]]:
    content = b"\x14" + _reveal(data.ki) + _reveal(data.opc)
    yield [_MF, _USIM, "A40004 AF22"], content
    yield [_MF, _USIM, "A40004 AF20"], content
    yield [_MF, _ISIM, "A40004 AF20"], content
    yield [_MF, "A40004 A515", "A40004 6F20"], content


def _authenticate(card: BareCard, data: CardData) -> None:
    assert data.ki is not None
    assert data.opc is not None
    rand = os.urandom(16)
    autn = Milenage(data.ki, data.opc).autn(rand, 0, b"\x80\x00")
    _walk(card, [_MF, _USIM])
    answer = _send(card, bytes.fromhex("0088008122") + b"\x10" + rand + b"\x10" + autn)
    assert answer[:1] == b"\xdc", answer.hex()
    _send(card, bytes.fromhex("0088008011") + b"\x10" + rand)


def _walk(card: BareCard, steps: Iterable[str]) -> None:
    for step in steps:
        head, fid = step.split()
        identifier = bytes.fromhex(fid)
        _send(card, b"\x00" + bytes.fromhex(head) + bytes((len(identifier),)) + identifier)


def _send(card: BareCard, tpdu: bytes) -> bytes:
    answer = card.transmit(tpdu)
    if answer[-2] == 0x61:
        answer = card.transmit(bytes((0x00, 0xC0, 0, 0, answer[-1])))
    assert answer[-2:] == b"\x90\x00", (tpdu[:5].hex(), answer.hex())
    return answer[:-2]


def _reveal(secret: object) -> bytes:
    reveal = getattr(secret, "reveal", None)
    assert reveal is not None
    return padded(reveal(), 8, "key") if len(reveal()) < 8 else bytes(reveal())
