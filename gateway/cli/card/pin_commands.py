"""``linegate card pin …`` and ``linegate card puk …``: their options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

import typer

from gateway.cli.card.codes import HandedOver
from gateway.cli.card.options import (
    AcceptTries,
    ApprovedBy,
    Cards,
    Config,
    Given,
    Gsmtap,
    Readers,
    StationDirectory,
    Wait,
)
from gateway.cli.card.pin_task import Operation, PinTask
from gateway.cli.options import AsJson

_EXIT_CODES: Final = (
    "Exit codes: 0 as wished; 1 refused, or held back; 2 wrong usage, configuration or station; 3 no gateway; "
    "4 no reader, or no card; 5 the card refused what was presented."
)

Number = Annotated[int, typer.Option("--pin", min=1, max=2, help="1 for PIN1, 2 for PIN2.")]
Why = Annotated[str | None, typer.Option(help="Told to the gateway's audit when it gives out the key.")]
TypedPin = Annotated[bool, typer.Option("--typed-pin", help="Ask for the PIN, twice, instead of looking it up.")]
TypedPinFd = Annotated[
    int | None, typer.Option("--typed-pin-fd", min=0, metavar="N", help="Read the PIN as a line of this descriptor.")
]
TypedPuk = Annotated[bool, typer.Option("--typed-puk", help="Ask for the PUK, twice, instead of looking it up.")]
TypedPukFd = Annotated[
    int | None, typer.Option("--typed-puk-fd", min=0, metavar="N", help="Read the PUK as a line of this descriptor.")
]
NewPinFd = Annotated[
    int | None, typer.Option("--new-pin-fd", min=0, metavar="N", help="Read the new PIN as a line of this descriptor.")
]
VaultPin = Annotated[
    bool, typer.Option("--vault-pin", help="Set the PIN that is kept for this card, instead of asking for one.")
]
_EXIT_CODES_OF_PUKS: Final = "Exit codes: 0 told; 1 refused; 2 wrong usage; 3 the gateway cannot be reached."

Iccid = Annotated[str, typer.Argument(help="The card's number.", metavar="ICCID")]


def add_to(group: typer.Typer) -> None:
    """Put the two groups into the card commands."""
    pins = typer.Typer(help="See to a card's PINs.", no_args_is_help=True, epilog=_EXIT_CODES)
    pins.command("status", epilog=_EXIT_CODES)(status)
    pins.command("unblock", epilog=_EXIT_CODES)(unblock)
    pins.command("change", epilog=_EXIT_CODES)(change)
    for operation, told in (
        (Operation.VERIFY, "Present a PIN and tell whether it is right; a wrong one costs a try."),
        (Operation.ENABLE, "Have phones ask for the PIN."),
        (Operation.DISABLE, "Have phones not ask for the PIN any more."),
    ):
        pins.command(operation.value, help=told, epilog=_EXIT_CODES)(_presenting(operation))
    puks = typer.Typer(help="Have PUKs told by the gateway, which keeps who asked and why.", no_args_is_help=True)
    puks.command("show", epilog=_EXIT_CODES_OF_PUKS)(puk_show)
    puks.command("history", epilog=_EXIT_CODES_OF_PUKS)(puk_history)
    group.add_typer(pins, name="pin")
    group.add_typer(puks, name="puk")


def status(  # noqa: PLR0913 - one parameter is one option
    *,
    reader: Readers = None,
    station: StationDirectory = None,
    gsmtap: Gsmtap = None,
    config: Config = None,
    wait: Wait = 5.0,
    as_json: AsJson = False,
) -> None:
    """Tell the state and the tries left of PIN1, PIN2 and their PUKs; none is spent."""
    from gateway.cli.card import pin_state as work  # noqa: PLC0415 - heavy, see the module

    work.show_pins(Given(tuple(reader or ()), station, gsmtap, config, wait), as_json=as_json)


def unblock(  # noqa: PLR0913 - one parameter is one option
    *,
    pin: Number = 1,
    cards_file: Cards = None,
    why: Why = None,
    approved_by: ApprovedBy = None,
    typed_puk: TypedPuk = False,
    typed_puk_fd: TypedPukFd = None,
    new_pin_fd: NewPinFd = None,
    vault_pin: VaultPin = False,
    accept_tries: AcceptTries = None,
    reader: Readers = None,
    station: StationDirectory = None,
    gsmtap: Gsmtap = None,
    config: Config = None,
    wait: Wait = 5.0,
    as_json: AsJson = False,
) -> None:
    """Unblock a PIN with its PUK and set a new one. Ten wrong PUKs and the card is dead.

    The gateway tells the PUK when it is told --why; else it comes from --cards, --typed-puk or --typed-puk-fd.
    """
    code = HandedOver("typed-puk", typed_puk, typed_puk_fd)
    new = HandedOver("new-pin", descriptor=new_pin_fd)
    asks_gateway = cards_file is None and (vault_pin or not code)
    if why is None and asks_gateway:
        raise typer.BadParameter("say why: without it the gateway tells nothing", param_hint="--why")
    task = PinTask(Operation.UNBLOCK, pin, why or "", approved_by, cards_file, code, new, vault_pin, accept_tries)
    _work(Given(tuple(reader or ()), station, gsmtap, config, wait), task, as_json=as_json)


def change(  # noqa: PLR0913 - one parameter is one option
    *,
    pin: Number = 1,
    cards_file: Cards = None,
    why: Why = None,
    approved_by: ApprovedBy = None,
    typed_pin: TypedPin = False,
    typed_pin_fd: TypedPinFd = None,
    new_pin_fd: NewPinFd = None,
    accept_tries: AcceptTries = None,
    reader: Readers = None,
    station: StationDirectory = None,
    gsmtap: Gsmtap = None,
    config: Config = None,
    wait: Wait = 5.0,
    as_json: AsJson = False,
) -> None:
    """Replace a PIN by a new one, typed twice."""
    code = HandedOver("typed-pin", typed_pin, typed_pin_fd)
    new = HandedOver("new-pin", descriptor=new_pin_fd)
    told = why or "card pin change"
    task = PinTask(Operation.CHANGE, pin, told, approved_by, cards_file, code, new, accept_tries=accept_tries)
    _work(Given(tuple(reader or ()), station, gsmtap, config, wait), task, as_json=as_json)


def _presenting(operation: Operation) -> Callable[..., None]:
    """Make a command that does nothing but present a PIN."""

    def command(  # noqa: PLR0913 - one parameter is one option
        *,
        pin: Number = 1,
        cards_file: Cards = None,
        why: Why = None,
        approved_by: ApprovedBy = None,
        typed_pin: TypedPin = False,
        typed_pin_fd: TypedPinFd = None,
        accept_tries: AcceptTries = None,
        reader: Readers = None,
        station: StationDirectory = None,
        gsmtap: Gsmtap = None,
        config: Config = None,
        wait: Wait = 5.0,
        as_json: AsJson = False,
    ) -> None:
        code = HandedOver("typed-pin", typed_pin, typed_pin_fd)
        told = why or f"card pin {operation.value}"
        task = PinTask(operation, pin, told, approved_by, cards_file, code, accept_tries=accept_tries)
        _work(Given(tuple(reader or ()), station, gsmtap, config, wait), task, as_json=as_json)

    return command


def puk_show(
    iccid: Iccid,
    *,
    why: Annotated[str, typer.Option(help="Why it is wanted; kept in the gateway's audit.")],
    approved_by: ApprovedBy = None,
    as_json: AsJson = False,
) -> None:
    """Have the gateway tell a card's PUKs, once; who asked and why is kept before they are told."""
    from gateway.cli.card import puks as work  # noqa: PLC0415 - heavy, see the module

    work.show_puks(iccid, why, approved_by, as_json=as_json)


def puk_history(iccid: Iccid, *, as_json: AsJson = False) -> None:
    """Tell who had a card's secrets, when and why, and what stations found on it."""
    from gateway.cli.card import puks as work  # noqa: PLC0415 - heavy, see the module

    work.show_history(iccid, as_json=as_json)


def _work(given: Given, task: PinTask, *, as_json: bool) -> None:
    from gateway.cli.card import pins as work  # noqa: PLC0415 - heavy, see the module

    work.work_on_pin(given, task, as_json=as_json)
