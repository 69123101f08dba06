"""Who asks: the administrator, or a client with its channels and its rights (``[api_tokens.clients.<name>]``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from gateway.api.problems import ApiProblem
from gateway.clients import ApiClient, Right
from gateway.contract.rulebook.bounds import OWN_CHANNELS

#: what a route that changes something is, the first that fits; one that stands nowhere is the administrator's
_CHANGES: Final[tuple[tuple[re.Pattern[str], Right], ...]] = (
    (re.compile(r"/v1/(bulk-orders|batches)/[^/]+/(approve|reject)"), Right.APPROVE),
    (re.compile(r"/v1/(orders|loss-reports|bulk-orders|batches|handsets)(/.*)?"), Right.ORDER),
    (re.compile(r"/v1/sims/import"), Right.IMPORT),
    (re.compile(r"/v1/sims/[0-9]+/(puk|keys)|/v1/lines/[^/]+/rio"), Right.DISCLOSE),
    (re.compile(r"/v1/(usage|attaches)(/.*)?"), Right.USAGE),
    (re.compile(r"/v1/messages(/.*)?"), Right.MESSAGE),
)
_UPLOAD: Final = re.compile(r"/v1/batches/[^/]+/rows")


def needed(method: str, path: str) -> Right | None:
    """Return the right a request needs; ``None``: only the administrator's token will do."""
    if method == "HEAD" and _UPLOAD.fullmatch(path):
        return Right.ORDER  # part of sending a file
    if method in ("GET", "HEAD"):
        return Right.READ
    return next((right for pattern, right in _CHANGES if pattern.fullmatch(path)), None)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token was shown; without a client it is the administrator's."""

    client: ApiClient | None = None

    def check(self, right: Right | None) -> None:
        """Raise ApiProblem 403 when the token is not for that."""
        if self.client is None or right in self.client.may:
            return
        what = "only the administrator may do this" if right is None else f"this needs the right {right.value!r}"
        raise _not_allowed(f"{what}: use a token that has it, or have may of client {self.client.name} changed")

    def signed(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return a body with who asked and by which of its channels. Raises ApiProblem 403.

        A client with one channel need not name it; nobody speaks for the gateway's own.
        """
        signed, by = dict(asked), asked.get("requested_by")
        if by is not None and by["channel"] in OWN_CHANNELS:
            raise _not_allowed(f"the channel {by['channel']} is the gateway's own: name yours in requested_by.channel")
        if self.client is None:
            return signed
        channels = self.client.channels
        if by is None and len(channels) == 1:
            return signed | {"requested_by": {"who": self.client.name, "channel": channels[0]}}
        if by is None or by["channel"] not in channels:
            raise _not_allowed(f"name one of your channels in requested_by.channel: {', '.join(channels)}")
        return signed

    def key(self, key: str | None) -> str | None:
        """Return an idempotency key as it is kept: clients do not share theirs."""
        # no key has a blank in it
        return key if key is None or self.client is None else f"{self.client.name} {key}"


ADMINISTRATOR: Final = Caller()


def _not_allowed(detail: str) -> ApiProblem:
    return ApiProblem(HTTPStatus.FORBIDDEN, "not-allowed", detail)
