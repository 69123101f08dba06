"""Which elements serve which contracts' lines, read off the contracts' hosts and the routes."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.contract.rules import Rules
from gateway.routing import Topology


class Hosting:
    """Elements here are what commands are addressed to: an element, or a group of them under its own name."""

    def __init__(self, contracts: Mapping[str, Rules], topology: Topology) -> None:
        self._hosts = [
            (rules.name, name, topology.targets(host.element), host.imsi_prefixes)
            for rules in contracts.values()
            for name, host in rules.hosts.items()
        ]

    def elements(self, contract: str | None = None) -> tuple[str, ...]:
        """Name every element, or group, that may serve a contract's lines."""
        found = (target for name, _, targets, _ in self._hosts if contract in (None, name) for target in targets)
        return tuple(dict.fromkeys(found))

    def hosts(self, element: str, contract: str | None = None) -> tuple[tuple[str, str], ...]:
        """Name the contracts and hosts whose lines an element may serve."""
        return tuple((n, h) for n, h, targets, _ in self._hosts if element in targets and contract in (None, n))

    def contracts(self, element: str, imsi: str) -> tuple[str, ...]:
        """Name the contracts an element's subscriber may belong to."""
        found = (n for n, _, targets, prefixes in self._hosts if element in targets and imsi.startswith(prefixes))
        return tuple(dict.fromkeys(found))

    def prefixes(self, element: str, contract: str | None = None) -> tuple[str, ...]:
        """Name the beginnings of the IMSIs an element may hold, none within another."""
        chosen = (prefixes for n, _, targets, prefixes in self._hosts if element in targets and contract in (None, n))
        found = {prefix for prefixes in chosen for prefix in prefixes}
        return tuple(sorted(p for p in found if not any(p != other and p.startswith(other) for other in found)))

    def shares_host(self, element: str) -> bool:
        """Tell whether any host's lines may be served by this element or by another one."""
        return any(element in targets and len(targets) > 1 for _, _, targets, _ in self._hosts)
