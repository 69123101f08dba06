"""A plain client of the REST contract, for what is not itself measured."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Client:
    """Asks one gateway, one thing at a time."""

    port: int
    token: str = field(repr=False)

    def get(self, path: str) -> dict[str, Any]:
        """Read something. Raises urllib.error.HTTPError when it is refused."""
        return self._ask(path, None, "application/json")

    def post(self, path: str, body: object) -> dict[str, Any]:
        """Post JSON. Raises as ``get``."""
        return self._ask(path, json.dumps(body).encode(), "application/json")

    def send(self, path: str, body: bytes, kind: str) -> dict[str, Any]:
        """Post what is no JSON. Raises as ``get``."""
        return self._ask(path, body, kind)

    def _ask(self, path: str, body: bytes | None, kind: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=600) as answer:
            return dict(json.loads(answer.read()))
