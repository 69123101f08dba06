"""The same FastAPI application without the journal: the same route reads, checks and answers; nothing is kept."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import uvloop

from gateway.api import create_api
from gateway.api.serve import serve
from gateway.app import Gateway
from gateway.orders.acceptance import Answer
from gateway.orders.order import NewOrder
from gateway.settings import config_directory, read_settings


class NoEngine:
    """Acknowledges at once and forgets."""

    async def accept(self, new: NewOrder, _max_backlog: int) -> Answer:
        """Answer as the engine does."""
        shown = {"id": uuid.uuid4().hex, "external_id": new.external_id, "state": "acknowledged"}
        return Answer(order=shown, problem=None)


def main(token: str) -> None:
    """Serve on a free port."""
    settings = replace(read_settings(config_directory(None), Path("unused")), admin_token=token)
    stand_in: Any = SimpleNamespace(settings=settings, engine=NoEngine())
    app = create_api(cast("Gateway", stand_in))
    uvloop.run(serve(app, "127.0.0.1", 0, ready=lambda port: print(f"ready http://127.0.0.1:{port}", flush=True)))


if __name__ == "__main__":
    main(os.environ["LINEGATE_TOKEN"])
