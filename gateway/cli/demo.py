"""``linegate demo``: an order file played to its end on an embedded gateway and network, and compared."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType

from gateway.cli import embedded
from gateway.cli.expectation import Case, Outcome, differences
from gateway.cli.failure import Refused, WrongUse
from gateway.cli.gateway_client import Json
from gateway.cli.order_input import json_line
from gateway.cli.playing import Player
from gateway.cli.printing import cell, console, rows, show, state, table
from gateway.settings import packaged_directory

_MS = 1000


def demo(orders: Path | None, sims: Sequence[Path], scenario: str, *, keep: bool, as_json: bool) -> None:
    """Play, print one table. Raises Refused unless every order ended as the file says."""
    packaged = packaged_directory() / "demo"
    cases = read_cases(orders or packaged / "orders.jsonl")
    files = [(file, _read(file)) for file in sims or [packaged / "sims.out"]]
    with _data(keep=keep) as data, embedded.running(data, scenario) as running, Player(running) as player:
        for file, content in files:
            _stock(file, player.import_sims(content))
        results = _play(player, cases)
    wrong = [result for result in results if result["differences"]]
    told = {"orders": results, "as_expected": len(results) - len(wrong), "otherwise": len(wrong)}
    show(told, as_json=as_json, drawn=lambda: _draw(results, wrong))
    if wrong:
        raise Refused(f"{len(wrong)} of {len(results)} orders ended otherwise than the file says")


def read_cases(file: Path) -> list[Case]:
    """Read an order file. Raises WrongUse."""
    lines = _read(file).decode("utf-8", "replace").splitlines()
    numbered = [(n, json_line(file.name, n, line)) for n, line in enumerate(lines, start=1) if line.strip()]
    if not numbered:
        raise WrongUse(f"{file}: has no order")
    return [Case.read(file.name, n, document) for n, document in numbered]


def _play(player: Player, cases: Sequence[Case]) -> list[Json]:
    results: list[Json] = []
    with console(stderr=True).status("") as status:
        for case in cases:
            status.update(f"order {case.number}: {case.order.get('action')}")
            results.append(_result(case, player.play(case)))
    return results


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as missing:
        raise WrongUse(f"{file}: cannot be read ({missing.strerror})") from missing


@contextlib.contextmanager
def _data(*, keep: bool) -> Iterator[Path]:
    if keep:
        kept = Path(tempfile.mkdtemp(prefix="linegate-demo-"))
        console(stderr=True).print(f"everything is kept in {kept}; go on there with `linegate up --data {kept}`")
        yield kept
    else:
        with tempfile.TemporaryDirectory(prefix="linegate-demo-") as made:
            yield Path(made)


def _stock(file: Path, report: Json) -> None:
    if report["problems"]:
        first = report["problems"][0]
        raise Refused(f"{file.name}: line {first['line']}: {first['column']} {first['detail']}", report)


def _result(case: Case, outcome: Outcome) -> Json:
    order = outcome.order or {}
    return {
        "order": case.order.get("external_id") or f"line {case.number}",
        "id": order.get("id"),
        "action": case.order.get("action"),
        "state": order.get("state") or "refused",
        "detail": (outcome.problem or order.get("error") or {}).get("detail"),
        **{name: order.get(name) for name in ("accepted_at", "stored_at", "effective_at", "effective")},
        "sms": list(outcome.messages),
        "differences": differences(case, outcome),
    }


def _draw(results: Sequence[Json], wrong: Sequence[Json]) -> RenderableType:
    made = table("", "order", "action", "accepted", "stored", "effective", "SMS", "result")
    rows(made, (_row(result) for result in results))
    count = f"{len(results) - len(wrong)} of {len(results)} orders ended as the file says"
    if not wrong:
        return Group(made, cell(count))
    told = ((result["order"], difference) for result in wrong for difference in result["differences"])
    return Group(made, rows(table("differences", "order", "what"), told), cell(count))


def _row(result: Json) -> tuple[Any, ...]:
    refusal = f"no: {result['detail']}" if result["accepted_at"] is None else None
    return (
        result["order"],
        result["action"],
        refusal or _time(result["accepted_at"]),
        _after(result["accepted_at"], result["stored_at"]),
        _effective(result),
        "\n".join(result["sms"]),
        state("differs") if result["differences"] else state(result["state"]) if refusal is None else cell("refused"),
    )


def _time(at: str) -> str:
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S.%f")[:-3]


def _after(start: str | None, end: str | None) -> str | None:
    if start is None or end is None:
        return None
    return f"+{(datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * _MS:.0f} ms"


def _effective(result: Json) -> str | None:
    if result["effective"] == "next_registration":
        return "from next registration"
    return _after(result["accepted_at"], result["effective_at"])
