"""How PIN1 and PIN2 of a card are, found out without spending a try: ``linegate card pin status``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.console import Group, RenderableType

from gateway.cli.card.desk import at_desk
from gateway.cli.card.options import Given
from gateway.cli.gateway_client import Json
from gateway.cli.printing import facts, rows, show, table
from sim_readers.errors import Refused
from sim_readers.guard import Guard
from sim_readers.job.plan import read_iccid
from sim_readers.job.unlocking import Unlocking
from sim_readers.keyref import PIN1, PIN2, PUK1, PUK2, KeyRef, ask
from sim_readers.path import MF, USIM
from sim_readers.session import CardSession


@dataclass(frozen=True, slots=True)
class PinKeys:
    """A PIN and what unblocks it."""

    pin: KeyRef
    puk: KeyRef


KEYS: Final = {1: PinKeys(PIN1, PUK1), 2: PinKeys(PIN2, PUK2)}


@dataclass(frozen=True, slots=True)
class PinState:
    """One PIN and its PUK. ``None``: the card does not tell."""

    enabled: bool | None
    tries: int | None
    puk_tries: int | None

    def words(self) -> str:
        """Say it in one word or two."""
        if self.puk_tries == 0:
            return "dead"
        if self.tries == 0:
            return "blocked"
        return {True: "enabled", False: "disabled", None: "not told"}[self.enabled]


def pin_state(session: CardSession, number: int) -> PinState:
    """Ask a card of PIN 1 or 2. Raises CardGone.

    Whether it is enabled is told by the PIN status of a directory (TS 102 221 §9.5.2); an empty VERIFY does not say.
    """
    keys = KEYS[number]
    return PinState(_enabled(session, keys.pin), ask(session, keys.pin).tries, ask(session, keys.puk).tries)


def show_pins(given: Given, *, as_json: bool) -> None:
    """Print the state of both PINs and both PUKs; nothing is presented. Raises Failure."""
    with at_desk(given) as desk, desk.session() as session:
        iccid = read_iccid(Unlocking(session, Guard(desk.station.ledger())))
        states = {number: pin_state(session, number) for number in KEYS}
        told: Json = {"iccid": iccid, "generation": session.generation.value, "pins": _told(states)}
        show(told, as_json=as_json, drawn=lambda: _draw(told))


def _enabled(session: CardSession, key: KeyRef) -> bool | None:
    for directory in (MF, USIM):
        try:
            told = session.look(directory).pin(key.p2(session.generation))
        except Refused:
            continue
        if told is not None and told.enabled is not None:
            return told.enabled
    return None


def _told(states: dict[int, PinState]) -> list[Json]:
    return [
        {
            "pin": f"PIN{number}",
            "state": state.words(),
            "enabled": state.enabled,
            "tries": state.tries,
            "puk_tries": state.puk_tries,
        }
        for number, state in states.items()
    ]


def _draw(told: Json) -> RenderableType:
    made = table("", "PIN", "state", "tries left", "tries left of its PUK")
    names = ("pin", "state", "tries", "puk_tries")
    lines = ([_said(pin[name]) for name in names] for pin in told["pins"])
    return Group(facts(told, "iccid", "generation"), rows(made, lines))


def _said(value: object) -> object:
    return "not told" if value is None else value
