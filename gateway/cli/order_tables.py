"""How orders, their plans and lines are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType

from gateway.cli.gateway_client import Json
from gateway.cli.printing import cell, clock, facts, flat, rows, state, table

_ORDER = ("id", "external_id", "action", "line", "state", "waiting_for", "requested_start")
_COLUMNS = ("id", "external_id", "action", "line", "state", "accepted_at", "stored_at", "effective_at", "effective")
_TIMES = ("accepted_at", "stored_at", "effective_at")
_LINE = ("msisdn", "imsi", "iccid", "contract", "host", "plan", "state", "options")


def order(document: Json) -> RenderableType:
    """Draw one order: its facts, its steps, its error."""
    shown = {**document, "line": line_named(document), **{name: clock(document.get(name)) for name in _TIMES}}
    names = [n for n in (*_ORDER, *_TIMES, "effective") if n in ("state", "action") or shown.get(n) is not None]
    parts: list[RenderableType] = [facts(shown, *names)]
    if steps := document.get("steps"):
        made = table("steps", "element", "command", "outcome", "code", "text")
        parts.append(
            rows(made, ((s["element"], s["command"], state(s["outcome"]), s["code"], s["text"]) for s in steps))
        )
    if error := document.get("error"):
        parts.append(cell(f"{error.get('title')}: {error.get('detail')}"))
    return Group(*parts)


def orders(documents: Sequence[Json], following: str | None = None) -> RenderableType:
    """Draw several orders, one a row; ``following`` is the cursor of those left out."""
    shown = [{**d, "line": line_named(d), **{name: clock(d.get(name)) for name in _TIMES}} for d in documents]
    columns = [n for n in _COLUMNS if n in ("id", "state") or any(order.get(n) for order in shown)]
    made = table("", *(name.replace("_", " ") for name in columns))
    rows(made, ([state(order[n]) if n == "state" else order.get(n) for n in columns] for order in shown))
    return made if following is None else Group(made, cell(f"there are more: --cursor {following}"))


def plan(document: Json) -> RenderableType:
    """Draw a dry-run: the commands and their undo, then what would differ; or why it would be refused."""
    if "plan" not in document:
        return cell(f"refused: {(document.get('error') or {}).get('detail')}")
    steps = rows(
        table("plan (nothing was written or sent)", "element", "command", "undo"),
        ((s["element"], s["command"], "\n".join(s.get("undo") or ())) for s in document["plan"]),
    )
    before, after = (flat(document.get(name) or {}) for name in ("before", "after"))
    differing = [n for n in (*before, *(n for n in after if n not in before)) if before.get(n) != after.get(n)]
    changes = table("what differs on the network", "field", "before", "after")
    rows(changes, ((name, before.get(name), after.get(name)) for name in differing))
    return Group(steps, changes) if differing else Group(steps, cell("nothing would differ on the network"))


def line(document: Json) -> RenderableType:
    """Draw a line: what was agreed, what restricts it, what the network should hold."""
    parts: list[RenderableType] = [facts(document, *_LINE)]
    if restrictions := document.get("restrictions"):
        made = table("restrictions", "kind", "reason", "since", "reference")
        parts.append(
            rows(made, ((r["kind"], r["reason"], clock(r.get("since")), r.get("reference")) for r in restrictions))
        )
    if due := document.get("due"):
        made = table("due", "at", "action", "how", "what", "source")
        parts.append(rows(made, ((clock(d["at"]), d["action"], _how(d), d["name"], d["source"]) for d in due)))
    if subscription := document.get("subscription"):
        parts.append(rows(table("on the network", "field", "value"), flat(subscription).items()))
    if pending := document.get("pending_orders"):
        parts.append(rows(table("orders to come", "order"), ((_pending(o),) for o in pending)))
    return Group(*parts)


def history(documents: Sequence[Json]) -> RenderableType:
    """Draw what happened, oldest first."""
    made = table("", "at", "what", "order", "more")
    return rows(made, ((clock(d.get("at")), d.get("type"), *_about(d.get("data") or {})) for d in documents))


def line_named(document: Json) -> str:
    """Name the line of an order."""
    named = document.get("line")
    return ", ".join(str(value) for value in named.values()) if isinstance(named, dict) else str(named or "")


def _pending(named: object) -> object:
    return " ".join(str(value) for value in named.values()) if isinstance(named, dict) else named


def _how(due: Json) -> object:
    return "proposed, decide" if due.get("proposed_at") else due["how"]


def _about(data: Json) -> tuple[object, str]:
    known = ("order_id", "msisdn")
    more = (f"{name} {value}" for name, value in flat(data).items() if name not in known and value is not None)
    return data.get("order_id"), "; ".join(more)
