"""``linegate usage …``: posting records, and telling how a line stands."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from rich.console import Group, RenderableType

from gateway.cli.failure import NotReached, Refused, WrongUse
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.order_input import json_line
from gateway.cli.printing import cell, clock, facts, rows, show, table
from gateway.contract.quantities import Measure, say

_AT_A_TIME: Final = 1000
_COUNTS = ("accepted", "duplicates", "late", "rejected")
_MEASURES = {"B": Measure.VOLUME, "s": Measure.TIME, "count": Measure.PIECES}


def read_records(source: str) -> list[Any]:
    """Read one JSON record, a list of them, or one a line; ``-`` is stdin. Raises WrongUse."""
    name, text = _read(source)
    try:
        whole = json.loads(text)
    except ValueError:
        found = [json_line(name, n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    else:
        found = whole if isinstance(whole, list) else [whole]
    if not found:
        raise WrongUse(f"{name}: has no record; give one JSON object, a list, or one a line")
    return found


def read_agreement(source: str) -> Json:
    """Read one JSON object. Raises WrongUse."""
    name, text = _read(source)
    found = json_line(name, 1, text)
    if not isinstance(found, dict):
        raise WrongUse(f'{name}: must be a JSON object, as {{"language": "en", "thresholds": {{}}}}')
    return found


def post(records: Sequence[Any], *, as_json: bool) -> None:
    """Post records in parts and print what became of them. Raises Refused when some were kept out."""
    told: Json = dict.fromkeys(_COUNTS, 0) | {"problems": [], "crossings": []}
    with GatewayClient(Address.from_environment()) as client:
        for start in range(0, len(records), _AT_A_TIME):
            _add(told, _post_some(client, records[start : start + _AT_A_TIME], start), start)
    show(told, as_json=as_json, drawn=lambda: _draw_taken(told))
    if told["rejected"]:
        raise Refused(f"{told['rejected']} of {len(records)} records were kept out: correct them and post them again")


def show_line(msisdn: str, period: str | None, *, as_json: bool) -> None:
    """Print how a line stands."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get(f"/v1/lines/{quote(msisdn, safe='+')}/usage", period=period)
    show(document, as_json=as_json, drawn=lambda: _draw_line(document))


def alerting(msisdn: str, agreement: Json | None, *, as_json: bool) -> None:
    """Print what was agreed about a line's alerts; with an agreement, replace what was agreed before."""
    path = f"/v1/lines/{quote(msisdn, safe='+')}/alerting"
    with GatewayClient(Address.from_environment()) as client:
        document = client.get(path) if agreement is None else client.put(path, agreement)
    show(document, as_json=as_json, drawn=lambda: _draw_alerting(document))


def _read(source: str) -> tuple[str, str]:
    name = "stdin" if source == "-" else source
    try:
        return name, sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    except OSError as missing:
        raise WrongUse(f"{name}: cannot be read ({missing.strerror})") from missing
    except UnicodeDecodeError as broken:
        raise WrongUse(f"{name}: is not UTF-8") from broken


def _post_some(client: GatewayClient, some: Sequence[Any], start: int) -> Json:
    """Post one part; where not one record of it can be read, that is told of each."""
    try:
        return client.post("/v1/usage", some)
    except NotReached as lost:
        advice = f"{start} records were counted before; post the whole file again, nothing counts twice"
        raise NotReached(f"{lost}; {advice}") from lost
    except Refused as refused:
        if (refused.document or {}).get("type") != "/problems/nothing-readable":
            raise
        why = {error["field"]: error["detail"] for error in (refused.document or {}).get("errors", [])}
        usual = {"id": None, "type": "/problems/unreadable"}
        details = (why.get(f"index {n}", "it cannot be read: see /docs for its fields") for n in range(len(some)))
        problems = [{"index": n, **usual, "detail": detail} for n, detail in enumerate(details)]
        return {"rejected": len(some), "problems": problems}


def _add(told: Json, part: Json, start: int) -> None:
    """Add a part; what is at fault is named by its place among all records, from 1."""
    for name in _COUNTS:
        told[name] += part.get(name, 0)
    told["crossings"] += part.get("crossings", [])
    for problem in part.get("problems", []):
        rest = {name: value for name, value in problem.items() if name not in ("index", "line")}
        told["problems"].append({"record": start + problem["index"] + 1, **rest})


def _draw_taken(told: Json) -> RenderableType:
    parts: list[RenderableType] = [facts(told, *_COUNTS)]
    if told["problems"]:
        made = table("kept out", "record", "id", "why")
        parts.append(rows(made, ((p["record"], p["id"], p["detail"]) for p in told["problems"])))
    if told["crossings"]:
        made = table("limits", "line", "threshold", "percent", "period", "told", "done")
        names = ("msisdn", "threshold", "percent", "period", "outcome", "action")
        parts.append(rows(made, ([crossing.get(name) for name in names] for crossing in told["crossings"])))
    return Group(*parts)


def _draw_line(document: Json) -> RenderableType:
    used = table(document["msisdn"], "counter", "used", "period", "ends")
    rows(used, ((c["counter"], _said(c, "used"), c["period"], clock(c["ends"])) for c in document["counters"]))
    parts: list[RenderableType] = [used]
    if document["thresholds"]:
        limits = table("limits", "threshold", "limit", "percent", "at 100 %", "now", "told")
        parts.append(rows(limits, (_limit(threshold) for threshold in document["thresholds"])))
    return Group(*parts)


def _limit(threshold: Json) -> tuple[object, ...]:
    told = [f"{c['percent']} %: {c['outcome']} {clock(c['crossed_at'])}" for c in threshold["crossings"]]
    at_100 = f"{threshold['at_100']} (waived)" if threshold["waived"] else threshold["at_100"]
    limit = _said(threshold, "limit")
    return threshold["threshold"], limit, f"{threshold['percent']} %", at_100, threshold["action"], "\n".join(told)


def _draw_alerting(document: Json) -> RenderableType:
    made = table("what holds", "threshold", "limit", "told at", "at 100 %", "waived", "muted")
    for one in document["holds"]:
        at = ", ".join(f"{percent} %" for percent in one["percents"])
        switches = ("yes" if one[name] else "no" for name in ("waived", "muted"))
        rows(made, [(one["threshold"], _said(one, "limit"), at, one["at_100"], *switches)])
    return Group(facts(document, "msisdn", "language"), made) if document["holds"] else cell("no limit holds")


def _said(of: Json, name: str) -> str:
    """Say a quantity as people do: 1.2 GB, 39 h 10 min, 45.00 EUR."""
    measure = _MEASURES.get(of["unit"])
    return f"{of[name]} {of['unit']}" if measure is None else say(int(of[name]), measure, None, "en")
