"""Kannel as an ESME: bearerbox speaks SMPP, smsbox takes messages over HTTP and calls back with what became of them."""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.journeys.programs import LOOPBACK, Program, free_port
from tests.peers.smpp.centres import PASSWORD, SYSTEM_ID
from tests.peers.smpp.scripted import installed, wait_until

NO_MATCH = "got DLR but could not find message"
_ACCESS = "fakeKan1"
# Kannel ends a group at the first blank line: there is none inside, and one after each
_BEARERBOX = """\
group = core
admin-port = {admin}
admin-interface = {host}
admin-password = {access}
status-password = {access}
smsbox-port = {smsbox}
smsbox-interface = {host}
box-allow-ip = "{host}"
log-file = "{directory}/bearerbox.log"
log-level = 0
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = sim
host = {host}
port = {smsc}
transceiver-mode = true
smsc-username = {system_id}
smsc-password = {password}
system-type = ""
interface-version = 34
enquire-link-interval = 1
reconnect-delay = 1
max-pending-submits = 50
source-addr-ton = 5
source-addr-npi = 0
dest-addr-ton = 1
dest-addr-npi = 1
{msg_id_type}
"""
_SMSBOX = """\
group = smsbox
bearerbox-host = {host}
sendsms-port = {sendsms}
sendsms-interface = {host}
log-file = "{directory}/smsbox.log"
log-level = 1

group = sendsms-user
username = tester
password = {access}
max-messages = 5
concatenation = true

"""


class Callbacks:
    """Where smsbox reports: ``types`` of what happened to each message, by the name it was sent with."""

    def __init__(self) -> None:
        self._heard: list[tuple[str, int]] = []
        heard = self._heard

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query)
                heard.append((asked["name"][0], int(asked["type"][0])))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Page)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def types(self, name: str) -> list[int]:
        """What happened to one message: 8 accepted by the SMSC, 16 refused by it, 1 delivered, 2 not delivered."""
        return [kind for of, kind in self._heard if of == name]

    def url(self, name: str) -> str:
        """Where to report on a message; Kannel fills in the type."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/?name={name}&type=%d"

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Kannel:
    """Both boxes, their configuration and their logs in one directory."""

    def __init__(self, directory: Path, smsc_port: int, msg_id_type: str | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.callbacks = Callbacks()
        self._directory = directory
        self._ports = {name: free_port() for name in ("admin", "smsbox", "sendsms")}
        told = {"host": LOOPBACK, "smsc": smsc_port, "directory": directory, "access": _ACCESS, **self._ports}
        told |= {"system_id": SYSTEM_ID, "password": PASSWORD}
        told["msg_id_type"] = f"msg-id-type = {msg_id_type}\n" if msg_id_type else ""
        file = directory / "kannel.conf"
        file.write_text(_BEARERBOX.format_map(told) + _SMSBOX.format_map(told))
        self._web = httpx.Client(timeout=30, trust_env=False)
        self._boxes = [self._start("bearerbox", file)]
        wait_until(lambda: "Status" in self.status, "bearerbox tells its status")
        self._boxes.append(self._start("smsbox", file))
        wait_until(lambda: "smsbox" in self.status, "smsbox is connected")

    @property
    def status(self) -> str:
        """The status page; empty while there is none."""
        try:
            page = self._web.get(f"http://{LOOPBACK}:{self._ports['admin']}/status.txt", params={"password": _ACCESS})
        except httpx.TransportError:
            return ""
        return page.text

    @property
    def is_online(self) -> bool:
        """Whether the SMSC has let it bind."""
        return bool(re.search(r"^\s*sim\b.*\(online ", self.status, re.MULTILINE))

    @property
    def sent(self) -> int:
        """How many messages an SMSC has taken from it."""
        found = re.search(r"SMS: received \d+ \(\d+ queued\), sent (\d+)", self.status)
        return int(found[1]) if found else 0

    @property
    def log(self) -> str:
        """What bearerbox has logged, PDUs included."""
        return (self._directory / "bearerbox.log").read_text(encoding="utf-8", errors="replace")

    def send(self, name: str, to: int, text: str, **more: str) -> None:
        """Hand over one message, to be reported on under a name; ``more`` as sendsms knows it, ``coding`` for one."""
        asked: Mapping[str, str] = {"username": "tester", "password": _ACCESS, "from": "MVNO", "to": str(to)}
        asked = {
            **asked,
            "text": text,
            "charset": "UTF-8",
            "dlr-mask": "31",
            "dlr-url": self.callbacks.url(name),
            **more,
        }
        answer = self._web.get(f"http://{LOOPBACK}:{self._ports['sendsms']}/cgi-bin/sendsms", params=asked)
        assert answer.status_code == 202, answer.text

    def send_batch(self, text: str, numbers: range) -> None:
        """Have mtbatch hand over one text for many numbers; returns when it has."""
        content, receivers = self._directory / "content.txt", self._directory / "receivers.txt"
        content.write_text(text)
        receivers.write_text("".join(f"{number}\n" for number in numbers))
        where = ["-f", "MVNO", "-b", LOOPBACK, "-p", str(self._ports["smsbox"])]
        batch = [installed("mtbatch"), "-v", "4", *where, str(content), str(receivers)]
        done = subprocess.run(batch, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr[-2000:]

    def end(self) -> None:
        """End both boxes, and wait until their ports are free."""
        for box in reversed(self._boxes):
            box.end()
        self._web.close()
        self.callbacks.close()

    def _start(self, box: str, file: Path) -> Program:
        return Program([installed(box), "-v", "4", str(file)], {}, self._directory / box)


@contextlib.contextmanager
def kannel(directory: Path, smsc_port: int, msg_id_type: str | None = None) -> Iterator[Kannel]:
    """Run one."""
    gateway = Kannel(directory, smsc_port, msg_id_type)
    try:
        yield gateway
    finally:
        gateway.end()
