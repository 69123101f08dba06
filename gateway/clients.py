"""Who else may speak to the gateway than its administrator: ``[api_tokens.clients.<name>]`` of linegate.toml."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.contract.rulebook.bounds import OWN_CHANNELS
from gateway.contract.table import Table


class Right(StrEnum):
    """What a token may be used for; everything else is the administrator's."""

    ORDER = "order"  # post and move orders, loss reports, bulk orders, handsets
    READ = "read"
    APPROVE = "approve"  # be the second person of a bulk order
    IMPORT = "import"  # put SIM vendors' files into stock
    DISCLOSE = "disclose"  # be told a card's secrets
    USAGE = "usage"  # tell of use
    MESSAGE = "message"  # send short messages


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A client of the REST contract: the channels it speaks for and what it may.

    ``token`` is ``None`` while the environment does not hold it: nobody is let in under this name then.
    """

    name: str
    channels: tuple[str, ...]
    may: frozenset[Right]
    token_env: str
    token: str | None = field(default=None, repr=False)


def read_clients(tokens: Table, admin_token: str | None) -> tuple[ApiClient, ...]:
    """Read the clients of ``[api_tokens]``; mistakes are noted in the tables."""
    found = {name: (table, _read(name, table)) for name, table in tokens.tables("clients", optional=True).items()}
    seen = {} if admin_token is None else {admin_token: "the administrator"}
    for name, (table, client) in found.items():
        if client.token is not None and (other := seen.setdefault(client.token, name)) != name:
            table.wrong("token_env", f"holds the same token as {other}'s: give each its own")
    return tuple(client for _, client in found.values())


def _read(name: str, table: Table) -> ApiClient:
    token_env, channels = table.text("token_env"), table.texts("channels")
    if not channels or not all(channels):
        table.wrong("channels", 'must name at least one channel, as ["shop"]')
    for channel in sorted(OWN_CHANNELS.intersection(channels)):
        table.wrong("channels", f"{channel} is the gateway's own channel: name it otherwise")
    may = frozenset(Right(word) for word in table.choices("may", [right.value for right in Right]))
    return ApiClient(name, channels, may, token_env, os.environ.get(token_env) or None)


def without_token(clients: Iterable[ApiClient]) -> list[str]:
    """Say of every client whose token is missing what to do about it."""
    return [
        f"the client {client.name} cannot log in: set {client.token_env}" for client in clients if client.token is None
    ]
