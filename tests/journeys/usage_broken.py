"""Usage records as they should never come; each is good but for one thing."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from tests.journeys.agreement import Json

_NOWHERE = "+33699999999"  # no stock gives this number away
_WAYS: tuple[Callable[[Json], object], ...] = (
    lambda r: r | {"msisdn": "0612345678"},
    lambda r: r | {"msisdn": r["msisdn"][1:]},
    lambda r: r | {"msisdn": _NOWHERE},
    lambda r: r | {"amount": -1},
    lambda r: r | {"amount": "12"},
    lambda r: r | {"amount": True},
    lambda r: r | {"amount": None},
    lambda r: r | {"amount": 10**18, "unit": "GB"},
    lambda r: r | {"counter": "telepathy"},
    lambda r: r | {"counter": "data", "unit": "min"},
    lambda r: r | {"counter": "data", "unit": "USD"},
    lambda r: r | {"counter": "sms", "unit": "furlong"},
    lambda r: r | {"counter": "sms", "unit": "count", "amount": 1.5},
    lambda r: r | {"at": "yesterday"},
    lambda r: r | {"at": r["at"][:19]},  # without an offset
    lambda r: r | {"at": 1_772_438_400},
    lambda r: r | {"at": "2026-13-01T00:00:00Z"},
    lambda r: r | {"period": "1999-12"},
    lambda r: r | {"period": "fortnight"},
    lambda r: r | {"roaming": "ES"},
    lambda r: r | {"roaming": {"country": "Spain"}},
    lambda r: r | {"colour": "red"},
    lambda r: r | {"id": ""},
    lambda r: r | {"id": 7},
    *((lambda r, name=name: {key: value for key, value in r.items() if key != name})
      for name in ("id", "msisdn", "counter", "amount", "unit", "at")),
    lambda _: None,
    lambda _: 7,
    lambda _: "cdr",
    lambda r: [r],
)  # fmt: skip
_TORN = ('{"id": "torn", "msisdn"', "not json", "{'id': 'quoted'}", '{"id": "n", "amount": NaN}', "\x00", "]")


def broken(record: Json, rng: random.Random, *, ndjson: bool) -> str:
    """Break a record in one of many ways; a line of NDJSON may be no JSON at all, and may be empty."""
    if ndjson and rng.random() < 0.2:
        return rng.choice((*_TORN, ""))
    return json.dumps(rng.choice(_WAYS)(record))
