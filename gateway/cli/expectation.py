"""What an order file expects of each order, and how what came differs from it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.cli.failure import WrongUse
from gateway.cli.gateway_client import Json

_UNKNOWN = "refused:unknown"
_MISSING = object()
_OF_LINE = {"line_state": "state"} | {
    name: name for name in ("msisdn", "imsi", "iccid", "contract", "host", "plan", "options", "bars", "customer")
}
_IN_ANY_ORDER = frozenset({"options", "bars"})
_KNOWN = frozenset({"refused", "state", "home", "abroad", "dead_imsi", "sims", *_OF_LINE})


@dataclass(frozen=True, slots=True)
class Case:
    """One order of the file, and what is expected of it."""

    number: int
    order: Json
    expect: Json

    @classmethod
    def read(cls, where: str, number: int, document: object) -> Case:
        """Check one line of the file. Raises WrongUse naming it."""
        if not isinstance(document, dict) or set(document) != {"order", "expect"}:
            raise WrongUse(f'{where}: line {number} must be {{"order": {{…}}, "expect": {{…}}}}')
        order, expect = document["order"], document["expect"]
        if not isinstance(order, dict) or not isinstance(expect, dict):
            raise WrongUse(f"{where}: line {number}: order and expect must be JSON objects")
        if unknown := sorted(set(expect) - _KNOWN):
            raise WrongUse(f"{where}: line {number}: expect knows no {', '.join(unknown)}")
        if expect.get("refused") is not True and "state" not in expect:
            raise WrongUse(f'{where}: line {number}: expect needs "refused": true or a state')
        return cls(number, order, expect)

    @property
    def refused(self) -> bool:
        """Whether a refusal is what is wished."""
        return self.expect.get("refused") is True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an order: the problem or the order, the line after it, and what phones get by ``imsi place``.

    ``sims``: the states of the SIMs the file asks for, by ICCID.
    """

    problem: Json | None = None
    order: Json | None = None
    line: Json | None = None
    probes: Mapping[str, Json] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    sims: Mapping[str, str] = field(default_factory=dict)


def differences(case: Case, outcome: Outcome) -> list[str]:
    """List what is not as expected; empty is as wished."""
    if case.refused:
        return list(_unrefused(outcome))
    if outcome.order is None:
        return [f"refused: {(outcome.problem or {}).get('detail') or outcome.problem}"]
    seen = (*_of_line(case, outcome.line), *_of_probes(case, outcome.probes), *_of_sims(case, outcome.sims))
    return [*_of_order(case, outcome.order), *seen]


def _unrefused(outcome: Outcome) -> Iterator[str]:
    order = outcome.order
    if order is not None and order.get("state") != "rejected":
        yield f"state: expected a refusal, got {order.get('state')}"
        return
    told = outcome.problem if order is None else order.get("error")
    if not (told or {}).get("detail"):
        yield "detail: the refusal does not say why"


def _of_order(case: Case, order: Json) -> Iterator[str]:
    if order.get("state") != case.expect["state"]:
        why = (order.get("error") or {}).get("detail") or order.get("waiting_for")
        yield _differs("state", case.expect["state"], order.get("state")) + (f" ({why})" if why else "")


def _of_line(case: Case, line: Json | None) -> Iterator[str]:
    for name, key in _OF_LINE.items():
        if name not in case.expect:
            continue
        wanted, found = case.expect[name], (line or {}).get(key)
        if name in _IN_ANY_ORDER and isinstance(wanted, list) and isinstance(found, list):
            wanted, found = sorted(wanted), sorted(found)
        if found != wanted:
            yield _differs(name, wanted, found)


def _of_sims(case: Case, sims: Mapping[str, str]) -> Iterator[str]:
    for iccid, wanted in (case.expect.get("sims") or {}).items():
        if sims.get(iccid) != wanted:
            yield _differs(f"SIM {iccid}", wanted, sims.get(iccid))


def _of_probes(case: Case, probes: Mapping[str, Json]) -> Iterator[str]:
    for place in ("home", "abroad"):
        for path, wanted in (case.expect.get(place) or {}).items():
            found = _at(probes.get(place) or {}, path)
            if not _fits(path, wanted, found):
                yield _differs(f"{place} {path}", wanted, "nothing" if found is _MISSING else found)
    if "dead_imsi" in case.expect:
        attach = (probes.get("dead_imsi") or {}).get("attach")
        if attach != _UNKNOWN:
            yield _differs(f"{case.expect['dead_imsi']} attach", _UNKNOWN, attach)


def _at(answer: Json, path: str) -> object:
    """Follow a dotted path."""
    found: Any = answer
    for name in path.split("."):
        if not isinstance(found, dict) or name not in found:
            return _MISSING
        found = found[name]
    return found


def _fits(path: str, wanted: object, found: object) -> bool:
    if path == "attach" and wanted == "refused":
        return isinstance(found, str) and found.startswith("refused:")
    return type(wanted) is type(found) and wanted == found


def _differs(name: str, wanted: object, found: object) -> str:
    return f"{name}: expected {_word(wanted)}, got {_word(found)}"


def _word(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return " ".join(str(item) for item in value) or "none"
        case None:
            return "nothing"
        case _:
            return str(value)
