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
_OPTIONS = {"system_type", "binding", "address_range"}


def fit(wanted: Subscription, capabilities: Capabilities) -> Fit:
    """Say that a short message centre holds nothing of a subscription."""
    return fit_by_facets(wanted, capabilities)


def client(options: Mapping[str, object]) -> SmppClient:
    """Make the ESME's end. Raises NotSpoken for what is no option.

    Options: ``system_type`` (at most 12 characters), ``binding`` (one of ``client.BINDS``), ``address_range`` (at most
    40 characters).
    """
    if unknown := set(options) - _OPTIONS:
        raise NotSpoken(f"smpp knows no option {sorted(unknown)}; it knows {sorted(_OPTIONS)}")
    return SmppClient(**{name: str(value) for name, value in options.items()})


def server(options: Mapping[str, object]) -> SmppServer:
    """Make the SMSC's end; it has no options."""
    if options:
        raise NotSpoken(f"the SMSC's end knows no option {sorted(options)}")
    return SmppServer()
