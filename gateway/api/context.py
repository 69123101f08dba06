"""What every route needs: the gateway, and proof of who asks and may.

Dependencies are coroutines: FastAPI would send plain functions through a thread, at twice the cost of the route.
"""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import Annotated, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.api.callers import ADMINISTRATOR, Caller, needed
from gateway.api.problems import ApiProblem
from gateway.app import Gateway

_bearer = HTTPBearer(auto_error=False, description="The administrator's token, or a client's")


async def the_gateway(request: Request) -> Gateway:
    """Return the gateway this application serves."""
    return cast("Gateway", request.app.state.gateway)


async def authorised(
    request: Request,
    gateway: Annotated[Gateway, Depends(the_gateway)],
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    """Let only the holder of a token pass, and only to what it is for. Raises ApiProblem 401, 403."""
    caller = _caller(gateway, "" if given is None else given.credentials)
    if caller is None:
        raise ApiProblem(
            HTTPStatus.UNAUTHORIZED,
            "unauthorized",
            "send the token as 'Authorization: Bearer …'",
            headers={"WWW-Authenticate": "Bearer"},
        )
    caller.check(needed(request.method, request.url.path))
    return caller


def _caller(gateway: Gateway, offered: str) -> Caller | None:
    """Return whose token it is; every token is compared, in the same time whatever was offered."""
    settings = gateway.settings
    known = [(settings.admin_token, ADMINISTRATOR), *((c.token, Caller(c)) for c in settings.clients)]
    found = [caller for token, caller in known if token and hmac.compare_digest(offered.encode(), token.encode())]
    return found[0] if found else None


TheGateway = Annotated[Gateway, Depends(the_gateway)]
TheCaller = Annotated[Caller, Depends(authorised)]
