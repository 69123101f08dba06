"""A batch for an HLR or AuC: every card's IMSI with its Ki, enciphered under the transport key both sides hold.

Semicolons part the columns ``iccid;imsi;eki;algorithm;k4_index;op_index;kcv``, with ``eopc`` behind ``eki`` where the
operator's variant travels with the card. Lines that begin with ``#`` say what the key is and how many cards there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim_readers.card_data import CardData
from sim_readers.secret import Secret
from sim_readers.transport_key import TransportAlgorithm, check_value, wrap_ki

_KEY_BYTES = 16


class BatchRefused(ValueError):
    """A batch would be of no use; one line for each reason, none with a secret."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class TransportKey:
    """K4 and the number the AuC keeps it under; ``op_index`` is where it keeps the operator's OP.

    ``kcv_block``: what the check value is made of, if the two sides agreed on something else than zeros.
    """

    k4: Secret
    algorithm: TransportAlgorithm
    k4_index: int
    op_index: int | None = None
    kcv_block: bytes | None = None


def write_batch(cards: Sequence[CardData], key: TransportKey, *, with_opc: bool = False) -> str:
    """Write the batch. Raises BatchRefused, and then writes nothing.

    ``with_opc``: OPc is sent enciphered as Ki is; otherwise the AuC makes it of the OP at ``op_index``.
    """
    if reasons := list(_reasons(cards, key, with_opc=with_opc)):
        raise BatchRefused(reasons)
    kcv = check_value(key.k4, key.algorithm, key.kcv_block)
    columns = ("iccid", "imsi", "eki", *(("eopc",) if with_opc else ()), "algorithm", "k4_index", "op_index", "kcv")
    head = [f"# cards: {len(cards)}", f"# transport key: {key.k4_index}, {key.algorithm}, check value {kcv}"]
    rows = (";".join(_row(card, key, kcv, with_opc=with_opc)) for card in cards)
    return "\n".join((*head, ";".join(columns), *rows, ""))


def _row(card: CardData, key: TransportKey, kcv: str, *, with_opc: bool) -> Iterator[str]:
    yield from (card.iccid, card.imsi)
    for secret in (card.ki, card.opc if with_opc else None):
        if secret is not None:
            yield wrap_ki(secret, key.k4, key.algorithm).hex().upper()
    yield from (key.algorithm, str(key.k4_index), "" if with_opc else str(key.op_index), kcv)


def _reasons(cards: Sequence[CardData], key: TransportKey, *, with_opc: bool) -> Iterator[str]:
    if not cards:
        yield "there is no card in the batch"
    if len(key.k4) != _KEY_BYTES:
        yield f"K4 has {_KEY_BYTES} bytes, not {len(key.k4)}"
    if not with_opc and key.op_index is None:
        yield "the AuC needs OPc of every card, or the number of the OP it makes it of"
    seen: set[str] = set()
    for card in cards:
        yield from _wrong(card, with_opc=with_opc)
        yield from (f"card {card.iccid}: {n} is in the batch twice" for n in (card.iccid, card.imsi) if n in seen)
        seen |= {card.iccid, card.imsi}


def _wrong(card: CardData, *, with_opc: bool) -> Iterator[str]:
    if not card.imsi:
        yield f"card {card.iccid} has no IMSI"
    for name, secret in (("Ki", card.ki), ("OPc", card.opc)):
        if secret is None:
            if name == "Ki" or with_opc:
                yield f"card {card.iccid} has no {name}"
        elif len(secret) != _KEY_BYTES:
            yield f"{name} of card {card.iccid} has {len(secret)} bytes, not {_KEY_BYTES}"
