"""What only the gateway itself can tell: whether it answers, takes our token, and reaches its elements."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from gateway.cli.examination import Finding, fail, ok, warn
from gateway.cli.failure import Failure, NotReached
from gateway.cli.gateway_client import Address, GatewayClient


def gateway(address: Address) -> Iterator[Finding]:
    """Ask it; once it cannot be reached there is nothing more to ask."""
    try:
        with GatewayClient(address) as client:
            live = client.look("/health/live")
            if not live.is_success:
                advice = "set LINEGATE_URL to a gateway, or look at its log"
                yield fail("gateway", f"{address.url} answers {live.status_code} to /health/live", advice)
                return
            yield ok("gateway", f"{address.url} is live")
            yield _token(client, address)
            yield from _ready(client)
    except NotReached as silent:
        yield fail("gateway", str(silent), "start it with `linegate up` or `linegate serve`, or set LINEGATE_URL")
    except Failure as wrong:
        yield fail("gateway", str(wrong), "set LINEGATE_URL to a gateway")


def _token(client: GatewayClient, address: Address) -> Finding:
    if address.token is None:
        return fail("token accepted", "LINEGATE_TOKEN is not set", "set it to the token the gateway was started with")
    answer = client.look("/v1/orders?limit=1")
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        return fail("token accepted", "the gateway refuses it", "set LINEGATE_TOKEN to the one it was started with")
    if not answer.is_success:
        return fail("token accepted", f"/v1/orders answers {answer.status_code}", "look at the gateway's log")
    return ok("token accepted", "yes")


def _ready(client: GatewayClient) -> Iterator[Finding]:
    answer = client.look("/health/ready")
    if not answer.is_success:
        yield fail("ready", f"/health/ready answers {answer.status_code}", "look at the gateway's log")
        return
    told = client.get("/health/ready")
    yield ok("ready", f"{told.get('status')}, {told.get('backlog')} orders waiting")
    for name, connected in (told.get("elements") or {}).items():
        if connected:
            yield ok(f"session {name}", "open")
        else:
            yield warn(f"session {name}", "not open", "it opens when first needed; if orders are held, see the log")
