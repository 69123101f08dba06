"""A simulated network and any number of gateways before it, on one database, each to be killed, frozen or cut off."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.crash.doors import Doors
from tests.journeys.programs import CHECKOUT, LINEGATE, Program, free_port
from tests.journeys.site import PASSWORDS, SSH_PASSWORD, TOKEN, VAULT_KEY, Site
from tests.peers.postgres import PostgresServer

FIRST, SECOND = "gateway", "second"


@dataclass
class CrashSite(Site):
    """See Site. ``server`` and ``database``: a PostgreSQL and the URL of ours in it; none: a file of the only instance.

    ``prefix`` stands before every gateway's command line: a namespace to run it in, say.
    """

    scenario: str = "tcp"
    server: PostgresServer | None = None
    database: str | None = field(default=None, repr=False)
    lease_s: int = 5
    prefix: Sequence[str] = ()
    instances: dict[str, Program] = field(default_factory=dict)
    storms: int = 0  # how many have been endured here
    urls: list[str] = field(default_factory=list)  # of the instances clients are sent to

    @property
    def doors(self) -> Doors:
        """Where clients go."""
        return self.urls, self.sim_url

    def url(self, name: str = FIRST) -> str:
        """Where one instance listens."""
        return f"http://127.0.0.1:{self._ports.setdefault(name, free_port())}"

    @property
    def postgres(self) -> PostgresServer:
        """The server of the shared database."""
        assert self.server is not None, "this site has no PostgreSQL"
        return self.server

    def start_gateway(self) -> Program:
        """See Site."""
        self.gateway = self.start(FIRST)
        return self.gateway

    def start(self, name: str, database: str | None = None) -> Program:
        """Start one instance, with data of its own and at its port, and send clients to it; does not wait."""
        url, shared = self.url(name), database or self.database
        program = Program(self.command(name), self.environment(shared), self._log(name))
        self.instances[name] = program
        if url not in self.urls:
            self.urls.append(url)
        return program

    def turn_away(self, name: str) -> None:
        """Send no more clients there."""
        self.urls.remove(self.url(name))

    def command(self, name: str) -> list[str]:
        """Return what one instance is started with."""
        self.url(name)
        arguments = ["--config", str(self.directory / "config"), "--data", str(self.directory / name)]
        return [*self.prefix, LINEGATE, "serve", "--verbose", *arguments, "--port", str(self._ports[name])]

    def environment(self, database: str | None) -> dict[str, str]:
        """Return the secrets an instance is told."""
        elements = tomllib.loads((CHECKOUT / "config/elements.toml").read_text("utf-8"))["elements"]
        named = {element.get("password_env"): PASSWORDS[name] for name, element in elements.items()}
        told = {"LINEGATE_ORANGE_SSH_PASSWORD": SSH_PASSWORD, "LINEGATE_TOKEN": TOKEN, "LINEGATE_VAULT_KEY": VAULT_KEY}
        told |= {} if database is None else {"LINEGATE_DATABASE": database}
        return told | {variable: password for variable, password in named.items() if variable is not None}

    def logs(self, name: str = FIRST) -> str:
        """Return everything an instance has logged, in all its lives."""
        files = sorted((self.directory / "logs").glob(f"*-{name}.err"))
        return "".join(file.read_text(encoding="utf-8", errors="replace") for file in files)

    def end(self) -> None:
        """See Site."""
        for program in (*self.instances.values(), self.sim):
            program.thaw()
            program.end()

    def _write_config(self, host_key: str | None) -> None:
        super()._write_config(host_key)
        file = self.directory / "config" / "linegate.toml"
        told, leases = re.subn(r"(?m)^lease_s = \d+", f"lease_s = {self.lease_s}", file.read_text(encoding="utf-8"))
        assert leases == 1
        file.write_text(told, encoding="utf-8")
