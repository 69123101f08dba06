"""/v1/sims/…: keys to the station that has the card, what it found there, and who had which secret."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from drivers.subscription import Iccid
from gateway.api.card_bodies import Adm1Request, CardReportsRequest, KeysRequest, ReportsRequest, asked, described
from gateway.api.context import TheGateway
from gateway.api.problems import ApiProblem, answered
from gateway.api.sim_views import CardKeysView, SimView, TakenListView, TakenView, sim_view
from gateway.api.views import EventList, HistoryPage, event_list
from gateway.app import Gateway
from gateway.contract.identity import ICCID_PATTERN
from gateway.journal.journal import Conflict, Row, Unit
from gateway.orders.bodies import RequestedBy
from gateway.stock.cards import DEAD, CardFile, add_notice, key_reference, replace_adm1
from gateway.stock.reports import Reports

router = APIRouter(tags=["sims"])
IccidPath = Annotated[str, Path(pattern=ICCID_PATTERN)]
_KEYS = TypeAdapter(KeysRequest)
_ADM1 = TypeAdapter(Adm1Request)
_REPORTS = TypeAdapter(ReportsRequest)
_CARD_REPORTS = TypeAdapter(CardReportsRequest)
_TOLD = ("pin1", "puk1", "pin2", "puk2", "ki", "opc")


@router.post(
    "/{iccid}/keys",
    responses=answered({200: CardKeysView}, 400, 401, 403, 404, 409, 413, 422, 429),
    openapi_extra=described(KeysRequest),
)
async def disclose_keys(iccid: IccidPath, request: Request, gateway: TheGateway) -> Response:
    """Tell a card's keys to the station that has it; who asked, where and why is durable before the answer leaves."""
    body = await asked(request, gateway.settings.max_body_bytes, _KEYS)
    row = await _usable(gateway, iccid, body)
    second = needs_second_person(gateway, body.requested_by, body.approved_by)
    unit = Unit()
    who = body.requested_by.model_dump()
    told = {"requested_by": who, **second, "why": body.why, "station": body.station}
    add_notice(unit, "keys.disclosed", gateway.clock(), row, **told, with_adm=not body.without_adm)
    await gateway.journal.commit(unit)
    gateway.bell.ring()
    row = await _usable(gateway, iccid, body)  # another station may have told of a refusal meanwhile
    secrets = {name: gateway.shelf.open_secret(row, name) for name in _TOLD}
    adm1 = None if body.without_adm else gateway.shelf.open_secret(row, "adm1")
    shown = {name: row[name] for name in ("iccid", "imsi", "state", "card")}
    reference = None if body.without_adm else key_reference(row["adm1"])
    return JSONResponse(
        {**shown, **secrets, "adm1": adm1, "adm1_ref": reference}, headers={"Cache-Control": "no-store"}
    )


@router.post(
    "/{iccid}/adm1",
    responses=answered({200: SimView}, 400, 401, 404, 409, 413, 422, 429),
    openapi_extra=described(Adm1Request),
)
async def put_adm1_right(iccid: IccidPath, request: Request, gateway: TheGateway) -> Response:
    """Seal another ADM1 in place of the one a card refused; who did it and why is on record, the key is not."""
    body = await asked(request, gateway.settings.max_body_bytes, _ADM1)
    row = alive(await known(gateway, iccid))
    key, refused = body.adm1.upper(), row["adm1_refused_at"] is not None
    if refused and not body.same_key and key == gateway.shelf.open_secret(row, "adm1"):
        detail = f"that is the ADM1 the card {iccid} refused: ask its vendor for the right one; if the refusal was told"
        raise ApiProblem(HTTPStatus.CONFLICT, "adm-refused", f"{detail} in error, post it with same_key true")
    unit = Unit()
    replace_adm1(unit, Iccid(iccid), gateway.vault.seal(Iccid(iccid), "adm1", key))
    add_notice(unit, "adm1.replaced", gateway.clock(), row, requested_by=body.requested_by.model_dump(), why=body.why)
    try:
        await gateway.journal.commit(unit)
    except Conflict:
        raise _dead(iccid) from None  # meanwhile
    gateway.bell.ring()
    return JSONResponse(sim_view(await known(gateway, iccid)))


