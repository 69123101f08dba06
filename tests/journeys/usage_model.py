"""What must come of a day of usage, worked out a second time from what is posted, the contract's page and its figures.

Nothing here may import the gateway. It goes by lines in the order of their records; of different lines in any order.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.journeys.agreement import Json
from tests.journeys.usage_clock import Clock

_UNITS = {
    "B": ("volume", 1),
    "kB": ("volume", 10**3),
    "MB": ("volume", 10**6),
    "GB": ("volume", 10**9),
    "TB": ("volume", 10**12),
    "KiB": ("volume", 2**10),
    "MiB": ("volume", 2**20),
    "GiB": ("volume", 2**30),
    "s": ("time", 1),
    "min": ("time", 60),
    "h": ("time", 3600),
    "count": ("pieces", 1),
    "EUR": ("EUR", 10**6),
    "EUR_cent": ("EUR", 10**4),
}
_EFFECTS = {"fair_use": "fair_use", "cut_roaming_data": "roaming_data_cut", "unlimited_off": "unlimited_off"}
_FIELDS = ("id", "msisdn", "counter", "amount", "unit", "at")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:]{8}(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_PERIODS = ("day", "month", "billing_month", "roaming_month")
_MOST = 10**15
Crossing = tuple[str, str, str, int, int, int, str, str | None]
"""msisdn, threshold, period, percent, used, limit, outcome, action."""
AlertName = tuple[str, str, str, int]
"""msisdn, threshold, period, percent."""


@dataclass
class Told:
    """What a batch must be answered; a problem is place, id and type."""

    accepted: int = 0
    duplicates: int = 0
    late: int = 0
    problems: list[tuple[int, str | None, str]] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)


@dataclass(frozen=True)
class Alert:
    """A message: whether it goes to a phone, and what was done at the same time."""

    goes_out: bool
    action: str | None


@dataclass(frozen=True)
class _Limit:
    """A threshold as it holds for one line."""

    name: str
    counter: str
    limit: int
    percents: Sequence[int]
    at_100: str
    waived: bool
    muted: bool


class Model:
    """Counts."""

    def __init__(self, contract: Json, plans: Mapping[str, str], clock: Clock) -> None:
        """``contract``: the file as it was read; ``plans``: of every line in service, by number."""
        self._contract = contract
        self._plans = plans
        self.clock = clock
        self._agreed: dict[str, Json] = {}
        self._known: dict[str, object] = {}
        self._passed: dict[tuple[str, str, str], set[int]] = defaultdict(set)
        self.used: dict[tuple[str, str, str], int] = defaultdict(int)
        self.alerts: dict[AlertName, Alert] = {}
        self.effects: dict[str, list[tuple[str, str]]] = defaultdict(list)  # by number: restriction and reference

    def agree(self, msisdn: str, agreed: Json) -> None:
        """Note what was agreed with a customer before the day began."""
        self._agreed[msisdn] = agreed.get("thresholds", {})

    def take(self, body: bytes, *, ndjson: bool) -> Told:
        """Take a batch as it is posted."""
        told = Told()
        reached: dict[tuple[str, _Limit, str], dict[int, int]] = defaultdict(dict)
        for place, record in _records(body, ndjson=ndjson):
            why = "unreadable" if _unreadable(record) else self._wrong(record)
            if why is not None:
                record_id = record.get("id") if isinstance(record, dict) else None
                told.problems.append((place, record_id if isinstance(record_id, str) and record_id else None, why))
            elif record["id"] in self._known:
                told.duplicates += 1
            else:
                told.accepted += 1
                told.late += self._count(record, reached)
        for (msisdn, limit, label), percents in reached.items():
            told.crossings += self._follow(msisdn, limit, label, percents)
        return told

    def _wrong(self, record: Json) -> str | None:
        """Tell why a record that can be read is not to be counted."""
        if record["msisdn"] not in self._plans:
            return "line-unknown"
        if record["id"] in self._known:
            return None if self._known[record["id"]] == _content(record) else "id-reused"
        at, now = datetime.fromisoformat(record["at"]), self.clock.now
        if at > now + timedelta(hours=1):
            return "in-the-future"
        if at < now - timedelta(days=90):
            return "too-late"
        measure, factor = _UNITS.get(record["unit"], (None, 1))
        amount = record["amount"] * factor
        if measure is None and not re.fullmatch("[A-Z]{3}", record["unit"]):
            return "bad-quantity"
        if amount != int(amount) or amount > _MOST:
            return "bad-quantity"
        called = [c for name, c in self._counters().items() if record["counter"] in (name, c.get("of", name))]
        if not called:
            return "unknown-counter"
        if all(_measured(counter) != measure for counter in called):
            return "wrong-unit"
        said, true = record.get("period"), (self.clock.label(at), f"{at.astimezone(self.clock.zone):%Y-%m-%d}")
        return None if said is None or said in (*_PERIODS, *true) else "period-contradicts"

    def _count(self, record: Json, reached: dict[tuple[str, _Limit, str], dict[int, int]]) -> bool:
        """Count a record; tell whether it counted in a period that was over."""
        self._known[record["id"]] = _content(record)
        measure, factor = _UNITS[record["unit"]]
        label, msisdn = self.clock.label(datetime.fromisoformat(record["at"])), record["msisdn"]
        late = False
        for name, counter in self._counters().items():
            if record["counter"] not in (name, counter.get("of", name)) or _measured(counter) != measure:
                continue
            if counter.get("where") == "abroad" and not record.get("roaming"):
                continue
            late = self._is_over(label)
            self.used[msisdn, name, label] += int(record["amount"] * factor)
            for limit in self._limits(msisdn, name):
                for percent in limit.percents:
                    if self.used[msisdn, name, label] * 100 >= percent * limit.limit:
                        reached[msisdn, limit, label].setdefault(percent, self.used[msisdn, name, label])
        return late

    def _follow(self, msisdn: str, limit: _Limit, label: str, percents: Mapping[int, int]) -> list[Crossing]:
        """Say what follows from what one batch has brought one line to."""
        passed = self._passed[msisdn, limit.name, label]
        new = sorted(set(percents) - passed)
        passed.update(new)
        found: list[Crossing] = []
        for percent in new:
            outcome, action = "overtaken", None
            if self._is_over(label):
                outcome = "past"
            elif percent == max(passed):
                outcome, action = self._act(msisdn, limit, label, percent)
            found.append((msisdn, limit.name, label, percent, percents[percent], limit.limit, outcome, action))
        return found

    def _act(self, msisdn: str, limit: _Limit, label: str, percent: int) -> tuple[str, str | None]:
        action = None
        if percent == 100 and limit.at_100 in _EFFECTS:
            action = "waived" if limit.waived else "ordered"
        if action == "ordered":
            self.effects[msisdn].append((_EFFECTS[limit.at_100], f"{limit.name} {label}"))
        gets_sms = self._contract["plans"][self._plans[msisdn]].get("receives_sms", True)
        outcome = "undeliverable" if not gets_sms else "muted" if limit.muted else "alerted"
        self.alerts[msisdn, limit.name, label, percent] = Alert(outcome == "alerted", action)
        return outcome, action

    def _limits(self, msisdn: str, counter: str) -> list[_Limit]:
        """List the thresholds on a counter that hold for a line."""
        found = []
        for name, threshold in self._contract["thresholds"].items():
            plans = threshold.get("plans", list(self._contract["plans"]))
            if threshold["counter"] != counter or self._plans[msisdn] not in plans:
                continue
            agreed = self._agreed.get(msisdn, {}).get(name, {})
            waived = agreed.get("waived", threshold.get("waived", False))
            limit = _kept(agreed.get("limit", threshold["limit"]))
            percents = tuple(threshold.get("percents", (80, 100)))
            at_100, muted = threshold.get("at_100", "none"), agreed.get("muted", False)
            found.append(_Limit(name, counter, limit, percents, at_100, waived, muted))
        return found

    def _counters(self) -> dict[str, Json]:
        counters: dict[str, Json] = self._contract["counters"]
        return counters

    def _is_over(self, label: str) -> bool:
        return self.clock.bounds(label)[1] <= self.clock.now


def _records(body: bytes, *, ndjson: bool) -> list[tuple[int, Any]]:
    text = body.decode()
    if not ndjson:
        return list(enumerate(_json(text)))
    return [(n, _json(line)) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]


def _json(text: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=lambda _: 1 // 0)
    except (ValueError, ZeroDivisionError):
        return None


def _unreadable(record: object) -> bool:
    """Tell whether something is no record at all."""
    if not isinstance(record, dict) or not set(_FIELDS) <= set(record) <= {*_FIELDS, "period", "roaming"}:
        return True
    words = (record[name] for name in ("id", "msisdn", "counter", "unit", "at"))
    if not all(isinstance(word, str) and word for word in words) or not re.fullmatch(r"\+\d{7,15}", record["msisdn"]):
        return True
    if isinstance(record["amount"], bool) or not isinstance(record["amount"], int | Decimal) or record["amount"] < 0:
        return True
    roaming, country = record.get("roaming"), re.compile("[A-Z]{2}")
    if not isinstance(roaming, bool | None) and not (
        isinstance(roaming, dict) and list(roaming) == ["country"] and country.fullmatch(roaming["country"])
    ):
        return True
    return not _is_time(record["at"])


def _is_time(text: str) -> bool:
    try:
        return _TIME.fullmatch(text) is not None and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _content(record: Json) -> object:
    """What a record comes to, however it is written."""
    at = datetime.fromisoformat(record["at"]).astimezone(UTC)
    roaming = record.get("roaming") or False
    where = roaming["country"] if isinstance(roaming, dict) else roaming
    return (
        record["msisdn"],
        record["counter"],
        Decimal(record["amount"]),
        record["unit"],
        at,
        where,
        record.get("period"),
    )


def _measured(counter: Json) -> str:
    return str(counter.get("currency", counter["measures"]))


def _kept(limit: str) -> int:
    amount, _, unit = limit.partition(" ")
    return int(Decimal(amount) * _UNITS[unit or "count"][1])
