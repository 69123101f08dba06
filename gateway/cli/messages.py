"""``linegate message …``: sending, previewing, following and moving short messages."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from rich.console import Group, RenderableType

from gateway.cli.asker import requested_by
from gateway.cli.failure import Refused, WrongUse
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import cell, clock, facts, rows, show, state, table

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 1.0
_TAKEN = ("sent", "delivered")
_ON_ITS_WAY = ("queued", "sending")
_COLUMNS = ("id", "to", "state", "kind", "template", "created_at", "sent_at", "receipt", "detail")
_LAST = ("parts", "receipts")


def make_message(
    to: str, text: str | None, template: str | None, values: Sequence[str], rest: Mapping[str, object]
) -> Json:
    """Make a body from the command line's words. Raises WrongUse."""
    if (text is None) is (template is None):
        raise WrongUse("say a text or name a --template, one of them")
    if values and template is None:
        raise WrongUse("--value is for templates: put it into the text itself")
    said: Json = {"text": text} if template is None else {"template": template, "values": _pairs(values)}
    return {"to": to, **said, **{name: value for name, value in rest.items() if value is not None}}


def send(wish: Json, timeout_s: float | None, *, as_json: bool) -> None:
    """Post a message and print what became of it. Raises Refused when it was waited for and no SMSC took it."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.post("/v1/messages", {**wish, "requested_by": requested_by()})
        if timeout_s is not None:
            document = _until_taken(client, document, timeout_s)
    show(document, as_json=as_json, drawn=lambda: _draw(document))
    if timeout_s is not None:
        _judge(document, timeout_s)


def preview(wish: Json, *, as_json: bool) -> None:
    """Ask what a message would cost, and print it."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.post("/v1/messages?dry_run=true", wish)
    show(document, as_json=as_json, drawn=lambda: facts(_flat(document), *_named(_flat(document))))


def show_one(message_id: str, *, as_json: bool) -> None:
    """Print a message."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get(_path(message_id))
    show(document, as_json=as_json, drawn=lambda: _draw(document))


def show_list(filters: Mapping[str, str | int | None], *, as_json: bool) -> None:
    """Print the newest messages that fit."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get("/v1/messages", **filters)
    show(document, as_json=as_json, drawn=lambda: _draw_list(document["items"], document.get("next")))


def move(message_id: str, verb: str, *, as_json: bool) -> None:
    """Resend, drop or cancel a message and print it."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.post(f"{_path(message_id)}/{verb}")
    show(document, as_json=as_json, drawn=lambda: _draw(document))


def _pairs(values: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in values:
        name, equals, said = value.partition("=")
        if not name or not equals:
            raise WrongUse(f"--value {value!r} must be a name and what to say, as when='9 h'")
        pairs[name] = said
    return pairs


def _until_taken(client: GatewayClient, document: Json, timeout_s: float) -> Json:
    """Ask until it has left for an SMSC, or never will."""
    until, pause_s = time.monotonic() + timeout_s, _FIRST_PAUSE_S
    message_id = str(document["id"])
    while document.get("state") in _ON_ITS_WAY and time.monotonic() < until:
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)
        document = client.get(_path(message_id))
    return document


def _judge(document: Json, timeout_s: float) -> None:
    """Tell scripts how it ended."""
    now, name = document.get("state"), f"message {document.get('id')}"
    if now in _TAKEN:
        return
    why = document.get("detail") or "see `linegate message show`"
    if now in _ON_ITS_WAY:
        raise Refused(f"{name} is still {now} after {timeout_s:g} s: {why}")
    raise Refused(f"{name} is {now}: {why}")


def _draw(document: Json) -> RenderableType:
    shown = _flat(_with_clocks(document))
    parts: list[RenderableType] = [facts(shown, *_named(shown))]
    for name in _LAST:
        if found := document.get(name):
            columns = list(found[0])
            made = table(name, *(column.replace("_", " ") for column in columns))
            parts.append(rows(made, ([_with_clocks(one).get(column) for column in columns] for one in found)))
    return Group(*parts)


def _draw_list(documents: Sequence[Json], following: str | None) -> RenderableType:
    shown = [_with_clocks(document) for document in documents]
    columns = [n for n in _COLUMNS if n in ("id", "state") or any(one.get(n) for one in shown)]
    made = table("", *(name.replace("_", " ") for name in columns))
    rows(made, ([state(one.get(n)) if n == "state" else one.get(n) for n in columns] for one in shown))
    return made if following is None else Group(made, cell(f"there are more: --cursor {following}"))


def _with_clocks(document: Mapping[str, Any]) -> Json:
    times = {n: clock(t) for n, t in document.items() if n.endswith("_at") and isinstance(t, str) and n != "done_at"}
    receipt = document.get("receipt")
    if isinstance(receipt, dict):
        times["receipt"] = f"{receipt.get('state')} {clock(receipt.get('at'))}"
    return {**document, **times}


def _flat(document: Json) -> Json:
    """Write what was replaced by what as words."""
    return {
        name: ", ".join(f"{one} → {other}" for one, other in value.items()) if isinstance(value, dict) else value
        for name, value in document.items()
    }


def _named(document: Json) -> list[str]:
    return [
        name for name, value in document.items() if name not in (*_LAST, "href") and value not in (None, "", [], False)
    ]


def _path(message_id: str) -> str:
    return f"/v1/messages/{quote(message_id, safe='')}"
