"""MML-H: the man-machine language of the HLR9820/HSS9860 family, spoken over TCP or SSH.

``syntax`` splits bytes into commands and answers, ``words`` and ``services`` tie facets to parameters, ``report`` lays
out what ``LST SUB`` prints; ``client`` and ``server`` are the two ends of one conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from drivers import commands as c
from drivers import subscription as s
from drivers.dialect import Capabilities, Fit, fit_with_a_domain
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
    facets=frozenset(get_args(s.Facet)),
    max_window=64,
    pushes=frozenset({c.RemoveSubscriber}),  # TS 23.012 §3.6; of anything else its serving node hears by SND CANCELC
)


def fit(wanted: s.Subscription, capabilities: Capabilities) -> Fit:
    """Say how an element of this family holds a subscription: each facet as it is, but never without any domain."""
    return fit_with_a_domain(wanted, capabilities)


def client(options: Mapping[str, object]) -> MmlClient:
    """Make the gateway's end; options: ``hlr_sn`` (number), ``apn_templates`` (APN name to template id)."""
    return MmlClient(Vocabulary.from_options(options))


def server(options: Mapping[str, object]) -> MmlServer:
    """Make the element's end; the same options."""
    return MmlServer(Vocabulary.from_options(options))
