"""The keys a card verifies: how each is named, addressed and asked for its tries left.

A UICC is asked by an empty VERIFY or UNBLOCK, which costs nothing; a GSM SIM tells in its answer to SELECT MF, and of
administrative keys not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sim_readers.apdu import Ins
from sim_readers.path import MF
from sim_readers.secret import Secret
from sim_readers.session import CardSession
from sim_readers.status import Generation, tries_left

_KEY_BYTES = 8
_DONE = 0x9000
_DISABLED = 0x6984  # TS 102 221 §10.2.1.5
_GSM_UNBLOCK = {0x01: 0x00, 0x02: 0x02}  # TS 51.011 §9.2.13: UNBLOCK CHV1 is 00, although VERIFY CHV1 is 01


class Kind(StrEnum):
    """What a key is for."""

    PIN = "pin"
    PUK = "puk"
    ADM = "adm"


@dataclass(frozen=True, slots=True)
class KeyRef:
    """One key of a card. ``uicc`` and ``gsm`` are its references (TS 102 221 §9.5.1, TS 51.011 §9.3)."""

    name: str
    kind: Kind
    uicc: int
    gsm: int
    most_tries: int

    def p2(self, generation: Generation) -> int:
        """The reference as a command carries it."""
        if generation is Generation.UICC:
            return self.uicc
        return _GSM_UNBLOCK[self.gsm] if self.kind is Kind.PUK else self.gsm


PIN1 = KeyRef("PIN1", Kind.PIN, 0x01, 0x01, 3)
PIN2 = KeyRef("PIN2", Kind.PIN, 0x81, 0x02, 3)
PUK1 = KeyRef("PUK1", Kind.PUK, 0x01, 0x01, 10)
PUK2 = KeyRef("PUK2", Kind.PUK, 0x81, 0x02, 10)
PUK_OF = {PIN1: PUK1, PIN2: PUK2}


ADM1 = "ADM1"


def adm(reference: int, most_tries: int) -> KeyRef:
    """The administrative key of a card model."""
    return KeyRef(ADM1, Kind.ADM, reference, reference, most_tries)


def padded(secret: Secret) -> bytes:
    """Write a PIN as the card takes it: ASCII digits, FF up to eight bytes (TS 102 221 §9.5.1)."""
    return secret.reveal().ljust(_KEY_BYTES, b"\xff")


@dataclass(frozen=True, slots=True)
class Counter:
    """What a card says of a key. ``tries`` is ``None`` if it does not tell; ``satisfied``: nothing need be verified."""

    tries: int | None
    satisfied: bool = False


def ask(session: CardSession, key: KeyRef) -> Counter:
    """Ask a card for a key's tries left; costs none. Raises CardGone."""
    if session.generation is Generation.GSM:
        return _told_by_directory(session, key)
    ins = Ins.UNBLOCK_PIN if key.kind is Kind.PUK else Ins.VERIFY
    status = session.send(session.command(ins, 0x00, key.uicc)).status
    satisfied = status == _DONE or (status == _DISABLED and key.kind is Kind.PIN)
    return Counter(tries_left(ins, status, session.generation), satisfied)


def _told_by_directory(session: CardSession, key: KeyRef) -> Counter:
    if key.kind is Kind.ADM:
        return Counter(None)
    for pin in session.look(MF).pins:
        if pin.reference == key.gsm:
            tries = pin.unblock_tries if key.kind is Kind.PUK else pin.tries
            return Counter(tries, satisfied=key.kind is Kind.PIN and pin.enabled is False and tries != 0)
    return Counter(None)
