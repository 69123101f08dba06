"""Random but repeatable stories: orders on a few lines, sensible and senseless, each with what must become of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.journeys.agreement import AgreedLine, Json
from tests.journeys.agreement_sheets import SHEETS
from tests.journeys.cards import Card, Stock
from tests.journeys.moves import Moves
from tests.journeys.nonsense import Nonsense

_CHANNELS = ("api", "shop", "web", "telephone")


@dataclass(frozen=True)
class Case:
    """One line of an order file, and what the line's own page must say besides."""

    order: Json
    expect: Json
    agreed: Json | None = None


class Story:
    """Orders of one client on lines of its own, in the order they must be accepted.

    ``hasty``: they are posted without waiting for the end of those before, so what only an end sets free (a number,
    a SIM's identity) is left alone.
    """

    def __init__(
        self, seed: str, stock: Stock, contract: str = "technicophone", *, lines: int = 3, hasty: bool = False
    ) -> None:
        self.seed = seed
        self.contract = contract
        self.sheet = SHEETS[contract]
        self.rng = random.Random(seed)
        self.stock = stock
        self.hasty = hasty
        self.lines: list[AgreedLine] = []
        self.replaced: list[tuple[str, str]] = []
        self.retired: list[str] = []
        self.freed: list[str] = []
        self._former: dict[int, list[str]] = {}
        self._most = lines
        self._moves = Moves(self)
        self._nonsense = Nonsense(self)
        self.written = 0

    def cases(self, count: int, *, senseless: float = 0.25) -> list[Case]:
        """Write so many orders."""
        return [self._senseless() if self._may_jest(senseless) else self._sensible() for _ in range(count)]

    def live(self) -> list[AgreedLine]:
        """Lines in service."""
        return [line for line in self.lines if not line.terminated]

    def fresh_card(self, host: str | None = None) -> Card:
        """Draw a card from the stock."""
        return self.stock.card(host or self.rng.choice(list(self.sheet.hosts)))

    def number(self) -> str:
        """Draw a number nobody has."""
        return self.stock.number(self.contract)

    def imsis_of(self, line: AgreedLine) -> list[str]:
        """Every IMSI the line has or has had."""
        return [*self._former.get(id(line), []), line.imsi]

    def ref(self, line: AgreedLine) -> Json:
        """Name a line in one of the three ways."""
        name = self.rng.choice(("msisdn", "imsi", "iccid"))
        return {name: getattr(line, name)}

    def activation(self, msisdn: str, card: Card, **changed: object) -> tuple[str, Json, Json]:
        """Word an activation."""
        sold = self.sheet.options
        options = self.rng.sample(sold, self.rng.randrange(len(sold)))
        details = {"contract": self.contract, "host": card.host, "iccid": card.iccid}
        chosen = {"plan": self.rng.choice(self.sheet.plans), "options": options}
        return "activate", {"msisdn": msisdn}, {**details, **chosen, **changed}

    def _may_jest(self, senseless: float) -> bool:
        return bool(self.live()) and self.rng.random() < senseless

    def _order(self, action: str, line: Json, details: Json) -> Json:
        self.written += 1
        name = f"{self.seed}-{self.written:04d}"
        asked_by = {"who": f"fake-clerk/{name}", "channel": self.rng.choice(_CHANNELS)}
        return {"external_id": name, "action": action, "line": line, "details": details, "requested_by": asked_by}

    def _senseless(self) -> Case:
        return Case(self._order(*self._nonsense.speak()), {"refused": True})

    def _sensible(self) -> Case:
        live = self.live()
        if not live or (len(live) < self._most and self.rng.random() < 0.4):
            return self._activate()
        line = self.rng.choice(live)
        reference = self.ref(line)
        if self.sheet.delayed is not None and self.rng.random() < 0.08:
            order = self._order("change_options", reference, self._moves.asked_for_later(line))
            return Case(order, line.expected() | {"state": "pending"}, line.agreed())
        dead: Json = {}
        kind, change = self._moves.draw(line)
        if kind == "swap_sim":
            dead = {"dead_imsi": line.imsi}
            self.replaced.append((line.imsi, line.iccid))
            self._former.setdefault(id(line), []).append(line.imsi)
        order = self._order(kind, reference, change(line))
        if kind == "change_options" and self.sheet.delayed in {*order["details"]["add"], *order["details"]["remove"]}:
            order["requested_start"] = "now"
        return Case(order, line.expected() | dead, line.agreed())

    def _activate(self) -> Case:
        free = [number for number in self.freed if not self.hasty]
        msisdn = self.rng.choice(free) if free and self.rng.random() < 0.5 else self.number()
        if msisdn in self.freed:
            self.freed.remove(msisdn)
        card = self.fresh_card()
        action, reference, details = self.activation(msisdn, card)
        if self.rng.random() < 0.2:
            del details["host"]  # the SIM tells it
        options = {*details["options"], *self.sheet.at_activation(details["plan"])}
        line = AgreedLine(msisdn, card.imsi, card.iccid, card.host, details["plan"], options, contract=self.contract)
        self.lines.append(line)
        return Case(self._order(action, reference, details), line.expected(), line.agreed())
