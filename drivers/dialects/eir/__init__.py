"""EIR: an Equipment Identity Register that is told in man-machine language, over TCP, TLS or SSH.

Its grammar, answers and return codes are those of MML-H; what it has is one list, ``BLACKLIST`` (TS 22.016 §3.3).
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers import commands as c
from drivers.dialect import Capabilities, Fit, fit_by_facets
from drivers.dialects.eir.client import EirClient
from drivers.dialects.eir.server import EirServer
from drivers.errors import NotSpoken
from drivers.subscription import Subscription

CAPABILITIES = Capabilities(
    commands=frozenset({c.Login, c.KeepAlive, c.BlockImei, c.UnblockImei, c.ReadImei}),
    facets=frozenset(),
    max_window=64,
)


def fit(wanted: Subscription, capabilities: Capabilities) -> Fit:
    """Say how a register of handsets holds a subscription: it has no place for any of it."""
    return fit_by_facets(wanted, capabilities)


def client(options: Mapping[str, object]) -> EirClient:
    """Make the gateway's end; there are no options."""
    _none(options)
    return EirClient()


def server(options: Mapping[str, object]) -> EirServer:
    """Make the register's end; there are no options."""
    _none(options)
    return EirServer()


def _none(options: Mapping[str, object]) -> None:
    if options:
        raise NotSpoken(f"eir knows no option {sorted(options)}; it has none")
