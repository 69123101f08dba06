"""Errors in the words of RFC 9457: a stable type, a title, and a detail that says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from gateway.journal.journal import JournalAway, JournalFull

MEDIA_TYPE = "application/problem+json"
#: what an order's problem is in HTTP; everything else is a conflict with how things are
_STATUS = {
    "line-unknown": HTTPStatus.NOT_FOUND,
    "not-allowed": HTTPStatus.FORBIDDEN,
}


class FieldError(BaseModel):
    """One field that is wrong."""

    field: str
    detail: str


class Problem(BaseModel):
    """An error."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


class ApiProblem(Exception):
    """Raised anywhere in a route to answer with a problem."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.body: dict[str, Any] = {
            "type": f"/problems/{slug}",
            "title": slug.replace("-", " ").capitalize(),
            "status": int(status),
            "detail": detail,
        }
        if errors:
            self.body["errors"] = list(errors)
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """Make the answer."""
        return JSONResponse(self.body, self.status, headers=self.headers, media_type=MEDIA_TYPE)


BACKLOG_FULL = ApiProblem(
    HTTPStatus.TOO_MANY_REQUESTS,
    "backlog-full",
    "too much waits to be written: ask again after the time in Retry-After",
    headers={"Retry-After": str(JournalFull.retry_after_s)},
)

JOURNAL_AWAY = ApiProblem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "database-away",
    "the database does not answer, or the order's line changes hands just now: what you asked may have been done or "
    "not; ask again with the same Idempotency-Key after the time in Retry-After",
    headers={"Retry-After": str(JournalAway.retry_after_s)},
)


def from_order_problem(problem: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> ApiProblem:
    """Turn an order's own problem into an answer."""
    slug = str(problem["type"]).rpartition("/")[2]
    return ApiProblem(_STATUS.get(slug, HTTPStatus.CONFLICT), slug, str(problem["detail"]), headers=headers)


def from_validation(invalid: ValidationError | RequestValidationError) -> ApiProblem:
    """Name every field that is wrong; values are not repeated, they may be secret or hostile."""
    errors = [
        {"field": ".".join(str(part) for part in error["loc"]) or "body", "detail": _said(error)}
        for error in invalid.errors()
    ]
    if any(error["type"] == "json_invalid" for error in invalid.errors()):
        return ApiProblem(
            HTTPStatus.BAD_REQUEST, "not-json", "the body must be one JSON document in UTF-8", errors=errors
        )
    fields = ", ".join(sorted({error["field"] for error in errors})[:5])
    detail = f"correct these fields and post again: {fields}"
    return ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-body", detail, errors=errors)


def _said(error: Any) -> str:  # noqa: ANN401 - pydantic's and FastAPI's own shapes
    """What is wrong with a field, in pydantic's words unless those repeat the value."""
    if error["type"] == "union_tag_invalid":
        return f"must be one of: {error['ctx']['expected_tags']}"
    return str(error["msg"])


def answered(models: Mapping[int, type[BaseModel]], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe a route's answers for OpenAPI: what it returns, and the problems it may answer with."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    described: dict[int | str, dict[str, Any]] = {status: {"model": model} for status, model in models.items()}
    also = {HTTPStatus.FORBIDDEN} if HTTPStatus.UNAUTHORIZED in statuses else set()  # whoever is known may not do all
    for status in sorted({*statuses, *also}):
        described[status] = {"description": HTTPStatus(status).phrase, "content": content}
    return described


def install(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""

    async def known(request: Request, problem: Exception) -> JSONResponse:
        match problem:
            case ApiProblem():
                return problem.response()
            case JournalFull():
                return BACKLOG_FULL.response()
            case JournalAway():
                return JOURNAL_AWAY.response()
            case RequestValidationError():
                return from_validation(problem).response()
            case HTTPException():
                slug = HTTPStatus(problem.status_code).phrase.lower().replace(" ", "-")
                headers = dict(problem.headers or {})
                if problem.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                    headers["Allow"] = _methods(request, headers.get("Allow", ""))
                return ApiProblem(problem.status_code, slug, _advice(problem), headers=headers).response()
            case _:
                raise problem

    for kind in (ApiProblem, JournalFull, JournalAway, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, known)


def _methods(request: Request, told: str) -> str:
    """Every method the document has for this address: the router itself names those of one route only."""
    paths = request.app.openapi()["paths"]
    for template in sorted(paths, key=lambda path: "{" in path):
        if compile_path(template)[0].match(request.url.path):
            return ", ".join(sorted(method.upper() for method in paths[template]))
    return told


def fault_of_ours() -> JSONResponse:
    """What is answered when nothing else could be."""
    detail = "the gateway failed on this request; nothing of it was accepted; try again, then report it"
    return ApiProblem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", detail).response()


def _advice(problem: HTTPException) -> str:
    match problem.status_code:
        case HTTPStatus.NOT_FOUND:
            return "there is nothing at this address; see /docs"
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return "this address does not take this method; see /docs"
        case _:
            return str(problem.detail)
