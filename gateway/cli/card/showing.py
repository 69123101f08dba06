"""How cards and plans are shown: big verdicts, a row a difference; what a secret file holds never is."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from gateway.cli.card.outcomes import VERDICTS
from gateway.cli.gateway_client import Json
from gateway.cli.printing import cell, facts, rows, table
from sim_readers.job.plan import Plan
from sim_readers.job.runner import CardResult
from sim_readers.path import FilePath
from sim_readers.proof import Disproven, Proof, Proven, Unprovable
from sim_readers.trace.selection import shown_files

_HIDDEN = "**"


def hexadecimal(path: FilePath, raw: bytes) -> str:
    """Write a file's bytes; hidden unless the file is known to hold no key."""
    return raw.hex().upper() if path in shown_files() else _HIDDEN * len(raw)


def verdict(result: CardResult) -> Panel:
    """Say in one big box how a card ended."""
    words, colour = VERDICTS[result.outcome]
    lines = [Text(words, style=f"bold {colour}"), cell(result.iccid or "no ICCID"), cell(figures(result))]
    lines += [cell(reason) for reason in result.reasons]
    return Panel(Text("\n").join(lines), border_style=colour, title=cell(result.reader), expand=False)


def line(result: CardResult) -> str:
    """Say the same in one line, for logs."""
    words, _ = VERDICTS[result.outcome]
    reasons = f" ({'; '.join(result.reasons)})" if result.reasons else ""
    return f"{result.reader}: {result.iccid or 'no ICCID'}: {words}; {figures(result)}{reasons}"


def figures(result: CardResult) -> str:
    """The proof, the commands sent and the seconds taken."""
    return f"{proof(result.proof)}, {result.apdus} APDUs, {result.duration_s:.2f} s"


def proof(found: Proof | None) -> str:
    """Say what a card has proven."""
    match found:
        case None:
            return "keys not asked for"
        case Proven(sqn):
            return "keys proven" if sqn is None else f"keys proven, its SQN is {sqn}"
        case Disproven():
            return "other keys"
        case Unprovable():
            return "keys not proven"


def draw_plan(plan: Plan) -> RenderableType:
    """Draw what a plan would write, what is as wished, and what forbids it."""
    told = plan.to_json()
    head = facts(
        {**told, "model": plan.model.title}, "iccid", "model", "evidence", "doubts", "imsi_before", "adm_tries"
    )
    drawn: list[RenderableType] = [head, _differences(told["differences"])]
    if plan.key_files:
        drawn.append(cell(f"keys go into {', '.join(told['key_files'])}, unless the card proves that it has them"))
    if plan.same:
        drawn.append(cell(f"as wished already: {', '.join(dict.fromkeys(plan.same))}"))
    if plan.blockers:
        drawn.append(rows(table("cannot be carried out", "why"), ([blocker] for blocker in plan.blockers)))
    return Group(*drawn)


def _differences(differences: Iterable[Json]) -> RenderableType:
    made = table("to write", "file", "path", "", "bytes", "decoded")
    for one in differences:
        name = one["file"] if one["record"] is None else f"{one['file']} record {one['record']}"
        made.add_row(
            cell(name), cell(one["path"]), cell("now"), cell(one["before"]), cell(short(one["before_decoded"]))
        )
        made.add_row("", "", cell("then"), cell(one["after"]), cell(short(one["after_decoded"])))
    return made if made.row_count else cell("nothing is to be written into files that can be read")


def short(value: object) -> str | None:
    """Write a decoded value in one line."""
    return None if value is None else json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
