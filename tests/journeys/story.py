"""Random but repeatable stories: orders on a few lines, sensible and senseless, each with what must become of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.journeys.agreement import LOSS, OPTIONS, PLANS, REASONS, SWAP_REASONS, AgreedLine, Json
from tests.journeys.cards import IMSI_PREFIX, Card, Stock
from tests.journeys.nonsense import Nonsense

CONTRACT = "technicophone"
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

    def __init__(self, seed: str, stock: Stock, *, lines: int = 3, hasty: bool = False) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.stock = stock
        self.hasty = hasty
        self.lines: list[AgreedLine] = []
        self.replaced: list[tuple[str, str]] = []
        self.freed: list[str] = []
        self._former: dict[int, list[str]] = {}
        self._most = lines
        self._nonsense = Nonsense(self)
        self._written = 0

    def cases(self, count: int, *, senseless: float = 0.25) -> list[Case]:
        """Write so many orders."""
        return [self._senseless() if self._may_jest(senseless) else self._sensible() for _ in range(count)]

    def live(self) -> list[AgreedLine]:
        """Lines in service."""
        return [line for line in self.lines if not line.terminated]

    def fresh_card(self, host: str | None = None) -> Card:
        """Draw a card from the stock."""
        return self.stock.card(host or self.rng.choice(list(IMSI_PREFIX)))

    def imsis_of(self, line: AgreedLine) -> list[str]:
        """Every IMSI the line has or has had."""
        return [*self._former.get(id(line), []), line.imsi]

    def ref(self, line: AgreedLine) -> Json:
        """Name a line in one of the three ways."""
        name = self.rng.choice(("msisdn", "imsi", "iccid"))
        return {name: getattr(line, name)}

    def activation(self, msisdn: str, card: Card, **changed: object) -> tuple[str, Json, Json]:
        """Word an activation."""
        options = self.rng.sample(OPTIONS, self.rng.randrange(len(OPTIONS)))
        details = {"contract": CONTRACT, "host": card.host, "iccid": card.iccid, "plan": self.rng.choice(PLANS)}
        return "activate", {"msisdn": msisdn}, {**details, "options": options, **changed}

    def _may_jest(self, senseless: float) -> bool:
        return bool(self.live()) and self.rng.random() < senseless

    def _order(self, action: str, line: Json, details: Json) -> Json:
        self._written += 1
        name = f"{self.seed}-{self._written:04d}"
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
        dead: Json = {}
        kind, change = self._change(line)
        if kind == "swap_sim":
            dead = {"dead_imsi": line.imsi}
            self.replaced.append((line.imsi, line.iccid))
            self._former.setdefault(id(line), []).append(line.imsi)
        details = change(line)
        return Case(self._order(kind, reference, details), line.expected() | dead, line.agreed())

    def _change(self, line: AgreedLine) -> tuple[str, Callable[[AgreedLine], Json]]:
        possible: dict[str, tuple[int, Callable[[AgreedLine], Json]]] = {
            "change_options": (8, self._change_options),
            "change_plan": (2, self._change_plan),
            "bar_outgoing": (4, self._bar),
            "suspend": (4, self._suspend),
            "report_lost": (3, self._report_lost),
            "reactivate": (12 if line.holds else 0, self._reactivate),
            "swap_sim": (6, self._swap),
            "change_number": (2, self._change_number),
            "terminate": (1 if len(self.live()) > 1 else 0, self._terminate),
        }
        weights = [weight for weight, _ in possible.values()]
        kind = self.rng.choices(list(possible), weights)[0]
        return kind, possible[kind][1]

    def _activate(self) -> Case:
        free = [number for number in self.freed if not self.hasty]
        msisdn = self.rng.choice(free) if free and self.rng.random() < 0.5 else self.stock.number()
        if msisdn in self.freed:
            self.freed.remove(msisdn)
        card = self.fresh_card()
        action, reference, details = self.activation(msisdn, card)
        if self.rng.random() < 0.2:
            del details["host"]  # the SIM tells it
        line = AgreedLine(msisdn, card.imsi, card.iccid, card.host, details["plan"], set(details["options"]))
        self.lines.append(line)
        return Case(self._order(action, reference, details), line.expected(), line.agreed())

    def _change_options(self, line: AgreedLine) -> Json:
        add = self.rng.sample(OPTIONS, self.rng.randrange(3))
        rest = [option for option in OPTIONS if option not in add]
        remove = self.rng.sample(rest, self.rng.randrange(0 if add else 1, 3))
        line.options = (line.options | set(add)) - set(remove)
        return {"add": add, "remove": remove}

    def _change_plan(self, line: AgreedLine) -> Json:
        line.plan = next(plan for plan in PLANS if plan != line.plan)
        return {"plan": line.plan}

    def _bar(self, line: AgreedLine) -> Json:
        return self._restrict(line, "barred")

    def _suspend(self, line: AgreedLine) -> Json:
        return self._restrict(line, "suspended")

    def _restrict(self, line: AgreedLine, kind: str) -> Json:
        reason = self.rng.choice(REASONS)
        line.holds.add((kind, reason))
        reference = {"reference": f"REF-{self._written}"} if self.rng.random() < 0.5 else {}
        return {"reason": reason, **reference}

    def _report_lost(self, line: AgreedLine) -> Json:
        reason = self.rng.choice(LOSS)
        line.holds.add(("suspended", reason))
        return {"reason": reason} | ({"reported_at": "2026-01-02T03:04:05+01:00"} if self.rng.random() < 0.3 else {})

    def _reactivate(self, line: AgreedLine) -> Json:
        if line.liftable() and self.rng.random() < 0.5:
            line.holds -= line.liftable()
            return {}
        reason = self.rng.choice(sorted(reason for _, reason in line.holds))
        line.holds = {(kind, held) for kind, held in line.holds if held != reason}
        return {"reason": reason}

    def _swap(self, line: AgreedLine) -> Json:
        card, reason = self.fresh_card(line.host), self.rng.choice(SWAP_REASONS)
        line.imsi, line.iccid = card.imsi, card.iccid
        if reason in LOSS:
            line.holds = {(kind, held) for kind, held in line.holds if held not in LOSS}
        return {"new_iccid": card.iccid, "reason": reason}

    def _change_number(self, line: AgreedLine) -> Json:
        self.freed.append(line.msisdn)
        line.msisdn = self.stock.number()
        return {"new_msisdn": line.msisdn}

    def _terminate(self, line: AgreedLine) -> Json:
        line.terminated = True
        self.freed.append(line.msisdn)
        return {"reason": "end of contract"} if self.rng.random() < 0.5 else {}
