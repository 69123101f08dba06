"""We are the reader, and a card calls us: ``vpcd:[host]:port``, loopback and a free port unless they are named.

A phone with an APDU proxy, a colleague's machine, or our own virtual card puts a card in over TCP (``sim_readers/vpcd``
has the wire). Nobody proves who they are on it: beyond loopback it listens only when the address says ``?open=yes``.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Final

from sim_readers.errors import NoReader
from sim_readers.reader import Symptom, Verdict
from sim_readers.wire.callers import CallerReader

_ADDRESS: Final = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\]?]*)):(?P<port>\d{1,5})(?P<open>\?open=yes)?")
_MOST_PORT: Final = 0xFFFF
_HOW: Final = "write vpcd::0 for a free port on loopback, or vpcd:127.0.0.1:35963, or vpcd:[::1]:35963"


def find() -> Sequence[str]:
    """Nothing can be found: cards call here, and only while a reader is open."""
    return ()


def open_reader(address: str) -> CallerReader:
    """Listen at an address; port 0 is any free one, and the reader's name tells which.

    Raises NoReader: no such address, not ours, taken, or open to strangers without saying so.
    """
    parts = _ADDRESS.fullmatch(address)
    if parts is None or int(parts["port"]) > _MOST_PORT:
        raise NoReader(f"{address!r} is no address to listen at: {_HOW}")
    host = parts["v6"] or parts["host"] or "127.0.0.1"
    if not (_loopback(host) or parts["open"]):
        raise NoReader(
            f"{host} can be reached from outside, and whoever calls becomes the card: nobody is asked who they are. "
            "Listen at 127.0.0.1 and let them come through an ssh tunnel, or write ?open=yes behind the address"
        )
    return CallerReader(_listen(host, int(parts["port"])), suffix=parts["open"] or "")


def diagnose() -> Sequence[Symptom]:
    """Look whether we may listen. Never raises."""
    try:
        socket.create_server(("127.0.0.1", 0)).close()
    except OSError as no:
        return (Symptom("listening", Verdict.FAIL, f"not possible at 127.0.0.1: {no}", "see that lo is up"),)
    return (Symptom("listening", Verdict.OK, "possible at 127.0.0.1; cards call when the reader is open"),)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as no:
        raise NoReader(f"cannot listen at {host} port {port}: {no}; take another port, or an address of ours") from no
