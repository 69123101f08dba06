"""What every route needs: the gateway, and proof of who asks.

Dependencies are coroutines: FastAPI would send plain functions through a thread, at twice the cost of the route.
"""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import Annotated, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.api.problems import ApiProblem
from gateway.app import Gateway

_bearer = HTTPBearer(auto_error=False, description="The administrator's token")


async def the_gateway(request: Request) -> Gateway:
    """Return the gateway this application serves."""
    return cast("Gateway", request.app.state.gateway)


async def authorised(
    gateway: Annotated[Gateway, Depends(the_gateway)],
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> None:
    """Let only the holder of the token pass. Raises ApiProblem 401."""
    token = gateway.settings.admin_token or ""
    offered = "" if given is None else given.credentials
    if not token or not hmac.compare_digest(offered.encode(), token.encode()):
        raise ApiProblem(
            HTTPStatus.UNAUTHORIZED,
            "unauthorized",
            "send the token as 'Authorization: Bearer …'",
            headers={"WWW-Authenticate": "Bearer"},
        )


TheGateway = Annotated[Gateway, Depends(the_gateway)]
