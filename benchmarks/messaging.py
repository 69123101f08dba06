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
_NODE_MODULES = Path(".venv", "peers", "node_modules")
#: 80 % of each limit of the plan ``unlimited``: a round's alerts are those of one counter
_USES = (
    ("data", 41, "GB"),
    ("voice", 33, "h"),
    ("numbers", 121, "count"),
    ("sms", 801, "count"),
    ("sms_recipients", 41, "count"),
)
_PACED = ("roaming_data_spend", 41, "EUR")
_BATCH = 1000
_PER_S = 1000
_DELIVERED = "SELECT count(*) FROM messages WHERE state = 'delivered'"
_LATENCIES = "SELECT created_at, sent_at FROM messages WHERE template LIKE 'roaming%' AND sent_at IS NOT NULL"


def measure(stage: Stage, messages: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return medians of both comparisons, each measured in turns."""
    rounds = min(rounds, len(_USES) - 1)
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
    asyncio.run(prepare_lines(data, lines))
    bare_command = [sys.executable, "-m", "benchmarks.our_esme", str(port), str(lines), "50", "--receipts"]
    ours: list[float] = []
    bare: list[float] = []
    environment = stage.environment | {"LINEGATE_SMSC_PASSWORD": "FAKEpw01"}
    with gateway_alone(config, data, environment) as gateway_port, _client(gateway_port, stage) as web:
        for turn in range(rounds + 1):
            bare.append(_rate_of(bare_command))
            ours.append(_round(web, data, lines, turn))
        p99_ms = _paced(web, data, lines)
    rate, alone = statistics.median(ours[1:]), statistics.median(bare[1:])
    return {
        "alerts/s": rate,
        "bare ESME with receipts/s": alone,
        "ratio": rate / alone,
        f"p99 ms to submit_sm_resp at {_PER_S}/s": p99_ms,
    }


def _round(web: httpx.Client, data: Path, lines: int, turn: int) -> float:
    """Alerts per second, from the first record posted to the last receipt written."""
    started = time.perf_counter()
    for first in range(0, lines, _BATCH):
        _post(web, [_record(turn, n, _USES[turn]) for n in range(first, min(first + _BATCH, lines))])
    _until_delivered(data, lines * (turn + 1))
    return lines / (time.perf_counter() - started)


def _paced(web: httpx.Client, data: Path, lines: int) -> float:
    """The time from the commit of an alert to its submit_sm_resp that 99 of 100 did not pass, at a steady pace."""
    step, started = _PER_S // 10, time.perf_counter()
    for first in range(0, lines, step):
        time.sleep(max(0.0, started + first / _PER_S - time.perf_counter()))
        _post(web, [_record(99, n, _PACED) for n in range(first, min(first + step, lines))])
    deadline = time.monotonic() + 60
    while len(found := _rows(data, _LATENCIES)) < lines:
        assert time.monotonic() < deadline, f"only {len(found)} of {lines} alerts were answered"
        time.sleep(0.05)
    waits = ((datetime.fromisoformat(made), datetime.fromisoformat(sent)) for made, sent in found)
    waits_s = sorted((sent - made).total_seconds() for made, sent in waits)
    return 1000 * waits_s[int(0.99 * len(waits_s)) - 1]


def _until_delivered(data: Path, count: int) -> None:
    deadline = time.monotonic() + 120
    while (found := int(_rows(data, _DELIVERED)[0][0])) < count:
        assert time.monotonic() < deadline, f"only {found} of {count} alerts have their receipt"
        time.sleep(0.01)


def _rows(data: Path, query: str) -> list[tuple[str, str]]:
    journal = sqlite3.connect(f"file:{data / 'journal.db'}?mode=ro", uri=True)
    try:
        return journal.execute(query).fetchall()
    finally:
        journal.close()


def _record(turn: int, line: int, use: tuple[str, int, str]) -> dict[str, object]:
    counter, amount, unit = use
    return {
        "id": f"{turn}-{line}",
        "msisdn": msisdn(line),
        "counter": counter,
        "amount": amount,
        "unit": unit,
        "at": datetime.now(UTC).isoformat(),
        "roaming": use is _PACED,
    }


def _post(web: httpx.Client, records: list[dict[str, object]]) -> None:
    answer = web.post("/v1/usage", content=json.dumps(records))
    told = answer.json()
    assert answer.status_code == 200, told
    assert len(told["crossings"]) == len(records), told["problems"][:3]


def _client(port: int, stage: Stage) -> httpx.Client:
    headers = {"Authorization": f"Bearer {stage.token}", "Content-Type": "application/json"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=60)


def _led_to_sink(stage: Stage, port: int) -> Path:
    """The configuration with the sink as its message centre, window 50."""
    config = stage.directory / "config-to-sink"
    subprocess.run(["cp", "-r", str(stage.config), str(config)], check=True)
    file = config / "elements.toml"
    head, mark, centre = file.read_text().partition("[elements.smsc]")
    centre = re.sub(r"^window = .*$", "window = 50", centre, flags=re.MULTILINE)
    file.write_text(head + mark + re.sub(r"^port = .*$", f"port = {port}", centre, flags=re.MULTILINE))
    return config
