"""Every exchange with every card, masked: into the station's trace of the day and, if wished, live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from gateway.cli.card.station import Station
from gateway.cli.failure import WrongUse
from sim_readers.reader import Connection
from sim_readers.trace.exchange import TracedConnection, to_all
from sim_readers.trace.file import TraceFile
from sim_readers.trace.gsmtap import PORT, UdpSink

Wrap = Callable[[Connection, str], Connection]


@contextmanager
def traced(station: Station, gsmtap: str | None) -> Iterator[Wrap]:
    """Give what makes a connection a traced one. Raises OSError, WrongUse."""
    with ExitStack() as stack:
        sink = stack.enter_context(TraceFile(station.trace_file()))
        live = [] if gsmtap is None else [stack.enter_context(UdpSink(*gsmtap_address(gsmtap)))]
        both = to_all(sink, *live)
        yield lambda connection, reader: TracedConnection(connection, reader, both, station.clock)


def gsmtap_address(text: str) -> tuple[str, int]:
    """Read where GSMTAP goes. Raises WrongUse."""
    host, _, port = text.rpartition(":") if text.rpartition(":")[2].isdecimal() else (text, "", str(PORT))
    if not host or not 0 < int(port) <= 0xFFFF:  # noqa: PLR2004 - the last port
        raise WrongUse(f"--gsmtap {text!r} is no address: write it as 127.0.0.1:{PORT}")
    return host.strip("[]"), int(port)