@router.post(
    "/{iccid}/reports",
    responses=answered({200: TakenView}, 400, 401, 404, 409, 413, 422, 429),
    openapi_extra=described(ReportsRequest),
)
async def report_on_card(iccid: IccidPath, request: Request, gateway: TheGateway) -> Response:
    """Take what a station found on a card: each report once, however often it is sent; all of them or none."""
    body = await asked(request, gateway.settings.sims.max_reports_bytes, _REPORTS)
    await known(gateway, iccid)
    reports = [one.report(iccid) for one in body.reports]
    result = await Reports(gateway.journal).take(reports, gateway.clock(), all_or_none=True)
    if result.troubles:
        errors = [{"field": f"reports.{one.index}.id", "detail": one.detail} for one in result.troubles]
        raise ApiProblem(HTTPStatus.CONFLICT, result.troubles[0].slug, result.troubles[0].detail, errors=errors)
    gateway.bell.ring()
    return JSONResponse({"taken": result.taken, "already": result.already})


@router.post(
    "/reports",
    responses=answered({200: TakenListView}, 400, 401, 413, 422, 429),
    openapi_extra=described(CardReportsRequest),
)
async def report_on_cards(request: Request, gateway: TheGateway) -> Response:
    """Take what a station found on many cards; what cannot be taken is named, and keeps nothing else out."""
    body = await asked(request, gateway.settings.sims.max_reports_bytes, _CARD_REPORTS)
    reports = [one.report(one.iccid) for one in body.reports]
    result = await Reports(gateway.journal).take(reports, gateway.clock(), all_or_none=False)
    gateway.bell.ring()
    problems = [
        {
            "index": one.index,
            "iccid": reports[one.index].iccid,
            "id": reports[one.index].report_id,
            "type": f"/problems/{one.slug}",
            "detail": one.detail,
        }
        for one in result.troubles
    ]
    return JSONResponse({"taken": result.taken, "already": result.already, "problems": problems})


@router.get("/{iccid}/history", responses=answered({200: EventList}, 401, 404, 422))
async def get_card_history(iccid: IccidPath, gateway: TheGateway, page: Annotated[HistoryPage, Query()]) -> Response:
    """Tell what stations found on a card, and who had its secrets, when and why; oldest first."""
    await known(gateway, iccid)
    rows = await CardFile(gateway.journal).trail(iccid, page.after, page.limit)
    return JSONResponse(event_list(rows, page.limit))


async def known(gateway: Gateway, iccid: str) -> Row:
    """Find a SIM. Raises ApiProblem 404."""
    row = await CardFile(gateway.journal).card(iccid)
    if row is None:
        raise ApiProblem(
            HTTPStatus.NOT_FOUND, "sim-unknown", f"SIM {iccid} is not in stock: import its vendor file first"
        )
    return row


def alive(row: Row) -> Row:
    """Let a card pass that is not dead. Raises ApiProblem 409."""
    if row["card"] == DEAD:
        raise _dead(row["iccid"])
    return row


def _dead(iccid: str) -> ApiProblem:
    detail = f"the card {iccid} was reported dead: no key of it is of use to anybody; take another SIM"
    return ApiProblem(HTTPStatus.CONFLICT, "card-dead", detail)


def needs_second_person(gateway: Gateway, first: RequestedBy, second: RequestedBy | None) -> dict[str, object]:
    """Lay out who approved, if anybody did. Raises ApiProblem 403 where somebody else must and has not."""
    one, other = (None if by is None else by.who.strip().casefold() for by in (first, second))
    if gateway.settings.sims.puk_needs_second_person and (other is None or other == one):
        detail = "name in approved_by a second person who agrees, somebody else than requested_by"
        raise ApiProblem(
            HTTPStatus.FORBIDDEN, "second-person-needed", detail, errors=[{"field": "approved_by", "detail": detail}]
        )
    return {} if second is None else {"approved_by": second.model_dump()}


async def _usable(gateway: Gateway, iccid: str, body: KeysRequest) -> Row:
    """Find a card whose keys may be told. Raises ApiProblem 404, 409."""
    row = alive(await known(gateway, iccid))
    if row["adm1_refused_at"] is not None and not body.without_adm:
        detail = f"the card {iccid} refused the ADM1 kept here: post the right one to /v1/sims/{iccid}/adm1"
        raise ApiProblem(
            HTTPStatus.CONFLICT, "adm-refused", f"{detail}, or ask with without_adm true for work on PIN and PUK"
        )
    return row
