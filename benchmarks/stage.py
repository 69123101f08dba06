"""The processes a measurement needs: the simulated network and the gateway, each on its own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.elements import ElementConfig
from gateway.settings import packaged_directory, read_settings, read_toml


@dataclass(frozen=True, slots=True)
class Stage:
    """A simulated network that is up, and a configuration that leads to it."""

    directory: Path
    config: Path
    environment: dict[str, str] = field(repr=False)
    token: str = field(repr=False)

    def element(self, name: str) -> ElementConfig:
        """Return one element's configuration, passwords included."""
        element = read_settings(self.config, self.directory).topology.elements[name]
        password = self.environment[_variable(name)]
        return replace(element, password=password, ssh_password=self.environment["LINEGATE_ORANGE_SSH_PASSWORD"])


@contextmanager
def network(directory: Path) -> Iterator[Stage]:
    """Start the simulated network in its own process."""
    elements = read_toml(packaged_directory() / "elements.toml")["elements"]
    passwords = {name: secrets.token_hex(4) for name in elements}  # SMPP 3.4: at most 8 characters
    ssh_password = secrets.token_hex(8)
    command = [sys.executable, "-m", "hlr_sim", "--data", str(directory / "sim"), "--port", "0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"passwords": passwords, "ssh_passwords": {"orange": ssh_password}}) + "\n")
        process.stdin.flush()
        ready = json.loads(process.stdout.readline())
        config = _write_config(directory / "config", ready["elements"])
        token = secrets.token_urlsafe(16)
        environment = {_variable(name): word for name, word in passwords.items()}
        environment |= {"LINEGATE_ORANGE_SSH_PASSWORD": ssh_password, "LINEGATE_TOKEN": token}
        try:
            yield Stage(directory, config, environment, token)
        finally:
            process.stdin.close()
            process.wait(10)


@contextmanager
def gateway(stage: Stage, data: Path) -> Iterator[int]:
    """Start the gateway in its own process; give its port."""
    with gateway_alone(stage.config, data, stage.environment) as port:
        yield port


@contextmanager
def gateway_alone(config: Path, data: Path, environment: dict[str, str]) -> Iterator[int]:
    """Start a gateway of this configuration in its own process; give its port."""
    command = [sys.executable, "-m", "gateway.cli", "serve", "--config", str(config), "--data", str(data)]
    with serving([*command, "--port", "0"], environment) as port:
        yield port


@contextmanager
def serving(command: list[str], environment: dict[str, str]) -> Iterator[int]:
    """Start a server that prints ``ready http://…:PORT`` and give its port."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("ready http://"):
                break
        try:
            yield int(line.split()[1].rpartition(":")[2])
        finally:
            process.terminate()
            process.wait(15)


def _variable(element: str) -> str:
    return f"LINEGATE_{element.upper().replace('-', '_')}_PASSWORD"


def _write_config(config: Path, elements: dict[str, dict[str, object]]) -> Path:
    """Copy the packaged configuration, led to where the simulated elements listen."""
    shutil.copytree(packaged_directory(), config)
    lines, name = [], ""
    for line in (config / "elements.toml").read_text().splitlines():
        if line.startswith("[elements."):
            name = line.partition("]")[0].removeprefix("[elements.")
        lines.append(f"port = {elements[name]['port']}" if line.startswith("port = ") else line)
    (config / "elements.toml").write_text("\n".join(lines) + "\n")
    ssh = elements["orange"]
    (config / "known_hosts").write_text(f"[{ssh['host']}]:{ssh['port']} {ssh['host_key']}\n")
    return config
