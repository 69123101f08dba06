"""/v1/attaches: where lines are seen, which welcomes them abroad."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from gateway.alerts.welcome import Attach, Outcome, Welcomer
from gateway.api.attach_bodies import attach_schema, read_attach
from gateway.api.bodies import read_body
from gateway.api.context import TheGateway, authorised
from gateway.api.problems import ApiProblem, answered
from gateway.api.usage_bodies import MOST_BYTES, MOST_RECORDS, NDJSON, NothingReadable, Unreadable, split
from gateway.api.usage_views import RecordProblem

router = APIRouter(prefix="/v1/attaches", tags=["messages"], dependencies=[Depends(authorised)])

_ADVICE = {
    Outcome.LINE_UNKNOWN: "no line of ours has this number or IMSI: nothing was done",
    Outcome.NOT_IN_SERVICE: "the line is not in service: nobody was welcomed",
    Outcome.COUNTRY_UNKNOWN: "country must be an ISO 3166-1 alpha-2 code, as DE",
}
_Placed = list[tuple[int, Attach]]


class AttachesView(BaseModel):
    """What came of attaches: accepted and rejected are all of them; of the accepted many tell nothing new."""

    accepted: int
    welcomed: int
    duplicates: int
    late: int
    rejected: int
    problems: list[RecordProblem]


async def the_welcomer(gateway: TheGateway) -> Welcomer:
    """Return who welcomes for this gateway."""
    return gateway.alerting.welcomer


@router.post("", responses=answered({200: AttachesView}, 400, 401, 413, 422, 429), openapi_extra=attach_schema())
async def post_attaches(request: Request, welcomer: Annotated[Welcomer, Depends(the_welcomer)]) -> Response:
    """Take where lines were seen, as one object, a list, or NDJSON: durable when answered, harmless when told again."""
    body = await read_body(request, MOST_BYTES)
    lines = request.headers.get("content-type", "").partition(";")[0].strip().lower() == NDJSON
    placed, unreadable = _read(body, lines=lines)
    outcomes = await welcomer.attached([attach for _, attach in placed])
    return JSONResponse(_view(placed, outcomes, unreadable, "line" if lines else "index"))


def _read(body: bytes, *, lines: bool) -> tuple[_Placed, list[Unreadable]]:
    """Read each for itself: a bad one never spoils a good one. Raises ApiProblem when none can be read."""
    placed: _Placed = []
    unreadable: list[Unreadable] = []
    try:
        for n, (place, found) in enumerate(split(body, lines=lines)):
            if n >= MOST_RECORDS:
                detail = f"at most {MOST_RECORDS} attaches a body: split it"
                raise ApiProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail)
            attach = read_attach(place, found)
            if isinstance(attach, Attach):
                placed.append((place, attach))
            else:
                unreadable.append(attach)
    except NothingReadable:
        unreadable.append(Unreadable(0, None, "the body must be an attach, a list of them, or NDJSON with one a line"))
    if unreadable and not placed:
        errors = [{"field": str(one.place), "detail": one.detail} for one in unreadable[:100]]
        detail = "none of the attaches can be read: see errors, and the schema in /docs"
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "nothing-readable", detail, errors=errors)
    return placed, unreadable


def _view(placed: _Placed, outcomes: Sequence[Outcome], unreadable: Sequence[Unreadable], word: str) -> dict[str, Any]:
    counts = Counter(outcomes)
    problems = [
        {word: one.place, "id": one.record_id, "type": "/problems/unreadable", "detail": one.detail}
        for one in unreadable
    ]
    problems += [
        {word: place, "id": attach.attach_id, "type": f"/problems/{outcome.value}", "detail": _ADVICE[outcome]}
        for (place, attach), outcome in zip(placed, outcomes, strict=True)
        if outcome in _ADVICE
    ]
    return {
        "accepted": sum(n for outcome, n in counts.items() if outcome not in _ADVICE),
        "welcomed": counts[Outcome.WELCOMED],
        "duplicates": counts[Outcome.DUPLICATE],
        "late": counts[Outcome.LATE],
        "rejected": len(problems),
        "problems": sorted(problems, key=lambda problem: int(str(problem[word]))),
    }
