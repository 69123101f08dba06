"""Bars and cumulative distributions as SVG, with nothing but text: results can be looked at wherever a browser is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_WIDTH, _LEFT, _RIGHT, _TOP = 900, 300, 130, 50
_ROW, _PLOT_HEIGHT = 28, 340
_COLOURS = ("#1b6ca8", "#d1495b", "#2e933c", "#edae49", "#6a4c93", "#00798c", "#8d6a3f", "#444444")


@dataclass(frozen=True, slots=True)
class Bar:
    """One value and its spread."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A cumulative distribution: values that rise, and the share of all that did not pass each."""

    name: str
    points: Sequence[tuple[float, float]]


def bars(title: str, drawn: Sequence[Bar]) -> str:
    """Draw horizontal bars from zero, each with a whisker from its least to its greatest."""
    most = max((bar.high for bar in drawn), default=1) or 1
    room = _WIDTH - _LEFT - _RIGHT
    parts = []
    for n, bar in enumerate(drawn):
        y = _TOP + n * _ROW
        length, low, high = (room * value / most for value in (bar.value, bar.low, bar.high))
        colour = _COLOURS[0] if bar.name.startswith("Linegate") else _COLOURS[7]
        parts += [
            _text(_LEFT - 8, y + 15, bar.name, "end"),
            f'<rect x="{_LEFT}" y="{y}" width="{length:.1f}" height="{_ROW - 8}" fill="{colour}"/>',
            f'<path d="M{_LEFT + low:.1f} {y + 10}H{_LEFT + high:.1f}" stroke="#000" stroke-width="1.5"/>',
            _text(_LEFT + max(length, high) + 6, y + 15, _number(bar.value), "start"),
        ]
    return _page(title, _TOP + len(drawn) * _ROW + 20, parts)


def curves(title: str, unit: str, drawn: Sequence[Curve]) -> str:
    """Draw distributions over a logarithmic axis."""
    values = [value for one in drawn for value, _ in one.points if value > 0] or [1.0]
    first, last = (
        math.floor(math.log10(min(values))),
        max(math.ceil(math.log10(max(values))), math.floor(math.log10(min(values))) + 1),
    )
    left, room = 60, _WIDTH - 60 - 40

    def x(value: float) -> float:
        return left + room * (math.log10(max(value, 10.0**first)) - first) / (last - first)

    def y(share: float) -> float:
        return _TOP + _PLOT_HEIGHT * (1 - share)

    parts = []
    for power in range(first, last + 1):
        parts.append(_rule(x(10.0**power), y(0), x(10.0**power), y(1)))
        parts.append(_text(x(10.0**power), y(0) + 18, f"{10.0**power:g} {unit}", "middle"))
    for share in (0.0, 0.5, 0.9, 0.99, 1.0):
        parts.append(_rule(left, y(share), left + room, y(share)))
        if share != 0.99:
            parts.append(_text(left - 6, y(share) + 4, f"{share:g}", "end"))
    for n, one in enumerate(drawn):
        colour = _COLOURS[n % len(_COLOURS)]
        path = " ".join(f"{x(value):.1f},{y(share):.1f}" for value, share in one.points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        below = _TOP + _PLOT_HEIGHT + 44 + 20 * n
        parts.append(f'<rect x="{left}" y="{below - 10}" width="14" height="10" fill="{colour}"/>')
        parts.append(_text(left + 22, below, one.name, "start"))
    return _page(title, _TOP + _PLOT_HEIGHT + 50 + 20 * len(drawn), parts)


def _page(title: str, height: float, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height:.0f}" '
        f'viewBox="0 0 {_WIDTH} {height:.0f}" font-family="sans-serif" font-size="12">'
    )
    white = f'<rect width="{_WIDTH}" height="{height:.0f}" fill="#fff"/>'
    heading = f'<text x="20" y="28" font-size="16">{escape(title)}</text>'
    return "\n".join([head, white, heading, *parts, "</svg>"]) + "\n"


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#ddd"/>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"
