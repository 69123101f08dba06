"""/v1/lines: what was agreed, what the network should hold, what happened."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse

from drivers.subscription import Msisdn
from gateway.api.context import TheGateway, authorised
from gateway.api.problems import ApiProblem, answered
from gateway.api.views import EventList, HistoryPage, LineView, event_list
from gateway.app import Gateway
from gateway.clocks.upcoming import due_on
from gateway.contract.identity import MSISDN_PATTERN
from gateway.orders import losses, records
from gateway.orders.codec import line_to_json, subscription_to_json
from gateway.orders.order import LineRecord, LineRef

router = APIRouter(prefix="/v1/lines", tags=["lines"], dependencies=[Depends(authorised)])
_Number = Annotated[str, Path(pattern=MSISDN_PATTERN, description="E.164 with +")]


@router.get("/{msisdn}", responses=answered({200: LineView}, 401, 404, 422))
async def get_line(msisdn: _Number, gateway: TheGateway) -> Response:
    """Tell a line's state."""
    record = await _find(gateway, msisdn)
    due = await due_on(gateway.journal, record, gateway.settings.contracts[record.line.contract])
    view, effect = line_to_json(record.line), await records.effect_on_line(gateway.journal, record.line_id)
    del view["life"]
    if view["porting"] is not None:
        del view["porting"]["rio"]  # whoever has it may take the number away
    return JSONResponse(
        {
            **view,
            "state": record.line.state,
            "restrictions": await _restrictions(gateway, record, view["restrictions"]),
            "subscription": subscription_to_json(gateway.judge.wanted(record.line)),
            "effective": None if effect is None else effect["effective"],
            "effective_at": None if effect is None else effect["effective_at"],
            "due": [one.to_json() for one in due],
            "pending_orders": await records.pending_of_line(gateway.journal, record.line_id),
        }
    )


@router.get("/{msisdn}/history", responses=answered({200: EventList}, 401, 404, 422))
async def get_history(msisdn: _Number, gateway: TheGateway, page: Annotated[HistoryPage, Query()]) -> Response:
    """Tell what happened to a line: who asked what, when, and when each step was confirmed; oldest first."""
    record = await _find(gateway, msisdn)
    rows = await records.events_of_line(gateway.journal, record.line_id, page.after, page.limit)
    return JSONResponse(event_list(rows, page.limit))


async def _restrictions(gateway: Gateway, record: LineRecord, shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to what lies over a line for loss or theft when it was asked for, and when the network confirmed."""
    proofs = [await losses.proof(gateway.journal, record.line_id, held) for held in record.line.restrictions]
    return [one | ({} if proof is None else asdict(proof)) for one, proof in zip(shown, proofs, strict=True)]


async def _find(gateway: Gateway, msisdn: str) -> LineRecord:
    ref = LineRef(msisdn=Msisdn(msisdn))
    found = await records.find_line(gateway.journal, ref) or await gateway.judge.find(ref)  # also by a number to come
    record = found if isinstance(found, LineRecord) else None
    if record is None:
        raise ApiProblem(HTTPStatus.NOT_FOUND, "line-unknown", f"there is no line {msisdn}: check the number")
    return record
