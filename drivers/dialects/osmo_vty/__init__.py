"""OsmoHLR's operator terminal (VTY, port 4258): a telnet dialogue of lines, each echoed, each answer before a prompt.

``syntax`` cuts what comes into answers, ``report`` reads and lays out what a subscriber looks like; ``client`` and
``server`` are the two ends. Network access and a changed number are told to the serving node from here, and only here.

A trap of the real one, measured with 1.5.0: network access that could not be stored, because another hand holds the
database, is confirmed all the same. So this dialect looks before it believes that.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers import commands as c
from drivers import subscription as s
from drivers.dialect import Capabilities
from drivers.dialects._osmo.holding import fit
from drivers.dialects._osmo.writing import algorithm_2g
from drivers.dialects.osmo_vty.client import VtyClient
from drivers.dialects.osmo_vty.options import Manner
from drivers.dialects.osmo_vty.server import VtyServer

__all__ = ["CAPABILITIES", "client", "fit", "server"]

CAPABILITIES = Capabilities(
    commands=frozenset(
        {
            c.Login,
            c.KeepAlive,
            c.PutKeys,
            c.ReadKeys,
            c.CreateSubscriber,
            c.RemoveSubscriber,
            c.ChangeMsisdn,
            c.AssignMsisdn,
            c.ReleaseMsisdn,
            c.Provide,
            c.ReadSubscriber,
            c.ListSubscribers,
        }
    ),
    facets=frozenset({s.NetworkAccess}),
    max_window=20,
    pushes=frozenset({s.NetworkAccess, c.ChangeMsisdn}),  # a released number too, but as if it were still there
    keys_with_subscriber=True,
)


def client(options: Mapping[str, object]) -> VtyClient:
    """Make the gateway's end.

    Options: ``prompt``, the element's host name (OsmoHLR); ``algorithm_2g``, that of keys without OPc (comp128v1).
    """
    return VtyClient(Manner.from_options(options), algorithm_2g(options))


def server(options: Mapping[str, object]) -> VtyServer:
    """Make the element's end; one more option: ``login``, whether it asks for a password (it does)."""
    algorithm_2g(options)
    return VtyServer(Manner.from_options(options))
