"""``linegate card trace``: what was said to cards here and what they answered, secrets hidden when it was written."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TextIO

import typer
from rich.table import Table

from gateway.cli.card.station import station_directory
from gateway.cli.card.trace_cards import Conversation, Traced, with_cards
from gateway.cli.card.tracing import gsmtap_address
from gateway.cli.card.troubles import explained
from gateway.cli.failure import NothingThere, WrongUse
from gateway.cli.gateway_client import Json
from gateway.cli.printing import cell, rows, show, table
from sim_readers.trace.exchange import Exchange, Sink
from sim_readers.trace.file import BadTrace, read_line, read_trace
from sim_readers.trace.gsmtap import PcapFile, UdpSink

_LOOK_S: Final = 0.2
_BREATH_S: Final = 0.0005  # a listener's buffer holds a few hundred packets


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which exchanges, and where they go. ``day``: the last there is unless it is said; ``last``: so many of them."""

    station: Path | None = None
    day: str | None = None
    iccid: str | None = None
    reader: str = ""
    last: int | None = None
    pcap: Path | None = None
    gsmtap: str | None = None
    follow: bool = False

    def fits(self, one: Traced) -> bool:
        """Whether an exchange is wanted."""
        return self.iccid in (None, one.iccid) and self.reader.casefold() in one.exchange.reader.casefold()


def show_trace(wanted: Wanted, *, as_json: bool) -> None:
    """Print, convert or replay; with ``follow`` until interrupted. Raises Failure."""
    with explained(), ExitStack() as stack:
        file = _file(wanted)
        sinks = list(_sinks(stack, wanted))
        with file.open(encoding="utf-8") as lines:
            try:
                lines.seek(0, 2)  # what is written from here on is followed
                found = _found(wanted, file)
                _tell(sinks, found)
                if wanted.follow:
                    _print_lines(found, as_json=as_json)
                    _follow(lines, sinks, wanted, as_json=as_json)
            except BadTrace as bad:
                raise WrongUse(str(bad)) from bad
        told = {"file": file.name, "pcap": wanted.pcap and str(wanted.pcap), "exchanges": [_json(one) for one in found]}
        show(told, as_json=as_json, drawn=lambda: _draw(file.name, found))


def _file(wanted: Wanted) -> Path:
    """The trace of the day. Raises NothingThere, WrongUse."""
    folder = station_directory(wanted.station) / "trace"
    there = sorted(folder.glob("????-??-??.jsonl"))
    if wanted.day is None:
        if not there:
            raise NothingThere(f"there is no trace in {folder}: card commands write it as they work")
        return there[-1]
    try:
        file = folder / f"{date.fromisoformat(wanted.day)}.jsonl"
    except ValueError:
        raise WrongUse(f"--date {wanted.day!r} is none: write it as 2026-01-31") from None
    if file not in there:
        known = f"there is one of {', '.join(one.stem for one in there)}" if there else "there is none"
        raise NothingThere(f"there is no trace of {wanted.day} in {folder}: {known}")
    return file


def _sinks(stack: ExitStack, wanted: Wanted) -> Iterator[Sink]:
    """Open where exchanges go besides. Raises WrongUse, OSError."""
    if wanted.gsmtap is not None:
        udp = stack.enter_context(UdpSink(*gsmtap_address(wanted.gsmtap)))

        def gently(exchange: Exchange) -> None:
            udp(exchange)
            time.sleep(_BREATH_S)

        yield gently
    if wanted.pcap is not None:
        try:
            yield stack.enter_context(PcapFile(wanted.pcap))
        except FileExistsError:
            raise WrongUse(f"{wanted.pcap} is there already, and was left as it is: name another") from None


def _found(wanted: Wanted, file: Path) -> list[Traced]:
    """Raises BadTrace."""
    return list(deque((one for one in with_cards(read_trace(file)) if wanted.fits(one)), maxlen=wanted.last))


def _follow(lines: TextIO, sinks: Iterable[Sink], wanted: Wanted, *, as_json: bool) -> None:
    """Go on with what is written from now on, until interrupted. Raises BadTrace."""
    readers: dict[str, Conversation] = {}
    while True:
        line = _whole_line(lines)
        if line is None:
            time.sleep(_LOOK_S)
            continue
        exchange = read_line(line)
        conversation = readers.setdefault(exchange.reader, Conversation())
        conversation.hear(exchange)
        one = Traced(exchange, conversation.iccid)
        if wanted.fits(one):
            _tell(sinks, [one])
            _print_lines([one], as_json=as_json)


def _whole_line(lines: TextIO) -> str | None:
    at = lines.tell()
    line = lines.readline()
    if line.endswith("\n"):
        return line
    lines.seek(at)  # another process is still writing it
    return None


def _tell(sinks: Iterable[Sink], found: Iterable[Traced]) -> None:
    for one in found:
        for sink in sinks:
            sink(one.exchange)


def _print_lines(found: Iterable[Traced], *, as_json: bool) -> None:
    for one in found:
        typer.echo(json.dumps(_json(one), ensure_ascii=False) if as_json else cell(str(one.exchange)).plain)


def _draw(name: str, found: Iterable[Traced]) -> Table:
    made = table(name, "time", "reader", "card", "what", "sent", "answered", "ms")
    return rows(made, (_row(one, one.exchange) for one in found))


def _row(one: Traced, exchange: Exchange) -> Iterable[object]:
    at = exchange.at.astimezone().strftime("%H:%M:%S.%f")[:-3]
    took = f"{exchange.duration_s * 1000:.1f}"
    return (at, exchange.reader, one.iccid, exchange.meaning, exchange.command, exchange.response, took)


def _json(one: Traced) -> Json:
    exchange = one.exchange
    return {
        "at": exchange.at.isoformat(),
        "reader": exchange.reader,
        "iccid": one.iccid,
        "meaning": exchange.meaning,
        "command": str(exchange.command),
        "response": str(exchange.response),
        "masking": exchange.masking.value,
        "duration_s": exchange.duration_s,
    }
