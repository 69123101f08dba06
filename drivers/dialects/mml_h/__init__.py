"""MML-H: the man-machine language of the HLR9820/HSS9860 family, spoken over TCP or SSH.

``syntax`` splits bytes into commands and answers, ``words`` ties facets to parameters, ``report`` lays out what
``LST SUB`` prints; ``client`` and ``server`` are the two ends of one conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from drivers import commands as c
from drivers import subscription as s
from drivers.dialect import Capabilities, Fit, fit_by_facets
from drivers.dialects.mml_h.client import MmlClient
from drivers.dialects.mml_h.server import MmlServer
from drivers.dialects.mml_h.words import Vocabulary

CAPABILITIES = Capabilities(
    commands=frozenset(
        {
            c.Login,
            c.KeepAlive,
            c.PutKeys,
            c.RemoveKeys,
            c.CreateSubscriber,
            c.RemoveSubscriber,
            c.ChangeImsi,
            c.ChangeMsisdn,
            c.Provide,
            c.CancelLocation,
            c.ReadSubscriber,
            c.ReadKeys,
        }
    ),
    facets=frozenset(
        {
            s.ServiceLock,
            s.NetworkAccess,
            s.OutgoingBar,
            s.IncomingBar,
            s.RoamingBar,
            s.PacketBar,
            s.HomeBar,
            s.PremiumBar,
            s.RatAccess,
            s.ApnAccess,
            s.SpeedCap,
        }
    ),
    max_window=64,
    pushes=frozenset({c.RemoveSubscriber}),  # TS 23.012 §3.6; of anything else its serving node hears by SND CANCELC
)


def fit(wanted: s.Subscription, capabilities: Capabilities) -> Fit:
    """Say how an element of this family holds a subscription: each facet as it is, but never without any domain."""
    held = fit_by_facets(wanted, capabilities)
    if held.held.access is not s.NetworkAccess.NONE:
        return held
    return Fit(replace(held.held, access=s.NetworkAccess.BOTH), (*held.missing, "cannot close both domains by NAM"))


def client(options: Mapping[str, object]) -> MmlClient:
    """Make the gateway's end; options: ``hlr_sn`` (number), ``apn_templates`` (APN name to template id)."""
    return MmlClient(Vocabulary.from_options(options))


def server(options: Mapping[str, object]) -> MmlServer:
    """Make the element's end; the same options."""
    return MmlServer(Vocabulary.from_options(options))
