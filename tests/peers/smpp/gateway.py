"""The gateway as a process, for messages only: its HLRs are nowhere, its message centres are whichever a test names."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.programs import CHECKOUT, LINEGATE, LOOPBACK, Program, free_port
from tests.journeys.site import TOKEN
from tests.peers.smpp.centres import PASSWORD, SYSTEM_ID
from tests.peers.smpp.scripted import wait_until

Message = dict[str, Any]
FIRST = 33_640_000_000
_TABLE = '[elements.{name}]\nrole = "{role}"\ndialect = "{dialect}"\nhost = "{host}"\nport = {port}\nuser = "{user}"\n'
_PASSWORD = 'password_env = "LINEGATE_PASSWORD"\nconnect_timeout_s = 2\nanswer_timeout_s = 2\n'
_RETRIES = '"0x4**" = { action = "retry", first_s = 0.2, longest_s = 1, most = 5 }'
_PAGE = 200
_NONE: Mapping[str, Path] = {}


@dataclass(frozen=True)
class Door:
    """One message centre as elements.toml names it; ``esme`` is its ``[….esme]``, in TOML."""

    port: int
    name: str = "smsc"
    transport: str = "tcp"
    esme: Mapping[str, str] = field(default_factory=dict)
    per_s: int | None = None

    def toml(self) -> str:
        """Write its tables."""
        head = _TABLE.format(name=self.name, role="smsc", dialect="smpp", host=LOOPBACK, port=self.port, user=SYSTEM_ID)
        keys = f'{_PASSWORD}transport = "{self.transport}"\nwindow = 10\n'
        quick = {"reconnect_min_s": "0.05", "reconnect_max_s": "0.5", "throttle_pause_s": "0.05"}
        esme = "".join(f"{key} = {value}\n" for key, value in (quick | dict(self.esme)).items())
        pace = "" if self.per_s is None else f"[elements.{self.name}.pace]\nper_s = {self.per_s}\n"
        return f"{head}{keys}{pace}[elements.{self.name}.esme]\n{esme}"


class Gateway:
    """``web`` speaks to it; it can be stopped and started on its journal."""

    def __init__(self, directory: Path, doors: Sequence[Door], files: Mapping[str, Path]) -> None:
        self._directory, self._port, self._starts = directory, free_port(), 0
        folder = directory / "config"
        shutil.copytree(CHECKOUT / "config", folder)
        for other in {*(folder / "contracts").iterdir()} - {folder / "contracts" / "technicophone.toml"}:
            other.unlink()  # their hosts are not here
        (folder / "elements.toml").write_text('spec = "1"\n' + _hlrs() + "".join(door.toml() for door in doors))
        for name, file in files.items():
            shutil.copyfile(file, folder / name)
        settings = folder / "linegate.toml"
        lines = settings.read_text().splitlines()
        settings.write_text("\n".join(_RETRIES if line.startswith('"0x4**"') else line for line in lines) + "\n")
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self.web = httpx.Client(
            base_url=f"http://{LOOPBACK}:{self._port}", headers=headers, timeout=60, trust_env=False
        )
        self.program = self.start()

    def start(self) -> Program:
        """Start it, and wait until it is ready."""
        self._starts += 1
        arguments = [LINEGATE, "serve", "--verbose", "--config", str(self._directory / "config")]
        arguments += ["--data", str(self._directory / "gateway"), "--port", str(self._port)]
        log = self._directory / "logs" / f"gateway-{self._starts}"
        self.program = Program(arguments, {"LINEGATE_PASSWORD": PASSWORD, "LINEGATE_TOKEN": TOKEN}, log)
        self.program.ready()
        return self.program

    def post(self, text: str, to: int = FIRST, **fields: object) -> Message:
        """Post one message; return the answer."""
        answer = self.web.post("/v1/messages", json={"to": f"+{to}", "text": text, **fields})
        assert answer.status_code == 202, answer.text
        queued: Message = answer.json()
        return queued

    def post_all(self, texts: Sequence[str], **fields: object) -> list[str]:
        """Post texts to numbers that count up, eight at once; return the messages' ids."""
        with ThreadPoolExecutor(8) as pool:
            posted = pool.map(lambda n: self.post(texts[n], FIRST + n, **fields), range(len(texts)))
            return [str(message["id"]) for message in posted]

    def message(self, message_id: str) -> Message:
        """Read one, with parts and receipts."""
        answer = self.web.get(f"/v1/messages/{message_id}")
        assert answer.status_code == 200, answer.text
        found: Message = answer.json()
        return found

    def messages(self) -> list[Message]:
        """List all."""
        found: list[Message] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.web.get("/v1/messages", params={"limit": _PAGE, **cursor})
            assert answer.status_code == 200, answer.text
            found += answer.json()["items"]
            if answer.json()["next"] is None:
                return found
            cursor = {"cursor": answer.json()["next"]}

    def wait_for(self, state: str, count: int, patience_s: float = 30.0) -> list[Message]:
        """Wait until so many messages, and no others, are in this state; return them."""
        return self.wait_for_all({state}, count, patience_s)

    def wait_for_all(self, states: AbstractSet[str], count: int, patience_s: float = 30.0) -> list[Message]:
        """Wait until so many messages, and no others, are in one of these states; return them."""
        with contextlib.suppress(AssertionError):  # the comparison below tells more
            wait_until(lambda: self._all_in(states, count), "all have ended", patience_s)
        found = self.messages()
        others = [message for message in found if message["state"] not in states]
        assert (len(found), others[:3]) == (count, []), f"{len(others)} others"
        return found

    def said(self) -> str:
        """All it has written to its logs."""
        return "".join(log.read_text() for log in sorted((self._directory / "logs").glob("gateway-*")))

    def end(self) -> None:
        """End it."""
        self.web.close()
        self.program.end()

    def _all_in(self, states: AbstractSet[str], count: int) -> bool:
        found = self.messages()
        return len(found) == count and all(message["state"] in states for message in found)


def _hlrs() -> str:
    """HLRs the contract names; nobody listens there, and nobody asks."""
    tables = [
        _TABLE.format(name=name, role="hlr", dialect="mml_h", host=LOOPBACK, port=free_port(), user=SYSTEM_ID)
        for name in ("orange", "sfr")
    ]
    return "".join(f'{table}{_PASSWORD}transport = "tcp"\n' for table in tables)


@contextlib.contextmanager
def gateway_at(directory: Path, *doors: Door, files: Mapping[str, Path] = _NONE) -> Iterator[Gateway]:
    """Run one; ``files`` stand beside its elements.toml."""
    gateway = Gateway(directory, doors, files)
    try:
        yield gateway
    finally:
        gateway.end()
