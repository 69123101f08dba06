"""What may sensibly be asked for a line: each move changes the agreed line and words the order that does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.journeys.agreement import FAIR_USE, SWAP_REASONS, TOPPED_UP, AgreedLine, Json
from tests.journeys.agreement_sheets import LOSS, REASONS

if TYPE_CHECKING:
    from tests.journeys.story import Story

Move = Callable[[AgreedLine], Json]
_BLOCKED = "blocked"  # the plan whose credit can be used up
_FAR_AWAY = "2099-12-31T23:59:59+01:00"


class Moves:
    """Draws from everything that makes sense as the story stands; each move returns the order's details."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._rng = story.rng

    def draw(self, line: AgreedLine) -> tuple[str, Move]:
        """Choose an action and what it does."""
        sheet = line.sheet
        plans = len(sheet.plans) > 1 and not (sheet.one_plan_change and line.plan_changed)
        possible: dict[str, tuple[int, Move]] = {
            "change_options": (8, self._change_options),
            "change_plan": (2 if plans else 0, self._change_plan),
            "bar_outgoing": (4, self._bar),
            "suspend": (4, self._suspend),
            "report_lost": (3, self._report_lost),
            "reactivate": (12 if line.holds - {FAIR_USE} else 0, self._reactivate),
            "swap_sim": (6, self._swap),
            "change_number": (2, self._change_number),
            "terminate": (1 if len(self._story.live()) > 1 else 0, self._terminate),
            "change_bars": (8 if sheet.bars else 0, self._change_bars),
            "top_up": (4 if sheet.tops_up and "no_topup" not in line.bars else 0, self._top_up),
            "limit_use": (2 if sheet.fair_use else 0, self._limit_use),
        }
        weights = [weight for weight, _ in possible.values()]
        kind = self._rng.choices(list(possible), weights)[0]
        return kind, possible[kind][1]

    def asked_for_later(self, line: AgreedLine) -> Json:
        """Word a change of options that only begins when the contract has it begin; the line stays as it is."""
        option = str(line.sheet.delayed)
        if option in line.options and self._rng.random() < 0.5:
            return {"add": [], "remove": [option]}
        return {"add": [option], "remove": ["4g"] if self._rng.random() < 0.3 else []}

    def _change_options(self, line: AgreedLine) -> Json:
        options = line.sheet.options
        add = self._rng.sample(options, self._rng.randrange(3))
        rest = [option for option in options if option not in add]
        remove = self._rng.sample(rest, self._rng.randrange(0 if add else 1, 3))
        line.options = (line.options | set(add)) - set(remove)
        until = {"until": _FAR_AWAY} if add and line.sheet.delayed and self._rng.random() < 0.3 else {}
        return {"add": add, "remove": remove, **until}

    def _change_plan(self, line: AgreedLine) -> Json:
        line.plan = self._rng.choice([plan for plan in line.sheet.plans if plan != line.plan])
        line.plan_changed = True
        if line.plan == line.sheet.ends_options:
            line.options &= line.sheet.at_activation(line.plan)
        return {"plan": line.plan}

    def _bar(self, line: AgreedLine) -> Json:
        return self._restrict(line, "barred", line.sheet.bar_reasons if line.plan == _BLOCKED else REASONS)

    def _suspend(self, line: AgreedLine) -> Json:
        return self._restrict(line, "suspended", REASONS)

    def _restrict(self, line: AgreedLine, kind: str, reasons: tuple[str, ...]) -> Json:
        reason = self._rng.choice(reasons)
        line.holds.add((kind, reason))
        reference = {"reference": f"REF-{self._story.written}"} if self._rng.random() < 0.5 else {}
        return {"reason": reason, **reference}

    def _report_lost(self, line: AgreedLine) -> Json:
        reason = self._rng.choice(LOSS)
        line.holds.add(("suspended", reason))
        return {"reason": reason} | ({"reported_at": "2026-01-02T03:04:05+01:00"} if self._rng.random() < 0.3 else {})

    def _reactivate(self, line: AgreedLine) -> Json:
        if line.liftable() and self._rng.random() < 0.5:
            line.holds -= line.liftable()
            return {}
        reason = self._rng.choice(sorted(reason for _, reason in line.holds - {FAIR_USE}))
        line.holds = {(kind, held) for kind, held in line.holds if held != reason}
        return {"reason": reason}

    def _swap(self, line: AgreedLine) -> Json:
        card, reason = self._story.fresh_card(line.host), self._rng.choice(SWAP_REASONS)
        line.imsi, line.iccid = card.imsi, card.iccid
        if reason in LOSS:
            line.holds = {(kind, held) for kind, held in line.holds if held not in LOSS}
        return {"new_iccid": card.iccid, "reason": reason}

    def _change_number(self, line: AgreedLine) -> Json:
        self._story.freed.append(line.msisdn)
        line.msisdn = self._story.stock.number(line.contract)
        return {"new_msisdn": line.msisdn}

    def _terminate(self, line: AgreedLine) -> Json:
        line.terminated = True
        self._story.freed.append(line.msisdn)
        return {"reason": "end of contract"} if self._rng.random() < 0.5 else {}

    def _change_bars(self, line: AgreedLine) -> Json:
        add = self._rng.sample(line.sheet.bars, self._rng.choice((0, 1, 1, 2)))
        held = sorted(line.bars - set(add)) or [bar for bar in line.sheet.bars if bar not in add]
        remove = self._rng.sample(held, min(len(held), self._rng.randrange(0 if add else 1, 3)))
        line.bars = (line.bars | set(add)) - set(remove)
        return {"add": add, "remove": remove}

    def _top_up(self, line: AgreedLine) -> Json:
        left = {held for held in line.holds if held[1] not in TOPPED_UP}
        line.waiting += left == line.holds
        line.holds = left
        return self._rng.choice(({"volume": "5 GB"}, {"amount": "10 EUR"}, {"volume": "500 MB"}, {"amount": 1000}))

    def _limit_use(self, line: AgreedLine) -> Json:
        if FAIR_USE not in line.holds:
            if line.waiting:
                line.waiting -= 1
            else:
                line.holds.add(FAIR_USE)
        return {"effect": "fair_use", "reference": "the volume of the plan"}
