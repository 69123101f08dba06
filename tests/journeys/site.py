"""A gateway and a simulated network as two processes that can be killed and frozen apart from each other."""

from __future__ import annotations

import base64
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import httpx

from tests.journeys.cards import Stock
from tests.journeys.programs import CHECKOUT, LINEGATE, LOOPBACK, Program, free_port

_ELEMENTS: dict[str, dict[str, Any]] = tomllib.loads((CHECKOUT / "config/elements.toml").read_text("utf-8"))["elements"]
TOKEN = "fake-token-of-the-journeys"
PASSWORDS = {name: f"fakePw{n:02d}" for n, name in enumerate(_ELEMENTS)} | {"smsc": "fakeSms1"}
SSH_PASSWORD = "fake-ssh-password-of-orange"
VAULT_KEY = base64.b64encode(b"fake vault key, 32 bytes of text").decode()
NEVER_WRITTEN = (TOKEN, *PASSWORDS.values(), SSH_PASSWORD, VAULT_KEY)
#: what differs in elements.toml for an element (``None``: the key is left out)
_Changes = dict[str, str | None]
_QUICK: _Changes = {"answer_timeout_s": "1", "connect_timeout_s": "2"}
_NO_SSH: _Changes = {"transport": '"tcp"', "ssh_user": None, "ssh_password_env": None, "known_hosts": None}
_CAI: _Changes = {"dialect": '"cai"', "sessions": "8", "window": "1", "hlr_sn": None, "apn_templates": None}


@dataclass
class Site:
    """Two processes, their data, and the ports they keep over restarts."""

    esme: ClassVar[str] = "reconnect_max_s = 1"  # of the message centre, in TOML

    directory: Path
    stock: Stock = field(default_factory=Stock)
    scenario: str = "default"
    _starts: int = 0

    def __post_init__(self) -> None:
        self._ports = {name: free_port() for name in ("gateway", "sim", *PASSWORDS)}
        self._scenario = self.directory / "network.toml"
        self._scenario.write_text(_rewritten(f"config/scenarios/{self.scenario}.toml", self._ports, {}))
        self.sim = self.start_sim()
        ready = json.loads(self.sim.ready())
        self._write_config(ready["elements"]["orange"].get("host_key"))
        self.gateway = self.start_gateway()
        self.gateway.ready()

    @property
    def sim_data(self) -> Path:
        return self.directory / "sim"

    @property
    def gateway_url(self) -> str:
        return f"http://{LOOPBACK}:{self._ports['gateway']}"

    @property
    def sim_url(self) -> str:
        return f"http://{LOOPBACK}:{self._ports['sim']}"

    def start_sim(self) -> Program:
        """Start the simulated network, on its data and at its ports; does not wait."""
        told = {"passwords": PASSWORDS, "ssh_passwords": {"orange": SSH_PASSWORD}}
        arguments = [sys.executable, "-m", "hlr_sim", "--data", str(self.sim_data)]
        arguments += ["--port", str(self._ports["sim"]), "--scenario", str(self._scenario)]
        self.sim = Program(arguments, {}, self._log("sim"), json.dumps(told))
        return self.sim

    def start_gateway(self) -> Program:
        """Start the gateway, on its journal and at its port; does not wait."""
        named = ((element.get("password_env"), PASSWORDS[name]) for name, element in _ELEMENTS.items())
        environment = {variable: password for variable, password in named if variable is not None}
        environment |= {"LINEGATE_ORANGE_SSH_PASSWORD": SSH_PASSWORD, "LINEGATE_TOKEN": TOKEN}
        environment["LINEGATE_VAULT_KEY"] = VAULT_KEY
        arguments = [LINEGATE, "serve", "--verbose", "--config", str(self.directory / "config")]
        arguments += ["--data", str(self.directory / "gateway"), "--port", str(self._ports["gateway"])]
        self.gateway = Program(arguments, environment, self._log("gateway"))
        return self.gateway

    def import_cards(self) -> None:
        """Import the vendor files of every card the stock has drawn since the last time."""
        import_cards(self.gateway_url, self.stock)

    def end(self) -> None:
        """End both processes."""
        for program in (self.gateway, self.sim):
            program.thaw()
            program.end()

    def _log(self, name: str) -> Path:
        self._starts += 1
        return self.directory / "logs" / f"{self._starts:03d}-{name}"

    def _write_config(self, host_key: str | None) -> None:
        folder = self.directory / "config"
        shutil.copytree(CHECKOUT / "config", folder)
        doors = tomllib.loads(self._scenario.read_text("utf-8"))["elements"]
        changed = {name: _QUICK | _as_behind(element, doors.get(name, element)) for name, element in _ELEMENTS.items()}
        elements = _rewritten("config/elements.toml", self._ports, changed)
        (folder / "elements.toml").write_text(f"{elements}\n[elements.smsc.esme]\n{self.esme}\n")
        (folder / "known_hosts").write_text(f"[{LOOPBACK}]:{self._ports['orange']} {host_key}\n")


def import_cards(gateway_url: str, stock: Stock) -> None:
    """Post one vendor file for each host."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/plain"}
    with httpx.Client(base_url=gateway_url, headers=headers, timeout=60, trust_env=False) as web:
        for text in stock.vendor_files():
            answer = web.post("/v1/sims/import", content=text)
            report = answer.json()
            assert (answer.status_code, report.get("problems")) == (200, []), report
            assert report["imported"] == report["rows"], report


def _as_behind(element: Mapping[str, Any], door: Mapping[str, Any]) -> _Changes:
    """What must be said otherwise of an element so that it fits its door."""
    no_ssh = element["transport"] == "ssh" and door["transport"] == "tcp"
    return (_NO_SSH if no_ssh else {}) | (_CAI if door["dialect"] == "cai" else {})


def _rewritten(file: str, ports: Mapping[str, int], changed: Mapping[str, Mapping[str, str | None]]) -> str:
    """Return one of our own configuration files with each element at its port, and some of its keys changed."""
    lines, element = [], ""
    for line in (CHECKOUT / file).read_text(encoding="utf-8").splitlines():
        if header := re.match(r"\[elements\.([a-z-]+)]", line):
            element = header[1]
        key = line.partition("=")[0].strip()
        if key == "port":
            lines.append(f"port = {ports[element]}")
        elif key in changed.get(element, {}):
            value = changed[element][key]
            lines += [] if value is None else [f"{key} = {value}"]
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"
