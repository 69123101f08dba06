"""``linegate audit …`` and ``linegate import-element``: their options."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.asker import requested_by
from gateway.cli.failure import EXIT_CODES
from gateway.cli.options import AsJson

DRIFT = 4
AUDIT_EXIT_CODES = f"{EXIT_CODES.removesuffix('.')}; {DRIFT} something differs that nothing was ordered against."

_MOST_SHOWN = 1000

AuditId = Annotated[str, typer.Argument(help="The id the audit was started with.", metavar="ID")]
Contract = Annotated[str | None, typer.Option(help="Lines of this contract; those adopted come under it.")]
Plan = Annotated[str | None, typer.Option(help="Adopted lines have this plan; no element tells one.")]
SuspendedAs = Annotated[str | None, typer.Option(help="Why adopted lines are suspended, where they are: unpaid, …")]
BarredAs = Annotated[str | None, typer.Option(help="Why adopted lines are barred, where they are: unpaid, …")]
Keys = Annotated[bool, typer.Option("--keys", help="Ask for keys apart, where reading a subscriber tells none.")]
Follow = Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for its end, and tell what was found.")]
Limit = Annotated[int, typer.Option(min=1, max=_MOST_SHOWN, help="How many findings to show at most.")]
Kind = Annotated[str | None, typer.Option(help="Only missing, extra, different, in_flight or unreadable.")]


def audits() -> typer.Typer:
    """Make the group of commands; the group itself starts an audit."""
    group = typer.Typer(epilog=AUDIT_EXIT_CODES, invoke_without_command=True, callback=audit)
    for name, command in (("list", list_), ("show", show), ("cancel", cancel)):
        group.command(name, epilog=AUDIT_EXIT_CODES)(command)
    return group


def audit(  # noqa: PLR0913 - one parameter is one option
    context: typer.Context,
    *,
    line: Annotated[list[str] | None, typer.Option(help="The line with this number; may be repeated.")] = None,
    element: Annotated[str | None, typer.Option(help="Lines of this element, and whoever else it holds.")] = None,
    contract: Contract = None,
    state: Annotated[str | None, typer.Option(help="Lines in this state: active, barred, suspended, …")] = None,
    policy: Annotated[str, typer.Option(help="report, repair or adopt.")] = "report",
    plan: Plan = None,
    suspended_as: SuspendedAs = None,
    barred_as: BarredAs = None,
    keys: Keys = False,
    follow: Follow = True,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """Hold the elements against what was agreed: report what differs, repair it, or adopt it.

    Without --line, --element, --contract or --state: all lines, and all subscribers that belong to none.
    """
    if context.invoked_subcommand is not None:
        return
    from gateway.cli import audits as work  # noqa: PLC0415 - heavy, see the module

    adopts = policy == "adopt"
    scope = {"msisdn": line, "element": element, "contract": contract, "state": state}
    hints = {"plan": plan, "suspended_as": suspended_as, "barred_as": barred_as}
    wish = {
        "policy": policy,
        "keys": keys,
        **hints,
        "contract": contract if adopts else None,
        "requested_by": requested_by(),
    }
    work.audit(scope, wish, work.Manner(follow, limit, as_json))


def import_element(  # noqa: PLR0913 - one parameter is one option
    name: Annotated[str, typer.Argument(help="The element whose subscribers become lines.", metavar="ELEMENT")],
    *,
    contract: Annotated[str, typer.Option(help="The contract they come under.")],
    plan: Plan = None,
    suspended_as: SuspendedAs = None,
    barred_as: BarredAs = None,
    follow: Follow = True,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """Adopt an element's subscribers as lines; the vendors' files of their SIMs are imported before.

    This is an audit of the element with the policy adopt: nothing is sent that changes anything there.
    """
    from gateway.cli import audits as work  # noqa: PLC0415 - heavy, see the module

    hints = {"plan": plan, "suspended_as": suspended_as, "barred_as": barred_as}
    wish = {"policy": "adopt", "contract": contract, **hints, "requested_by": requested_by()}
    work.audit({"element": name}, wish, work.Manner(follow, limit, as_json))


def list_(
    *,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended: its `next`.")] = None,
    as_json: AsJson = False,
) -> None:
    """List audits, newest first."""
    from gateway.cli import audits as work  # noqa: PLC0415 - heavy, see the module

    work.show_list(limit, cursor, as_json=as_json)


def show(  # noqa: PLR0913 - one parameter is one option
    audit_id: AuditId,
    *,
    kind: Kind = None,
    cursor: Annotated[str | None, typer.Option(help="Go on where the findings ended: their `next`.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Wait for its end first.")] = False,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """Show an audit and what it has found."""
    from gateway.cli import audits as work  # noqa: PLC0415 - heavy, see the module

    work.show_one(audit_id, work.Manner(follow, limit, as_json, kind, cursor))


def cancel(audit_id: AuditId, *, as_json: AsJson = False) -> None:
    """End an audit where it is; orders it has placed go on."""
    from gateway.cli import audits as work  # noqa: PLC0415 - heavy, see the module

    work.cancel(audit_id, as_json=as_json)
