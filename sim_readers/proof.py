"""Proof that a card holds the Ki and OPc it should: it is made to authenticate us, and to authenticate itself.

A UICC gets a challenge with sequence number 0, which no card may accept (TS 33.102 annex C.2): it answers with AUTS,
made with Ki and OPc over its own sequence number. That proves both keys, uses up no number, and tells the card's.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim_readers.apdu import Ins, Response
from sim_readers.card_data import CardData
from sim_readers.milenage import Milenage
from sim_readers.path import GSM, USIM
from sim_readers.session import CardSession
from sim_readers.status import LOCKED, Generation, succeeded

_CONTEXT_3G, _CONTEXT_GSM = 0x81, 0x80  # TS 31.102 §7.1.2
_AMF = bytes.fromhex("8000")  # TS 33.102 annex H: the separation bit
_SUCCESS, _RESYNC = 0xDB, 0xDC
_WRONG_MAC = 0x9862
_NO_SUCH_CONTEXT = (0x9864, 0x6A81, 0x6A86)  # TS 31.102 §7.3.1; older cards say that P2 is wrong
_SRES_BYTES = 4
_SHORTEST_RES = 4  # TS 33.102 §6.3.7: RES has 4 to 16 bytes
_KC_BYTES = 8
_GSM_ANSWER = _SRES_BYTES + _KC_BYTES


@dataclass(frozen=True, slots=True)
class Proven:
    """The card holds these keys. ``sqn`` is its sequence number, where it told it."""

    sqn: int | None = None


@dataclass(frozen=True, slots=True)
class Disproven:
    """The card holds other keys."""

    why: str


@dataclass(frozen=True, slots=True)
class Unprovable:
    """Nothing can be said, and why."""

    why: str


Proof = Proven | Disproven | Unprovable


def prove(session: CardSession, data: CardData, rand: bytes, *, gsm_context: bool = False) -> Proof:
    """Challenge a card with 16 random bytes. Raises CardGone, Refused (it wants its PIN first, or has no USIM).

    ``gsm_context``: challenge its USIM in the GSM context as well, for which some models have keys of their own. A
    card that says that it has no such context (9864) has nothing to prove there.
    """
    if data.ki is None or data.opc is None:
        return Unprovable("Ki or OPc of this card are not known here")
    keys = Milenage(data.ki, data.opc)
    if session.generation is Generation.GSM:
        return _prove_gsm(session, keys, rand)
    session.enter(USIM)
    autn = keys.autn(rand, 0, _AMF)
    asked = session.command(Ins.AUTHENTICATE, 0x00, _CONTEXT_3G, _counted(rand) + _counted(autn), 256)
    proof = _judge(session, session.send(asked), keys, rand)
    if gsm_context and isinstance(proof, Proven):
        return _judge_gsm_context(session, keys, rand) or proof
    return proof


def _judge_gsm_context(session: CardSession, keys: Milenage, rand: bytes) -> Disproven | Unprovable | None:
    """AUTHENTICATE for a 2G network (TS 31.102 §7.1.2.2): counted RAND, answered with counted SRES and Kc."""
    answer = session.send(session.command(Ins.AUTHENTICATE, 0x00, _CONTEXT_GSM, _counted(rand), 256))
    if answer.status in _NO_SUCH_CONTEXT:
        return None
    if not succeeded(Ins.AUTHENTICATE, answer.status, session.generation):  # it may even be another card by now
        return _not_carried_out(session, answer, "AUTHENTICATE in the GSM context")
    sres, kc = keys.gsm(rand)
    if answer.data == _counted(sres) + _counted(kc):
        return None
    return Disproven("its USIM has other keys for the GSM context")


def _judge(session: CardSession, answer: Response, keys: Milenage, rand: bytes) -> Proof:
    if answer.status == _WRONG_MAC:
        return Disproven("it cannot check our signature: its Ki or OPc is another")
    if not succeeded(Ins.AUTHENTICATE, answer.status, session.generation) or not answer.data:
        return _not_carried_out(session, answer, "AUTHENTICATE")
    told = _field(answer.data)
    if answer.data[0] == _RESYNC and (sqn := keys.sqn_in(told, rand)) is not None:
        return Proven(sqn)
    if answer.data[0] == _SUCCESS and len(told) >= _SHORTEST_RES and told == keys.f2(rand)[: len(told)]:
        return Proven()
    return Disproven("it answers with a signature of other keys")


def _prove_gsm(session: CardSession, keys: Milenage, rand: bytes) -> Proof:
    """RUN GSM ALGORITHM (TS 51.011 §9.2.16), for cards whose algorithm is GSM-Milenage (TS 55.205)."""
    session.select(GSM)
    answer = session.send(session.command(Ins.AUTHENTICATE, 0x00, 0x00, rand, _GSM_ANSWER))
    if len(answer.data) != _GSM_ANSWER:
        return _not_carried_out(session, answer, "RUN GSM ALGORITHM")
    sres, kc = keys.gsm(rand)
    if (answer.data[:_SRES_BYTES], answer.data[_SRES_BYTES:]) == (sres, kc):
        return Proven()
    return Disproven("its answer is not GSM-Milenage with these keys: they are others, or its algorithm is")


def _not_carried_out(session: CardSession, answer: Response, command: str) -> Unprovable:
    """Raises Refused when only the PIN is missing."""
    refusal = session.refusal(Ins.AUTHENTICATE, answer.status, f"{command} was not carried out")
    if answer.status in LOCKED:
        raise refusal
    return Unprovable(str(refusal))


def _counted(value: bytes) -> bytes:
    return bytes((len(value),)) + value


def _field(data: bytes) -> bytes:
    """The first counted field after the tag (TS 31.102 §7.1.2.1); empty if it is cut short."""
    length = data[1] if len(data) > 1 else 0
    return data[2 : 2 + length]
