"""Where the PIN or PUK that is presented comes from: the gateway's vault, a file of cards, or a person's hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from gateway.cli.card.codes import HandedOver, read_pin, read_puk
from gateway.cli.card.desk import Desk
from gateway.cli.card.disclosure import Reason, keys_told, puks_told, told_card
from gateway.cli.card.pin_task import Operation, PinTask
from gateway.cli.card.sources import read_cards
from gateway.cli.failure import Refused
from gateway.cli.gateway_client import Address, GatewayClient
from sim_readers.card_data import CardData
from sim_readers.guard import Origin
from sim_readers.secret import Secret


class Kept(Protocol):
    """Finds the PIN and the PUK of a card, by its ICCID and the PIN's number."""

    origin: Origin

    def pin(self, iccid: str, number: int) -> Secret:
        """The PIN. Raises Failure, NotOurs."""

    def puk(self, iccid: str, number: int) -> Secret:
        """The PUK. Raises Failure, NotOurs."""


@contextmanager
def kept_keys(desk: Desk, task: PinTask) -> Iterator[Kept]:
    """Be ready to find keys; what is handed over is taken now, before any card is touched. Raises Failure."""
    if task.code:
        read, what = (read_puk, "PUK") if task.operation is Operation.UNBLOCK else (read_pin, "PIN")
        yield _Typed(task.code.take(f"{what}{task.number}", read), desk, replace(task, code=HandedOver("")))
    elif task.cards is not None:
        yield _Listed(read_cards(task.cards).cards.get, task.cards.name)
    else:
        with GatewayClient(Address.from_environment()) as client:
            yield _Vault(client, desk, Reason(task.why, task.approved_by))


class _Listed:
    origin = Origin.VAULT

    def __init__(self, find: Callable[[str], CardData | None], name: str) -> None:
        self._find = find
        self._name = name

    def pin(self, iccid: str, number: int) -> Secret:
        return self._known(iccid, f"pin{number}")

    def puk(self, iccid: str, number: int) -> Secret:
        return self._known(iccid, f"puk{number}")

    def _known(self, iccid: str, name: str) -> Secret:
        card = self._find(iccid)
        if card is None:
            raise Refused(f"card {iccid} is not in {self._name}: see that the right file is loaded")
        return of(card, name)


class _Vault:
    """Asks the gateway for no more than is needed: PUKs alone where they will do."""

    origin = Origin.VAULT

    def __init__(self, client: GatewayClient, desk: Desk, reason: Reason) -> None:
        self._client = client
        self._station = desk.station.name
        self._reason = reason

    def pin(self, iccid: str, number: int) -> Secret:
        told = keys_told(self._client, iccid, self._reason, self._station, without_adm=True)
        return of(told.card, f"pin{number}")

    def puk(self, iccid: str, number: int) -> Secret:
        return of(told_card(puks_told(self._client, iccid, self._reason)), f"puk{number}")


class _Typed:
    """A code a person handed over. The PIN that is set with a typed PUK still comes from where it is kept."""

    origin = Origin.TYPED

    def __init__(self, typed: Secret, desk: Desk, otherwise: PinTask) -> None:
        self._typed = typed
        self._desk = desk
        self._otherwise = otherwise

    def pin(self, iccid: str, number: int) -> Secret:
        if self._otherwise.operation is not Operation.UNBLOCK:
            return self._typed
        with kept_keys(self._desk, self._otherwise) as kept:
            return kept.pin(iccid, number)

    def puk(self, _iccid: str, _number: int) -> Secret:
        return self._typed


def of(card: CardData, name: str) -> Secret:
    """One secret of a card. Raises Refused when it is not known."""
    found = {"pin1": card.pin1, "pin2": card.pin2, "puk1": card.puk1, "puk2": card.puk2}[name]
    if found is None:
        raise Refused(f"{name.upper()} of card {card.iccid} is not known where it was looked for")
    return found
