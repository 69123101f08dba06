"""Our simulated network as a process of its own, with nothing in it but a short message service centre."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.programs import LOOPBACK, Program, free_port
from tests.peers.smpp.centres import PASSWORD, SYSTEM_ID

_SCENARIO = """\
spec = "1"
[elements.smsc]
dialect = "smpp"
transport = "tcp"
host = "{host}"
port = {port}
user = "{user}"
"""


class Sim:
    """One process; ``turn`` its knobs, look into its ``inbox``."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        scenario = directory / "scenario.toml"
        scenario.write_text(_SCENARIO.format(host=LOOPBACK, port=self.port, user=SYSTEM_ID))
        arguments = [sys.executable, "-m", "hlr_sim", "--data", str(directory / "sim"), "--port", "0"]
        told = json.dumps({"passwords": {"smsc": PASSWORD}})
        self._program = Program([*arguments, "--scenario", str(scenario)], {}, directory / "logs" / "sim", told)
        self._web = httpx.Client(base_url=json.loads(self._program.ready())["http"], timeout=60, trust_env=False)

    def turn(self, **knobs: object) -> None:
        """Turn some knobs; see hlr_sim/smsc/knobs.py."""
        answer = self._web.post("/smsc/smsc/knobs", json=knobs)
        assert answer.is_success, answer.text

    def inbox(self, to: int | str) -> list[dict[str, Any]]:
        """The messages one number has got, oldest first."""
        answer = self._web.get("/sms", params={"to": f"+{to}"})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def end(self) -> None:
        """End it."""
        self._web.close()
        self._program.end()


@contextlib.contextmanager
def simulator(directory: Path) -> Iterator[Sim]:
    """Run one."""
    sim = Sim(directory)
    try:
        yield sim
    finally:
        sim.end()
