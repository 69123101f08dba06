"""``linegate batch`` against a gateway: sent whole over a line that breaks, validated, followed, written down."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import pytest
import uvicorn

from gateway.api import create_api
from tests.cli.conftest import Linegate
from tests.gateway.cards import card
from tests.gateway.rig import TOKEN, SimNetwork, Time, gateway_on

NUMBER = "+33612345678"


async def _serve(directory: Path, address: Future[int], stop: threading.Event) -> None:
    sim = SimNetwork(directory / "network")
    async with gateway_on(directory / "data", sim, Time()) as rig:
        await rig.stock(card(1))
        assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
        config = uvicorn.Config(create_api(rig.gateway), port=0, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
            await asyncio.sleep(0.01)
        address.set_result(server.servers[0].sockets[0].getsockname()[1])
        await asyncio.to_thread(stop.wait)
        server.should_exit = True
        await task
    await sim.close()


@pytest.fixture
def port(tmp_path: Path, linegate: Linegate, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A gateway with one line in service, in a thread of its own: the command line is synchronous."""
    del linegate  # first: it clears the environment
    told: Future[int] = Future()
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(tmp_path, told, stop)), daemon=True)
    thread.start()
    found = told.result(timeout=30)
    monkeypatch.setenv("LINEGATE_URL", f"http://127.0.0.1:{found}")
    monkeypatch.setenv("LINEGATE_TOKEN", TOKEN)
    yield found
    stop.set()
    thread.join(timeout=30)


class Cutting:
    """A line to the gateway that breaks after so many bytes, as often as told."""

    def __init__(self, port: int, cuts: int, after: int) -> None:
        self._port = port
        self._after = after
        self.cuts = cuts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._lead, args=(near,), daemon=True).start()

    def _lead(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self._port)) as far, suppress(OSError):
            back = threading.Thread(target=self._pump, args=(far, near, None), daemon=True)
            back.start()
            self._pump(near, far, self._after)
            for end in (near, far):
                end.shutdown(socket.SHUT_RDWR)
            back.join(timeout=10)

    def _pump(self, source: socket.socket, sink: socket.socket, most: int | None) -> None:
        count = 0
        with suppress(OSError):
            while data := source.recv(4096):
                count += len(data)
                if most is not None and count > most and self.cuts > 0:
                    self.cuts -= 1
                    return
                sink.sendall(data)


def rows(count: int) -> str:
    wishes = [("suspend", "unpaid"), ("reactivate", "unpaid")]
    orders = (
        {"action": wishes[n % 2][0], "line": {"msisdn": NUMBER}, "details": {"reason": wishes[n % 2][1]}}
        for n in range(count)
    )
    return "".join(json.dumps(order) + "\n" for order in orders)


