"""``linegate audit …``: starting audits, following them, and telling what they found."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from gateway.cli.audit_commands import DRIFT
from gateway.cli.failure import Failure, Refused
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import cell, clock, console, facts, rows, show, state, table

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 0.5
_FACTS = ("id", "state", "policy", "done", "per_s", "waiting_for", "started_at", "ended_at")
_HARMLESS = ("equal", "in_flight")


class Drifted(Failure):
    """Something differs, and nothing was ordered against it."""

    exit_code = DRIFT


@dataclass(frozen=True, slots=True)
class Manner:
    """How an audit is told of: waited for or not, which of its findings, as JSON or drawn."""

    follow: bool = True
    limit: int = 200
    as_json: bool = False
    kind: str | None = None
    cursor: str | None = None


def audit(scope: Mapping[str, object], wish: Mapping[str, object], manner: Manner) -> None:
    """Start an audit and tell what it finds. Raises Drifted, Refused."""
    named = {name: value for name, value in scope.items() if value}
    body = {"scope": named, **{name: value for name, value in wish.items() if value is not None}}
    with GatewayClient(Address.from_environment()) as client:
        started = client.post("/v1/audits", body)
        if not manner.follow:
            show(started, as_json=manner.as_json, drawn=lambda: facts(started, "id", "state", "href"))
            return
        _tell(client, started["id"], manner)


def show_one(audit_id: str, manner: Manner) -> None:
    """Print an audit and its findings. Raises Drifted, Refused."""
    with GatewayClient(Address.from_environment()) as client:
        _tell(client, audit_id, manner)


def show_list(limit: int, cursor: str | None, *, as_json: bool) -> None:
    """Print the newest audits."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get("/v1/audits", limit=limit, cursor=cursor)
    show(document, as_json=as_json, drawn=lambda: _draw_list(document))


def cancel(audit_id: str, *, as_json: bool) -> None:
    """Cancel an audit and print it."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.post(f"{_path(audit_id)}/cancel")
    show(document, as_json=as_json, drawn=lambda: _draw(document))


def _tell(client: GatewayClient, audit_id: str, manner: Manner) -> None:
    document = _until_ended(client, audit_id, manner) if manner.follow else client.get(_path(audit_id))
    found = client.get(f"{_path(audit_id)}/findings", kind=manner.kind, cursor=manner.cursor, limit=manner.limit)
    told = {**document, "findings": found["items"], "next": found["next"]}
    show(told, as_json=manner.as_json, drawn=lambda: Group(_draw(told), _draw_findings(told)))
    _judge(told)


def _until_ended(client: GatewayClient, audit_id: str, manner: Manner) -> Json:
    """Wait for the end, with a bar where somebody can see it."""
    pause = _FIRST_PAUSE_S
    with _progress(quiet=manner.as_json) as progress:
        task = progress.add_task("", total=None, found="")
        while True:
            document = client.get(_path(audit_id))
            description = document["waiting_for"] or f"{document['per_s']:g} a second"
            found = _words({k: n for k, n in document["counts"].items() if k != "equal"}) or "nothing differs"
            progress.update(
                task, total=document["total"], completed=document["done"], description=description, found=found
            )
            if document["state"] != "running":
                return document
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)


def _progress(*, quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[found]}", markup=False),
        TextColumn("{task.description}", markup=False),
        console=console(stderr=True),
        disable=quiet or not console(stderr=True).is_terminal,
    )


def _judge(document: Json) -> None:
    """Tell scripts how it ended."""
    name = f"audit {document['id']}"
    if document["state"] in ("failed", "cancelled"):
        raise Refused(f"{name} {document['state']}: {document['detail'] or 'what it had found until then is kept'}")
    outcomes = document["outcomes"]
    left = outcomes["reported"] + outcomes["left"] - document["counts"]["in_flight"]
    if left:
        differ = "1 subscriber differs" if left == 1 else f"{left} subscribers differ"
        raise Drifted(f"{differ}, and nothing was ordered against it: see {name}, and repair or adopt")


def _draw(document: Json) -> RenderableType:
    shown = {**document, **{name: clock(document[name]) for name in ("started_at", "ended_at")}}
    shown["done"] = f"{document['done']} of {document['total']}"
    names = [name for name in _FACTS if shown[name] is not None]
    parts: list[RenderableType] = [facts(shown, *names)]
    parts += [cell(f"{_words(document['counts']) or 'nothing looked at'}{_after(document['outcomes'])}")]
    return Group(*parts, cell(document["detail"])) if document["detail"] else Group(*parts)


def _draw_list(document: Json) -> RenderableType:
    made = table("", "id", "state", "policy", "scope", "done", "differs", "started at", "ended at")
    for item in document["items"]:
        differs = _words({k: n for k, n in item["counts"].items() if k not in _HARMLESS})
        scope = "; ".join(f"{name} {_value(value)}" for name, value in item["scope"].items()) or "all"
        done = f"{item['done']} of {item['total']}"
        times = (clock(item["started_at"]), clock(item["ended_at"]))
        rows(made, [(item["id"], state(item["state"]), item["policy"], scope, done, differs, *times)])
    following = document["next"]
    return made if following is None else Group(made, cell(f"there are more: --cursor {following}"))


def _draw_findings(document: Json) -> RenderableType:
    if not document["findings"]:
        return cell("")
    made = table("what differs", "what", "element", "line", "IMSI", "agreed / there", "outcome", "why, or the order")
    for item in document["findings"]:
        why = item["detail"] or f"{item['order_id'] or ''} {item['order_state'] or ''}".strip()
        between = "\n".join(f"{d['field']}: {_value(d['wanted'])} / {_value(d['held'])}" for d in item["differences"])
        rows(made, [(item["kind"], item["element"], item["msisdn"], item["imsi"], between, item["outcome"], why)])
    following = document["next"]
    more = f"there are more: linegate audit show {document['id']} --cursor {following}"
    return made if following is None else Group(made, cell(more))


def _words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)


def _after(outcomes: Mapping[str, int]) -> str:
    words = _words(outcomes)
    return f" ({words})" if words else ""


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)


def _path(audit_id: str) -> str:
    return f"/v1/audits/{quote(audit_id, safe='')}"
