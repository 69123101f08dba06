"""Which plots are drawn of a run's results: each only if its group was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.drawing import Bar, Curve, bars, curves
from benchmarks.figures import Spread, curve, figure_from_json


def plots(kept: Mapping[str, Any]) -> dict[str, str]:
    """Return SVG texts by name."""
    return dict(_drawn(kept))


def _drawn(kept: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    results, raw = kept["results"], kept["raw"]
    if "saga" in raw:
        rates = [_bar(name, told) for name, told in results["saga, orders/s"].items()]
        yield "throughput", bars("The same three-step saga, orders a second (median, least to most)", rates)
        for rate, found in raw["saga"]["paced"].items():
            latencies = {name: [s for told in runs for s in told["latencies_s"]] for name, runs in found.items()}
            yield f"latency-{rate}", _distribution(f"From asking to done at {rate} orders a second", latencies)
    if "growth" in raw:
        cost = [_bar(name, told) for name, told in results["growth"].items() if name.endswith("ms an order")]
        yield "growth", bars("Cost of an order by lines in the journal, ms (median, least to most)", cost)
        memory = [_bar(name, told) for name, told in results.get("memory", {}).items() if name.endswith("MiB")]
        if memory:
            yield "memory", bars("Memory with pending orders, MiB", memory)
    if "bulk" in raw:
        yield "interactive", _distribution("Interactive orders from asking to done", raw["bulk"]["ends_s"])
    if "takeover" in raw:
        yield "takeover", _distribution("From a kill to the first order of its lines", raw["takeover"])


def _bar(name: str, told: Any) -> Bar:  # noqa: ANN401 - a number or an object
    value = figure_from_json(told)
    if isinstance(value, Spread):
        return Bar(name, value.median, value.low, value.high)
    return Bar(name, value, value, value)


def _distribution(title: str, seconds: Mapping[str, list[float]]) -> str:
    drawn = [Curve(name, [(1000 * s, share) for s, share in curve(found)]) for name, found in seconds.items() if found]
    return curves(title, "ms", drawn)