def test_a_file_is_sent_over_a_line_that_breaks_and_followed(
    port: int, tmp_path: Path, linegate: Linegate, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = tmp_path / "orders.ndjson", tmp_path / "results.ndjson"
    file.write_text(rows(400))
    line = Cutting(port, cuts=2, after=20_000)
    monkeypatch.setenv("LINEGATE_URL", line.url)
    told = linegate("batch", "submit", str(file), "--no-start", "--json")
    line.close()
    assert (told.code, line.cuts) == (0, 0), told.err
    assert told.document["upload_offset"] == file.stat().st_size
    monkeypatch.setenv("LINEGATE_URL", f"http://127.0.0.1:{port}")
    again = linegate("batch", "submit", str(file), "--no-start", "--json")
    assert again.document["id"] == told.document["id"], "the same file is the same batch"
    (found,) = linegate("batch", "list", "--json").document["items"]
    assert (found["id"], found["total"]) == (told.document["id"], 400)
    assert linegate("batch", "show", found["id"], "--follow", "--json").document["state"] == "ready"
    assert linegate("batch", "start", found["id"]).code == 0
    assert linegate("batch", "pause", found["id"]).code in (0, 1)
    linegate("batch", "cancel", found["id"])
    assert linegate("batch", "results", found["id"], str(out)).code == 0
    assert len(out.read_text().splitlines()) == 400
    assert linegate("batch", "results", found["id"], str(out)).code == 2


def test_a_batch_is_followed_to_its_end_and_its_results_written(port: int, tmp_path: Path, linegate: Linegate) -> None:
    file, out = tmp_path / "orders.csv", tmp_path / "results.csv"
    file.write_text(f"action,msisdn,details.reason\nsuspend,{NUMBER},unpaid\nreactivate,{NUMBER},unpaid\n")
    told = linegate("batch", "submit", str(file), "--follow", "--results", str(out))
    assert told.code == 0, told.err
    assert "completed" in told.out
    assert told.err.splitlines()[-1].endswith(": 2 of 2 rows done")
    assert [row.split(",")[4] for row in out.read_text().splitlines()] == ["state", "completed", "completed"]
    assert linegate("batch", "submit", str(file), "--results", str(out)).code == 2
    del port


def test_what_is_wrong_is_told_and_the_rest_can_be_started(port: int, tmp_path: Path, linegate: Linegate) -> None:
    file = tmp_path / "orders.ndjson"
    file.write_text(rows(1) + "{\n")
    told = linegate("batch", "submit", str(file), "--validate-only", "--json")
    assert (told.code, told.document["rows"]) == (1, {"valid": 1, "problem": 1})
    shown = linegate("batch", "submit", str(file), "--follow")
    assert shown.code == 1
    assert "linegate batch start --accept-problems" in shown.out
    started = linegate("batch", "submit", str(file), "--start", "--follow", "--json")
    assert (started.code, started.document["orders"]) == (1, {"completed": 1})
    del port


@pytest.mark.parametrize(("name", "text"), [("empty.ndjson", ""), ("odd.csv", "colour\nred\n")])
def test_a_file_that_is_none_is_refused(port: int, tmp_path: Path, linegate: Linegate, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    told = linegate("batch", "submit", str(file))
    assert told.code == 1
    assert "409" in told.err
    (left,) = linegate("batch", "list", "--json").document["items"]
    assert left["state"] == "cancelled"
    del port


def test_a_format_there_is_not_is_wrong_use(port: int, tmp_path: Path, linegate: Linegate) -> None:
    file = tmp_path / "orders.ndjson"
    file.write_text(rows(1))
    assert linegate("batch", "submit", str(file), "--format", "xml").code == 2
    assert linegate("batch", "show", "0" * 32).code == 1
    del port


def test_a_batch_that_waits_for_a_word_has_not_ended_well(port: int, tmp_path: Path, linegate: Linegate) -> None:
    file = tmp_path / "orders.ndjson"
    file.write_text(rows(2))
    asked = linegate("batch", "submit", str(file), "--no-start", "--follow", "--json")
    assert (asked.code, asked.document["state"]) == (0, "ready"), "so it was wished"
    waits = linegate("batch", "show", asked.document["id"], "--follow")
    assert (waits.code, f"linegate batch start {asked.document['id']}" in waits.err) == (1, True)
    assert linegate("batch", "cancel", asked.document["id"]).code == 0
    for more in ([], ["--follow"]):
        again = linegate("batch", "submit", str(file), "--no-start", *more)
        assert (again.code, "--idempotency-key" in again.err) == (1, True)
    anew = linegate("batch", "submit", str(file), "--follow", "--idempotency-key", "another", "--json")
    assert (anew.code, anew.document["orders"]) == (0, {"completed": 2})
    del port


def test_another_file_under_a_key_that_was_given_is_refused(port: int, tmp_path: Path, linegate: Linegate) -> None:
    file, other = tmp_path / "orders.ndjson", tmp_path / "corrected.ndjson"
    file.write_text(rows(2))
    other.write_text(rows(4))
    assert linegate("batch", "submit", str(file), "--follow", "--idempotency-key", "monday").code == 0
    again = linegate("batch", "submit", str(other), "--follow", "--idempotency-key", "monday", "--json")
    assert (again.code, "another file" in again.err) == (1, True)
    same = linegate("batch", "submit", str(file), "--follow", "--idempotency-key", "monday", "--json")
    assert (same.code, same.document["total"]) == (0, 2)
    assert len(linegate("batch", "list", "--json").document["items"]) == 1
    del port


def test_a_row_too_long_is_no_end_either(port: int, tmp_path: Path, linegate: Linegate) -> None:
    file = tmp_path / "orders.ndjson"
    file.write_text(rows(300) + "x" * 70_000)
    told = linegate("batch", "submit", str(file), "--follow")
    assert (told.code, "413" in told.err) == (1, True)
    again = linegate("batch", "submit", str(file), "--follow")
    assert (again.code, "--idempotency-key" in again.err) == (1, True)
    del port
