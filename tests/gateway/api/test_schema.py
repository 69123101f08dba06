"""Schemathesis holds the running gateway to its own OpenAPI document, with what fits the document and what does not."""

from __future__ import annotations

import asyncio
import itertools
import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case

from gateway.api import create_api
from gateway.app import Gateway
from tests.gateway.cards import card
from tests.gateway.rig import TOKEN, SimNetwork, Time, gateway_on

NUMBER = "+33612345678"
_A_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_NUMBERS = itertools.count()
_BEARER = {"Authorization": f"Bearer {TOKEN}"}


async def _serve(directory: Path, address: Future[str], stop: threading.Event) -> None:
    sim = SimNetwork(directory / "network")
    async with gateway_on(directory / "data", sim, Time()) as rig:
        await rig.stock(*(card(n) for n in range(1, 9)))
        assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
        config = uvicorn.Config(create_api(rig.gateway), port=0, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
            await asyncio.sleep(0.01)
        address.set_result(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
        await asyncio.to_thread(stop.wait)
        server.should_exit = True
        await task
    await sim.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A gateway of its own in a thread of its own: Schemathesis asks synchronously."""
    told: Future[str] = Future()
    stop = threading.Event()
    directory = tmp_path_factory.mktemp("schema")
    thread = threading.Thread(target=lambda: asyncio.run(_serve(directory, told, stop)), daemon=True)
    thread.start()
    yield told.result(timeout=30)
    stop.set()
    thread.join(timeout=30)


@schemathesis.serializer("application/x-ndjson", "application/partial-upload")
def _as_it_is(_: object, value: Any) -> bytes:  # noqa: ANN401 - what Schemathesis generates
    """Bodies that are files."""
    return value if isinstance(value, bytes) else str(getattr(value, "data", value)).encode()


def _document() -> dict[str, Any]:
    """What the API says of itself, whichever gateway it is of; the token, always sent, is not varied here."""
    document: dict[str, Any] = create_api(cast("Gateway", None)).openapi()
    del document["components"]["securitySchemes"]
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
    return document


schema = schemathesis.openapi.from_dict(_document())


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_the_document_says(case: Case[Any], address: str) -> None:
    headers: Any = case.headers
    if headers and _A_KEY.fullmatch(key := str(headers.get("idempotency-key", ""))):
        headers["idempotency-key"] = f"{key[:200]}{next(_NUMBERS)}"  # a key is for one body, says the contract
    answer = case.call_and_validate(base_url=address, headers=_BEARER)
    assert answer.status_code < 500
