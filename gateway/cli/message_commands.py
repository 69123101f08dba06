"""``linegate message …``: its commands and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.failure import EXIT_CODES
from gateway.cli.options import AsJson, Msisdn, Timeout

_DEFAULT_TIMEOUT_S = 60.0
_MOST_LISTED = 200

_MessageId = Annotated[str, typer.Argument(help="The id the message was accepted with.", metavar="ID")]
_Text = Annotated[str | None, typer.Argument(help="What to say; or name a --template.")]
_Template = Annotated[str | None, typer.Option(help="A template of the line's contract, instead of a text.")]
_Values = Annotated[
    list[str] | None, typer.Option("--value", help="What to fill into the template, as when='9 h'; may be repeated.")
]
_Language = Annotated[str | None, typer.Option(help="Of the template; else the line's.")]
_Sender = Annotated[str | None, typer.Option(help="In whose name; else the contract's. Never a mobile number.")]
_Contract = Annotated[str | None, typer.Option(help="In this contract's name, for a number that is no line of ours.")]


def messages() -> typer.Typer:
    """Make the group of commands."""
    group = typer.Typer(
        help="Send short messages, and see what became of them.", no_args_is_help=True, epilog=EXIT_CODES
    )
    for name, command in (
        ("send", send),
        ("preview", preview),
        ("show", show),
        ("list", list_),
        ("resend", resend),
        ("drop", drop),
        ("cancel", cancel),
    ):
        group.command(name, epilog=EXIT_CODES)(command)
    return group


def send(  # noqa: PLR0913 - one parameter is one option
    to: Msisdn,
    text: _Text = None,
    *,
    template: _Template = None,
    value: _Values = None,
    language: _Language = None,
    sender: _Sender = None,
    contract: _Contract = None,
    customer: Annotated[str | None, typer.Option(help="Whose application asks: each is paced for itself.")] = None,
    external_id: Annotated[str | None, typer.Option(help="Your own number for the message.")] = None,
    priority: Annotated[str | None, typer.Option(help="urgent, normal or bulk.")] = None,
    validity_s: Annotated[int | None, typer.Option(min=1, help="Seconds after which it is worth nothing.")] = None,
    on_doubt: Annotated[str | None, typer.Option(help="resend or hold, if it may have gone out unheard of.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until an SMSC has it; fail if none took it.")
    ] = False,
    timeout: Timeout = _DEFAULT_TIMEOUT_S,
    as_json: AsJson = False,
) -> None:
    """Send a message to a number."""
    from gateway.cli import messages as work  # noqa: PLC0415 - heavy, see the module

    rest = {"language": language, "sender": sender, "customer": customer, "external_id": external_id}
    rest |= {"contract": contract, "priority": priority, "on_doubt": on_doubt}
    wish = work.make_message(to, text, template, value or [], {**rest, "validity_s": validity_s})
    work.send(wish, timeout if wait else None, as_json=as_json)


def preview(  # noqa: PLR0913 - one parameter is one option
    to: Msisdn,
    text: _Text = None,
    *,
    template: _Template = None,
    value: _Values = None,
    language: _Language = None,
    sender: _Sender = None,
    contract: _Contract = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a message would cost: its alphabet, its segments, what would be written otherwise. Nothing is sent."""
    from gateway.cli import messages as work  # noqa: PLC0415 - heavy, see the module

    wish = work.make_message(
        to, text, template, value or [], {"language": language, "sender": sender, "contract": contract}
    )
    work.preview(wish, as_json=as_json)


def show(message_id: _MessageId, *, as_json: AsJson = False) -> None:
    """Show a message: where it is, its parts at the SMSC, its receipts."""
    from gateway.cli import messages as work  # noqa: PLC0415 - heavy, see the module

    work.show_one(message_id, as_json=as_json)


def list_(  # noqa: PLR0913 - one parameter is one option
    *,
    to: Annotated[str | None, typer.Option(help="To this number.")] = None,
    state: Annotated[str | None, typer.Option(help="In this state: queued, parked, sent, delivered, failed, …")] = None,
    kind: Annotated[str | None, typer.Option(help="confirmation, alert, welcome, answer or application.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_MOST_LISTED, help="How many at most.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended: its `next`.")] = None,
    as_json: AsJson = False,
) -> None:
    """List messages, newest first."""
    from gateway.cli import messages as work  # noqa: PLC0415 - heavy, see the module

    filters = {"to": to, "state": state, "kind": kind, "cursor": cursor, "limit": limit}
    work.show_list(filters, as_json=as_json)


def resend(message_id: _MessageId, *, as_json: AsJson = False) -> None:
    """Send a parked message again, though it may arrive twice."""
    _move(message_id, "resend", as_json=as_json)


def drop(message_id: _MessageId, *, as_json: AsJson = False) -> None:
    """Give a parked message up."""
    _move(message_id, "drop", as_json=as_json)


def cancel(message_id: _MessageId, *, as_json: AsJson = False) -> None:
    """Take back a message that has not been sent."""
    _move(message_id, "cancel", as_json=as_json)


def _move(message_id: str, verb: str, *, as_json: bool) -> None:
    from gateway.cli import messages as work  # noqa: PLC0415 - heavy, see the module

    work.move(message_id, verb, as_json=as_json)
