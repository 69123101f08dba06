"""OsmoHLR's control interface (CTRL, port 4259): short texts in IPA frames, nobody logs in.

``syntax`` frames and splits the texts, ``report`` lays out what a subscriber looks like; ``client`` and ``server`` are
the two ends. What is changed here no serving node hears of; and network access, one SET for each domain, is left to
the VTY. Both ends are 1.5.0's (Debian 12); later ones add variables and take none away.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers import commands as c
from drivers.dialect import Capabilities
from drivers.dialects._osmo.holding import fit
from drivers.dialects._osmo.writing import algorithm_2g, known
from drivers.dialects.osmo_ctrl.client import CtrlClient
from drivers.dialects.osmo_ctrl.server import CtrlServer

__all__ = ["CAPABILITIES", "client", "fit", "server"]

CAPABILITIES = Capabilities(
    commands=frozenset(
        {
            c.KeepAlive,
            c.PutKeys,
            c.ReadKeys,
            c.CreateSubscriber,
            c.RemoveSubscriber,
            c.AssignMsisdn,
            c.ReleaseMsisdn,
            c.ReadSubscriber,
        }
    ),
    facets=frozenset(),
    max_window=64,
    keys_with_subscriber=True,
)


def client(options: Mapping[str, object]) -> CtrlClient:
    """Make the gateway's end; option: ``algorithm_2g``, that of keys without OPc (comp128v1)."""
    known("osmo_ctrl", options, {"algorithm_2g"})
    return CtrlClient(algorithm_2g(options))


def server(options: Mapping[str, object]) -> CtrlServer:
    """Make the element's end; the same options."""
    known("osmo_ctrl", options, {"algorithm_2g"})
    algorithm_2g(options)  # it takes any, but a wrong option is wrong at both ends
    return CtrlServer()
