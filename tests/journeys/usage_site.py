"""A site with ten thousand lines in service that takes a day of usage, and everything that can be asked of it after."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.agreement import Json
from tests.journeys.programs import LINEGATE
from tests.journeys.site import TOKEN, Site
from tests.journeys.usage_day import CLIENTS, HALVES, Day, Post, order_file

_PATIENCE_S = 120.0
_PAGE = 200
_INBOX_PAGE = 10_000
_TROUBLE = {"system_error_every": 9}  # of the message centre: an alert that is tried again may be overtaken
_PATIENT = "answer_timeout_s = 20"  # of a busy machine: a message must not be sent twice because it was slow


class UsageSite(Site):
    """Two processes on whose lines a day is played."""

    def open_lines(self, day: Day, folder: Path) -> Json:
        """Activate every line by one file; return what the command says."""
        file = folder / "lines.csv"
        file.write_text(order_file(day.lines))
        self.import_cards()
        environment = {**os.environ, "LINEGATE_URL": self.gateway_url, "LINEGATE_TOKEN": TOKEN}
        command = [LINEGATE, "order", "bulk", str(file), "--wait", "--json"]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr + ended.stdout[:2000]
        told: Json = json.loads(ended.stdout)
        return told

    def play(self, day: Day) -> list[list[Json]]:
        """Post the day by clients at once; return the answers of each. Between the halves messages may arrive."""
        answers: list[list[Json]] = [[] for _ in range(CLIENTS)]
        httpx.post(f"{self.sim_url}/smsc/smsc/knobs", json=_TROUBLE, trust_env=False).raise_for_status()
        for half in range(HALVES):
            with ThreadPoolExecutor(CLIENTS) as clients:
                for client, some in enumerate(clients.map(self._post_all, day.posts[half])):
                    answers[client] += some
            self.settle()
        return answers

    def settle(self) -> None:
        """Wait until nothing is to be sent and no limit is to be laid."""
        with self.web() as web:
            until(lambda: not any(self._waiting(web)), "messages or limits were still under way")

    def web(self) -> httpx.Client:
        """Open a connection to the gateway."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.Client(base_url=self.gateway_url, headers=headers, timeout=60, trust_env=False)

    def pages(self, path: str, **wanted: str) -> list[Json]:
        """Return everything a list of the gateway has."""
        found: list[Json] = []
        with self.web() as web:
            page: Json = {"next": ""}
            while page["next"] is not None:
                cursor = {"cursor": page["next"]} if page["next"] else {}
                answer = web.get(path, params={"limit": _PAGE, **wanted, **cursor})
                assert answer.status_code == 200, answer.text
                page = answer.json()
                found += page["items"]
        return found

    def inbox(self) -> Iterator[Json]:
        """Every message that has reached a phone, in the order of delivery."""
        with httpx.Client(base_url=self.sim_url, timeout=60, trust_env=False) as network:
            page: Json = {"last": 0}
            while True:
                wanted: dict[str, Any] = {"after": page["last"], "limit": _INBOX_PAGE, "element": "smsc"}
                page = network.get("/sms", params=wanted).json()
                yield from page["items"]
                if len(page["items"]) < _INBOX_PAGE:
                    return

    def probe(self, imsis: list[str], at: str) -> dict[str, Json]:
        """Ask what phones would get."""
        with httpx.Client(base_url=self.sim_url, timeout=60, trust_env=False) as network:
            return {imsi: network.get(f"/network/{imsi}", params={"at": at}).json() for imsi in imsis}

    def _post_all(self, posts: list[Post]) -> list[Json]:
        with self.web() as web:
            answers = [web.post("/v1/usage", content=post.body, headers=post.headers) for post in posts]
        assert [answer.status_code for answer in answers] == [200] * len(posts), [a.text[:500] for a in answers]
        return [answer.json() for answer in answers]

    def _waiting(self, web: httpx.Client) -> Iterator[object]:
        for state in ("queued", "sending"):
            yield web.get("/v1/messages", params={"state": state, "limit": 1}).json()["items"]
        for state in ("acknowledged", "in_progress"):
            yield web.get("/v1/orders", params={"state": state, "limit": 1}).json()["items"]

    def _write_config(self, host_key: str | None) -> None:
        super()._write_config(host_key)
        elements = self.directory / "config" / "elements.toml"
        elements.write_text(elements.read_text().replace("answer_timeout_s = 1", _PATIENT))
        gateway = self.directory / "config" / "linegate.toml"
        quick = r"\1 = 0.5, longest_s = 1,"
        gateway.write_text(re.sub(r"(?m)^(0x08 = .*first_s) = [0-9]+, longest_s = [0-9]+,", quick, gateway.read_text()))


def until(holds: Callable[[], bool], why: str) -> None:
    """Wait for something."""
    over = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < over, why
        time.sleep(0.1)
