"""NPC: a number portability clearing house, spoken to in one JSON object a line, over TCP or TLS.

``lines`` cuts bytes into objects, ``words`` ties verbs to commands, ``codes`` refusals to reasons, ``report`` lays out
a file; ``client`` and ``server`` are the two ends of one conversation.

A request is ``{"n": 7, "verb": "READ_PORT", "reference": "P-1"}``; its answer carries the same ``n``, ``ok``, a
``code``, a ``text`` for people, and ``file`` or ``files`` where something was to be told. Answers may come in any
order. The first request is ``LOGIN``.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers.dialect import Capabilities, Fit, fit_by_facets
from drivers.dialects.npc.client import NpcClient
from drivers.dialects.npc.server import NpcServer
from drivers.dialects.npc.words import VERBS
from drivers.errors import NotSpoken
from drivers.subscription import Subscription

CAPABILITIES = Capabilities(commands=frozenset(VERBS.values()), facets=frozenset(), max_window=64)


def fit(wanted: Subscription, capabilities: Capabilities) -> Fit:
    """Say how a clearing house holds a subscription: it has no place for any of it."""
    return fit_by_facets(wanted, capabilities)


def client(options: Mapping[str, object]) -> NpcClient:
    """Make the gateway's end; there are no options."""
    _none(options)
    return NpcClient()


def server(options: Mapping[str, object]) -> NpcServer:
    """Make the clearing house's end; there are no options."""
    _none(options)
    return NpcServer()


def _none(options: Mapping[str, object]) -> None:
    if options:
        raise NotSpoken(f"npc knows no option {sorted(options)}; it has none")
