"""Messages: our ESME beside node-smpp's client and smpplib's own; alerts from usage to receipt beside our ESME alone.

All of them speak to the same sink (``smpp_sink``), each from a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from benchmarks.cards import msisdn
from benchmarks.intake import prepare_lines
from benchmarks.smpp_text import TEXT
from benchmarks.stage import Stage, gateway_alone, serving

_WINDOWS = (1, 10, 50)
_ALERT_WINDOW = 200  # for both: what an SMSC without a limit of its own takes
_NODE_MODULES = Path(".venv", "peers", "node_modules")
#: 80 % of a limit of the plan ``unlimited``; each measurement has lines of its own
_USE = ("data", 41, "GB")
_BATCH = 1000
_PER_S = 1000
_DELIVERED = "SELECT count(*) FROM messages WHERE state = 'delivered'"
_LATENCIES = "SELECT created_at, sent_at FROM messages WHERE line_id >= ? AND sent_at IS NOT NULL"


def measure(stage: Stage, messages: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return medians of both comparisons, each measured in turns."""
    with serving([sys.executable, "-m", "benchmarks.smpp_sink"], {}) as port:
        submits = _submits(port, messages, rounds)
    with serving([sys.executable, "-m", "benchmarks.smpp_sink", "--receipts"], {}) as port:
        alerts = _alerts(stage, port, messages, rounds)
    return {"submit_sm": submits, "alerts end to end": alerts}


