"""SMPP 3.4 over smpplib's PDU code: `pdu` frames and checks bounds, `text` encodes; both ends of a conversation."""

from __future__ import annotations

from collections.abc import Mapping

from drivers import commands as c
from drivers.dialect import Capabilities, Fit, fit_by_facets
from drivers.dialects.smpp.client import SmppClient
from drivers.dialects.smpp.server import SmppServer
from drivers.errors import NotSpoken
from drivers.subscription import Subscription

CAPABILITIES = Capabilities(commands=frozenset({c.Login, c.KeepAlive, c.SendSms}), facets=frozenset(), max_window=1000)


def fit(wanted: Subscription, capabilities: Capabilities) -> Fit:
    """Say that a short message centre holds nothing of a subscription."""
    return fit_by_facets(wanted, capabilities)


def client(options: Mapping[str, object]) -> SmppClient:
    """Make the ESME's end; option: ``system_type`` (at most 12 characters)."""
    if unknown := set(options) - {"system_type"}:
        raise NotSpoken(f"smpp knows no option {sorted(unknown)}; it knows ['system_type']")
    return SmppClient(str(options.get("system_type", "")))


def server(options: Mapping[str, object]) -> SmppServer:
    """Make the SMSC's end; it has no options."""
    if options:
        raise NotSpoken(f"the SMSC's end knows no option {sorted(options)}")
    return SmppServer()
