"""Days on end with a thousand lines: events in the morning, what is due twice a day, and the model beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from drivers.subscription import Msisdn
from gateway.contract.line import Line
from gateway.orders import records
from gateway.orders.errands import WrongState
from gateway.orders.order import LineRef
from tests.gateway.clocks.events import PLANS, Event, draw
from tests.gateway.clocks.model import Coming, Due, Life
from tests.gateway.clocks.networks import HOSTS, Ticking, card_of, number_of
from tests.gateway.clocks.oracle import ZONES, days_after, last_word, next_billing_day, working_hours_after

#: both lie in one local day everywhere, on whole hours, where anything is counted from
MORNING, NOON = timedelta(hours=5), timedelta(hours=12, minutes=30)
_ROAMING_AFTER_H = 48
_SLOW = {"cmi", "monaco-telecom"}
_CALLED_BACK = {"ordered": 0.01, "active": 0.03, "gone": 0.0}  # a day
_BUSY, _BUSY_DAY = 8, 20  # once in thirty days so many times more, that orders wait for one another
_SPARE = 4000  # numbers of the cards for swaps begin there
Told = tuple[str, str, str]


@dataclass
class Year:
    """What was done, and what should have come of it."""

    ticking: Ticking
    seed: int
    lives: list[Life]
    first: datetime
    days: int
    events_a_day: int
    chance: Random
    placed: Counter[Told] = field(default_factory=Counter)
    proposed: Counter[Told] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    spare: int = _SPARE

    def told(self, life: Life) -> str:
        """What happened to a line, to be read when something is wrong."""
        return "\n".join((f"seed {self.seed}, line {life.msisdn} of {life.contract}", *life.story))

    async def run(self) -> None:
        """Live through it, a day after the other."""
        openings = {life.msisdn: self.chance.randrange(max(1, self.days * 2 // 3)) for life in self.lives}
        for day in range(self.days):
            midnight = self.first + timedelta(days=day)
            await self._tick(midnight + MORNING)
            new = [life for life in self.lives if openings[life.msisdn] == day]
            await self._morning(new, self.events_a_day * (_BUSY if day % 30 == _BUSY_DAY else 1))
            await self._tick(midnight + NOON)

    async def _tick(self, now: datetime) -> None:
        """Have the gateway do what is due, and the model too; they agree on every line that was touched."""
        before = self.ticking.now
        await self.ticking.jump(now)
        touched = [life for life in self.lives if life.state in ("ordered", "active") and self._moved(life, before)]
        for life in touched:
            await self.agrees(life)

    def _moved(self, life: Life, before: datetime) -> bool:
        now, moved = self.ticking.now, False
        for coming in sorted((c for c in life.coming if c.due <= now), key=lambda c: c.due):
            life.coming.remove(coming)
            life.story.append(f"{now} begins {coming.action} {coming.details}")
            life.apply(coming.action, coming.details, now)
            moved = True
        while (due := self._next(life)) is not None:
            self._on_its_day(life, due, before)
            life.done.add(due)
            life.story.append(f"{now} due {due}")
            if due.placed:
                self.placed[life.msisdn, due.action, now.isoformat()] += 1
                life.apply(due.action, due.details, now)
            else:
                self.proposed[life.msisdn, due.label, due.at.isoformat()] += 1
            moved = True
        return moved

    def _next(self, life: Life) -> Due | None:
        return min((d for d in life.due() if d.at <= self.ticking.now and d not in life.done), default=None)

    def _on_its_day(self, life: Life, due: Due, before: datetime) -> None:
        zone, now = ZONES[life.contract], self.ticking.now
        fresh = due.at > before
        assert not fresh or due.at.astimezone(zone).date() in (
            now.astimezone(zone).date(),
            before.astimezone(zone).date(),
        ), self.told(life)

    async def _morning(self, new: list[Life], events: int) -> None:
        """Open new lines, and ask for things on others, each line once; then everything that is not dated is done."""
        alive = [life for life in self.lives if life.state == "active"]
        chosen = self.chance.sample(alive, min(events, len(alive)))
        waiting = [life for life in self.lives if life.coming and self.chance.random() < _CALLED_BACK[life.state]]
        asked = [await self._open(life) for life in new]
        for life in chosen:
            event = draw(life, self.chance, self.ticking.now)
            if event is not None:
                asked.append(await self._ask(life, event))
        for life in waiting:
            if life not in chosen:
                await self._call_back(life)
        await self.ticking.settle()
        await self._all_done(asked)
        for life in (*new, *chosen):
            self._attended_now(life)
            await self.agrees(life)

    def _attended_now(self, life: Life) -> None:
        """A letter or grant may lie so far back that something is due at once."""
        self._moved(life, self.ticking.now)

    async def _open(self, life: Life) -> tuple[str, str]:
        details: dict[str, Any] = {"contract": life.contract, "iccid": life.card.iccid, "plan": life.plan}
        details["options"] = ["4g"] if self.chance.random() < 0.3 else []
        start, now = None, self.ticking.now
        if life.contract == "cmi" and self.chance.random() < 0.5:
            details["delivered_at"] = now.isoformat()
            due = days_after("cmi", now, 30)
        elif self.chance.random() < 0.15:
            due = start = now + timedelta(days=self.chance.randint(1, 200))
        else:
            return await self._post(life, "activate", details, None)
        life.state, life.opened = "ordered", now
        posted = await self._post(life, "activate", details, start, due)
        await self._is_due(posted[0], due)
        return posted

    async def _ask(self, life: Life, event: Event) -> tuple[str, str]:
        details, due = dict(event.details), event.start
        if event.swap:
            self.spare += 1
            life.old_cards.append(life.card)
            life.card = card_of(life.contract, self.spare)
            await self.ticking.rig.stock(life.card)
            details["new_iccid"] = life.card.iccid
        named = (*details.get("add", ()), *details.get("remove", ()))
        if event.action == "change_options" and "roaming" in named and life.contract in _SLOW:
            due = working_hours_after(life.contract, self.ticking.now, _ROAMING_AFTER_H)
        if details.get("effect") == "sms_off":
            due = next_billing_day(life.contract, self.ticking.now, 15)
        posted = await self._post(life, event.action, details, event.start, due)
        if due is not None:
            await self._is_due(posted[0], due)
        return posted

    async def _is_due(self, order_id: str, due: datetime) -> None:
        row = await self.ticking.rig.row(order_id)
        assert (row["state"], row["due_at"]) == ("pending", due.astimezone(UTC).isoformat()), dict(row)

    async def _post(
        self, life: Life, action: str, details: dict[str, Any], start: datetime | None, due: datetime | None = None
    ) -> tuple[str, str]:
        life.story.append(f"{self.ticking.now} {action} {details} {due or ''}")
        self.asked[action] += 1
        body = {"msisdn": life.msisdn, "requested_start": start, **details}
        answer = await self.ticking.rig.ask(action, key=None, **body)
        assert answer.order is not None, (answer.problem, self.told(life))
        order_id = str(answer.order["id"])
        if due is None:
            life.apply(action, details, self.ticking.now)
        else:
            life.coming.append(Coming(order_id, due, action, details))
        return order_id, action

    async def _call_back(self, life: Life) -> None:
        """The customer's word: a waiting activation begins now, a termination is taken back while it may be."""
        coming, now, engine = life.coming[0], self.ticking.now, self.ticking.rig.gateway.engine
        if coming.action == "activate":
            await engine.resume(coming.order_id)
            life.coming.remove(coming)
            life.apply("activate", coming.details, now)
        elif coming.action == "terminate":
            may = now <= last_word(life.contract, coming.due)
            try:
                await engine.cancel(coming.order_id)
            except WrongState:
                assert not may, self.told(life)
                self.asked["too late"] += 1
            else:
                assert may, self.told(life)
                life.coming.remove(coming)
                self.asked["taken back"] += 1
        life.story.append(f"{now} called back {coming.action}, {len(life.coming)} left")

    async def _all_done(self, asked: list[tuple[str, str]]) -> None:
        """Nothing failed; what was lost or stolen began before anything that was asked for after it."""
        rows = [await self.ticking.rig.row(order_id) for order_id, _ in asked]
        for row in rows:
            assert row["state"] in ("completed", "pending"), dict(row)
        urgent = [row for row in rows if row["action"] == "report_lost"]
        if not urgent:
            return
        started = await self._started()
        for lost in urgent:
            assert lost["state"] == "completed"
            for other in rows:
                if other["seq"] > lost["seq"] and other["lane"] and other["state"] == "completed":
                    assert started[lost["order_id"]] < started[other["order_id"]], dict(other)

    async def _started(self) -> dict[str, int]:
        """When the last orders began, as places among all events."""
        journal = self.ticking.rig.gateway.journal
        last = await records.last_event(journal)
        rows = await records.events_after(journal, max(0, last - 1000), 1000)
        return {row["order_id"]: row["seq"] for row in rows if row["type"] == "order.started"}

    async def agrees(self, life: Life) -> None:
        """The gateway's line is the model's."""
        found = await records.find_line(self.ticking.rig.gateway.journal, LineRef(msisdn=Msisdn(life.msisdn)))
        assert found is not None, self.told(life)
        assert as_found(found.line) == as_modelled(life), self.told(life)


def as_found(line: Line) -> tuple[object, ...]:
    """What is compared, from the gateway's line."""
    held = sorted((r.kind.value, r.reason.value, r.since, str(r.reference), str(r.until)) for r in line.restrictions)
    ends = {end.option: end.at for end in line.ends}
    life = "gone" if line.life.value == "terminated" else line.life.value
    bought = sum(t.begun_at is None for t in line.top_ups)
    options = set(line.options) if life != "ordered" else set()
    return life, line.iccid, line.plan, options, ends, held, {b.value for b in line.bars}, bought


def as_modelled(life: Life) -> tuple[object, ...]:
    """What is compared, from the model."""
    held = sorted((h.kind, h.reason, h.since, str(h.reference), str(h.until)) for h in life.held)
    return life.state, life.card.iccid, life.plan, life.options, life.ends, held, life.bars, life.bought


def population(lines: int, chance: Random) -> list[Life]:
    """So many lines to be, of all contracts in turn."""
    lives = []
    for n in range(lines):
        contract = list(HOSTS)[n % len(HOSTS)]
        lives.append(Life(contract, number_of(contract, n), card_of(contract, n), plan=chance.choice(PLANS[contract])))
    return lives