def _submits(port: int, messages: int, rounds: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    for window in _WINDOWS:
        clients = {
            "ours": [sys.executable, "-m", "benchmarks.our_esme", str(port), str(messages), str(window)],
            "node-smpp": ["node", "benchmarks/node_client.js", str(port), str(messages), str(window), TEXT],
            "smpplib": [sys.executable, "-m", "benchmarks.bare_smpplib", str(port), str(messages), str(window)],
        }
        rates: dict[str, list[float]] = {name: [] for name in clients}
        for _ in range(rounds):
            for name, command in clients.items():
                rates[name].append(_rate_of(command))
        figures |= {f"{name}, window {window}, /s": statistics.median(found) for name, found in rates.items()}
        ours = figures[f"ours, window {window}, /s"]
        figures |= {
            f"ratio to {name}, window {window}": ours / figures[f"{name}, window {window}, /s"]
            for name in ("node-smpp", "smpplib")
        }
    return figures


def _rate_of(command: list[str]) -> float:
    environment = {"NODE_PATH": str(_NODE_MODULES.resolve()), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    return float(told.stdout.split()[-1])


def _alerts(stage: Stage, port: int, lines: int, rounds: int) -> dict[str, float]:
    config, data = _led_to_sink(stage, port), stage.directory / "alerts"
    blocks = [range(n * lines, (n + 1) * lines) for n in range(2 * (rounds + 1) + 1)]
    asyncio.run(prepare_lines(data, blocks[-1].stop))
    bare_command = [sys.executable, "-m", "benchmarks.our_esme", str(port), str(lines), str(_ALERT_WINDOW)]
    rates: dict[str, list[float]] = {"bare": [], "usage": [], "outbox": []}
    environment = stage.environment | {"LINEGATE_SMSC_PASSWORD": "FAKEpw01"}
    with gateway_alone(config, data, environment) as gateway_port, _client(gateway_port, stage) as web:
        *rounds_blocks, last = blocks
        for block in rounds_blocks[::2]:
            rates["bare"].append(_rate_of([*bare_command, "--receipts"]))
            rates["usage"].append(_from_usage(web, data, block))
            rates["outbox"].append(_from_outbox(web, data, range(block.stop, block.stop + lines)))
        p99_ms = _paced(web, data, last)
    bare, usage, outbox = (statistics.median(found[1:]) for found in rates.values())
    return {
        "bare ESME with receipts/s": bare,
        "usage to receipt/s": usage,
        "ratio of usage to receipt": usage / bare,
        "outbox to receipt/s": outbox,
        "ratio of outbox to receipt": outbox / bare,
        f"p99 ms to submit_sm_resp at {_PER_S}/s": p99_ms,
    }


def _from_usage(web: httpx.Client, data: Path, lines: range) -> float:
    """Alerts per second, from the first record posted to the last receipt written."""
    started = time.perf_counter()
    _use(web, lines, _BATCH)
    _until_delivered(data, lines.stop)
    return len(lines) / (time.perf_counter() - started)


def _from_outbox(web: httpx.Client, data: Path, lines: range) -> float:
    """The same of alerts that wait in the outbox, from the end of the centre's maintenance."""
    maintenance = "/v1/elements/smsc/maintenance"
    assert web.put(maintenance, json={"why": "alerts shall wait"}).status_code == 200
    _use(web, lines, _BATCH)
    started = time.perf_counter()
    assert web.delete(maintenance).status_code == 200
    _until_delivered(data, lines.stop)
    return len(lines) / (time.perf_counter() - started)


def _paced(web: httpx.Client, data: Path, lines: range) -> float:
    """The time from the commit of an alert to its submit_sm_resp that 99 of 100 did not pass, at a steady pace."""
    step, started = _PER_S // 10, time.perf_counter()
    for first in range(0, len(lines), step):
        time.sleep(max(0.0, started + first / _PER_S - time.perf_counter()))
        _use(web, lines[first : first + step], step)
    _until_delivered(data, lines.stop)
    rows = _rows(data, _LATENCIES, f"{lines.start:024d}")
    waits = ((datetime.fromisoformat(made), datetime.fromisoformat(sent)) for made, sent in rows)
    waits_s = sorted((sent - made).total_seconds() for made, sent in waits)
    return 1000 * waits_s[int(0.99 * len(waits_s)) - 1]


def _until_delivered(data: Path, count: int) -> None:
    deadline = time.monotonic() + 120
    while (found := int(_rows(data, _DELIVERED)[0][0])) < count:
        assert time.monotonic() < deadline, f"only {found} of {count} alerts have their receipt"
        time.sleep(0.01)


def _rows(data: Path, query: str, *values: str) -> list[tuple[str, str]]:
    journal = sqlite3.connect(f"file:{data / 'journal.db'}?mode=ro", uri=True)
    try:
        return journal.execute(query, values).fetchall()
    finally:
        journal.close()


def _use(web: httpx.Client, lines: range, batch: int) -> None:
    """Have every line pass 80 % of its limit."""
    for first in range(0, len(lines), batch):
        records = [_record(line) for line in lines[first : first + batch]]
        answer = web.post("/v1/usage", content=json.dumps(records))
        told = answer.json()
        assert answer.status_code == 200, told
        assert len(told["crossings"]) == len(records), told["problems"][:3]


def _record(line: int) -> dict[str, object]:
    counter, amount, unit = _USE
    now = datetime.now(UTC).isoformat()
    return {"id": f"{line}", "msisdn": msisdn(line), "counter": counter, "amount": amount, "unit": unit, "at": now}


def _client(port: int, stage: Stage) -> httpx.Client:
    headers = {"Authorization": f"Bearer {stage.token}", "Content-Type": "application/json"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=60)


def _led_to_sink(stage: Stage, port: int) -> Path:
    """The configuration with the sink as its message centre."""
    config = stage.directory / "config-to-sink"
    subprocess.run(["cp", "-r", str(stage.config), str(config)], check=True)
    file = config / "elements.toml"
    head, mark, centre = file.read_text().partition("[elements.smsc]")
    centre = re.sub(r"^window = .*$", f"window = {_ALERT_WINDOW}", centre, flags=re.MULTILINE)
    file.write_text(head + mark + re.sub(r"^port = .*$", f"port = {port}", centre, flags=re.MULTILINE))
    return config
