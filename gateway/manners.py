"""How an element is treated, as ``elements.toml`` says: its pace, its breaker, its retries, its loose answers."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.breaker import BreakerRules
from drivers.commands import Why
from drivers.element import Manners
from drivers.flow import Pace
from drivers.loose import READINGS
from drivers.retry import Pauses, RetryRules
from gateway.contract.table import Table

#: refusals that can be asked again; what is busy has its own pauses, and a lost session is begun anew below
_ASKED_AGAIN = tuple(why for why in Why if why not in (Why.BUSY, Why.SESSION))


def read_manners(table: Table, window: int) -> Manners:
    """Read ``[….pace]``, ``[….breaker]`` and ``[….retry]``; ``window`` is what all its sessions take together."""
    breaker, retry = (table.table(name, optional=True) for name in ("breaker", "retry"))
    usual = BreakerRules()
    return Manners(
        pace=read_pace(table, window),
        breaker=BreakerRules(
            failures=breaker.number("failures", usual.failures, least=1),
            over_s=breaker.seconds("over_s", usual.over_s),
            cool_down_s=breaker.seconds("cool_down_s", usual.cool_down_s),
        ),
        retry=RetryRules(
            busy=_pauses(retry, "busy"),
            unreachable=_pauses(retry, "unreachable"),
            in_doubt=_pauses(retry, "in_doubt"),
            refused={w: times for w in _ASKED_AGAIN if (times := retry.optional_number(w.value)) is not None},
        ),
    )


def read_pace(table: Table, window: int) -> Pace:
    """Read ``[….pace]``."""
    pace = table.table("pace", optional=True)
    return Pace(
        window=window,
        per_s=pace.optional_number("per_s", least=1),
        burst=pace.number("burst", 1, least=1),
        ramp_s=pace.seconds("ramp_s", Pace().ramp_s),
    )


def read_readings(table: Table) -> Mapping[str, str]:
    """Read ``[….answers]``: the element's own code or text, and the neutral outcome it shall count as."""
    answers = table.table("answers", optional=True)
    return {code: answers.choice(code, READINGS) for code in answers.names()}


def _pauses(retry: Table, name: str) -> Pauses:
    pauses, usual = retry.table(name, optional=True), Pauses()
    found = Pauses(pauses.seconds("min_s", usual.min_s), pauses.seconds("max_s", usual.max_s))
    if found.min_s > found.max_s:
        pauses.wrong("min_s", "must be no longer than max_s")
    return found
