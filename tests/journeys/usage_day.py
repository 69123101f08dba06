"""A day of usage, written from a seed: ten thousand lines, most of them quiet, and some whose use reaches limits.

What reaches limits is laid down in ``COURSES`` together with what must come of it, said by hand. The rest of the day is
made of small use that reaches nothing, records that come twice, late, early or under a taken id, and broken ones.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from tests.journeys.agreement import AgreedLine, Json
from tests.journeys.cards import IMSI_PREFIX, Stock
from tests.journeys.usage_broken import broken
from tests.journeys.usage_clock import Clock
from tests.journeys.usage_courses import COURSES, Course, Use, uses_of

CLIENTS = 4
HALVES = 2
_BATCHES = 7  # of each client in each half of the day
_COPIES = 20  # lines of each course
_QUIET_RECORDS = 8
_OPTIONS = ("data roaming", "data roaming 4g", "data international", "roaming", "data roaming 4g 5g international")
_PLANS = ("unlimited", "metered", "unlimited", "metered", "unlimited", "data_only")
_OFFSETS_H = (0, 0, 1, 2, -5, 11)
_COUNTRIES = ("ES", "US", "MA", "GP")
#: counter, unit, the most of one record, abroad: eight of them together reach no limit
_QUIET: tuple[tuple[str, str, int, bool], ...] = (
    ("data", "MB", 500, False),
    ("data", "MB", 200, True),
    ("data", "KiB", 90_000, False),
    ("voice", "s", 3000, False),
    ("voice", "min", 30, True),
    ("sms", "count", 20, False),
    ("numbers", "count", 3, False),
    ("sms_recipients", "count", 2, False),
    ("data", "EUR", 3, True),
    ("data", "EUR_cent", 250, True),
    ("roaming_data_spend", "EUR", 2, True),
    ("data", "EUR", 90, False),  # at home nobody counts money
)
_Placed = list[tuple[int, str]]  # batch and text of each record of a line, in order
_Stream = list[tuple[int, str]]  # line and text of each record of a batch


@dataclass(frozen=True)
class Post:
    """One body as it is posted."""

    body: bytes = field(repr=False)
    ndjson: bool

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Type": "application/x-ndjson" if self.ndjson else "application/json"}


@dataclass(frozen=True)
class Day:
    """Everything that will be posted: by half of the day and client, in order; and whose lines go which course."""

    lines: Sequence[AgreedLine]
    courses: dict[str, Course]
    posts: list[list[list[Post]]]


def write_day(seed: str, stock: Stock, count: int, clock: Clock) -> Day:
    """Write a day for so many lines."""
    writer = _Writer(random.Random(seed), stock, clock)
    lines, courses = writer.lines(count)
    streams: list[_Stream] = [[] for _ in range(CLIENTS * HALVES * _BATCHES)]
    for n, line in enumerate(lines):
        course = courses.get(line.msisdn)
        placed = writer.quiet(line) if course is None else writer.eventful(line, course)
        for batch, text in writer.repeated(placed):
            streams[n % CLIENTS * HALVES * _BATCHES + batch].append((n, text))
    posts = [[writer.half(streams, client, half) for client in range(CLIENTS)] for half in range(HALVES)]
    return Day(lines, courses, posts)


def order_file(lines: Sequence[AgreedLine]) -> str:
    """Write the activations of all lines as ``linegate order bulk`` reads them."""
    rows = (f"{s.msisdn},technicophone,{s.iccid},{s.plan},{' '.join(sorted(s.options))},{s.host}" for s in lines)
    return "\n".join(("msisdn,contract,iccid,plan,options,host", *rows)) + "\n"


class _Writer:
    def __init__(self, rng: random.Random, stock: Stock, clock: Clock) -> None:
        self._rng = rng
        self._stock = stock
        self._clock = clock
        self._ids = itertools.count(1)

    def lines(self, count: int) -> tuple[list[AgreedLine], dict[str, Course]]:
        """Draw lines of every course and every plan, on both hosts."""
        wanted: list[Course | None] = [course for course in COURSES for _ in range(_COPIES)]
        wanted += [None] * (count - len(wanted))
        found, courses = [], {}
        hosts, options = itertools.cycle(IMSI_PREFIX), itertools.cycle(_OPTIONS)
        for course in wanted:
            card, msisdn = self._stock.card(next(hosts)), self._stock.number()
            plan = self._rng.choice(_PLANS) if course is None else course.plan
            line = AgreedLine(msisdn, card.imsi, card.iccid, card.host, plan, set(next(options).split()))
            found.append(line)
            if course is not None:
                courses[msisdn] = course
        return found, courses

    def quiet(self, line: AgreedLine) -> _Placed:
        """Small use all day long, some of it late, some of it not to be taken."""
        placed = sorted(self._rng.randrange(HALVES * _BATCHES) for _ in range(_QUIET_RECORDS))
        return [(batch, json.dumps(self._small(line))) for batch in placed]

    def eventful(self, line: AgreedLine, course: Course) -> _Placed:
        """What the course says: its steps one after the other, each in a batch of its own."""
        placed: _Placed = []
        for half, steps in enumerate(course.halves):
            batches = sorted(self._rng.sample(range(half * _BATCHES, (half + 1) * _BATCHES), len(steps)))
            for batch, step in zip(batches, steps, strict=True):
                placed += [(batch, json.dumps(self._record(line.msisdn, use))) for use in uses_of(step)]
        return placed

    def repeated(self, placed: _Placed) -> Iterator[tuple[int, str]]:
        """Let some records come again, at once or later, written otherwise; and some ids again for something else."""
        again: list[_Placed] = [[] for _ in range(HALVES * _BATCHES + 1)]
        for batch, text in placed:
            yield batch, text
            chance, later = self._rng.random(), self._rng.randrange(batch, HALVES * _BATCHES)
            if chance < 0.04:
                again[later].append((later, self._otherwise(text)))
            elif chance < 0.06:
                again[later].append((later, self._changed(text)))
        yield from (one for some in again for one in some)

    def half(self, streams: Sequence[_Stream], client: int, half: int) -> list[Post]:
        """Make the bodies of one client in one half of the day; one in four is posted twice."""
        posts: list[Post] = []
        first = (client * HALVES + half) * _BATCHES
        for stream in streams[first : first + _BATCHES]:
            ndjson = self._rng.random() < 0.5
            post = Post(self._body(self._shuffled(stream), ndjson=ndjson), ndjson)
            posts.append(post)
            if self._rng.random() < 0.25:
                posts.append(post if self._rng.random() < 0.5 else posts[0])
        return posts

    def _small(self, line: AgreedLine) -> Json:
        counter, unit, most, abroad = self._rng.choice(_QUIET)
        when = self._rng.choices(("day", "earlier", "past", "old", "future"), (78, 12, 8, 1, 1))[0]
        amount: int | float = self._rng.randint(0, most)
        if unit in ("MB", "EUR") and self._rng.random() < 0.5:
            amount = self._rng.randrange(most * 1000) / 1000
        return self._record(line.msisdn, Use(counter, amount, unit, when, abroad=abroad))

    def _record(self, msisdn: str, use: Use) -> Json:
        at = self._clock.moment(use.when, self._rng)
        record: Json = {"id": f"cdr-{next(self._ids)}", "msisdn": msisdn, "counter": use.counter}
        record |= {"amount": use.amount, "unit": use.unit, "at": self._written(at)}
        if use.abroad:
            record["roaming"] = self._rng.choice((True, True, True, {"country": self._rng.choice(_COUNTRIES)}))
        if self._rng.random() < 0.3:
            kinds = ("billing_month", "month", "day", f"{at.astimezone(self._clock.zone):%Y-%m}")
            record["period"] = self._rng.choice(kinds)
        return record

    def _written(self, at: datetime) -> str:
        hours = self._rng.choice(_OFFSETS_H)
        if hours == 0:
            return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return at.astimezone(timezone(timedelta(hours=hours))).isoformat()

    def _otherwise(self, text: str) -> str:
        record = json.loads(text)
        record["at"] = self._written(datetime.fromisoformat(record["at"]))
        if isinstance(record["amount"], int):
            record["amount"] = float(record["amount"])
        if "roaming" not in record:
            record["roaming"] = False
        return json.dumps(dict(reversed(record.items())))

    def _changed(self, text: str) -> str:
        record = json.loads(text)
        record["amount"] = record["amount"] + 7
        return json.dumps(record)

    def _shuffled(self, stream: _Stream) -> list[str]:
        """Mix the lines of a batch; what one line used stays in its order."""
        queues: dict[int, list[str]] = {}
        for line, text in stream:
            queues.setdefault(line, []).append(text)
        order = [line for line, _ in stream]
        self._rng.shuffle(order)
        return [queues[line].pop(0) for line in order]

    def _body(self, texts: list[str], *, ndjson: bool) -> bytes:
        mixed = list(texts)
        for sample in self._rng.sample(texts, len(texts) // 30):
            record = self._record(json.loads(sample)["msisdn"], Use("data", 1, "MB"))
            mixed.insert(self._rng.randrange(len(mixed) + 1), broken(record, self._rng, ndjson=ndjson))
        return ("\n".join(mixed) if ndjson else f"[{','.join(mixed)}]").encode()
