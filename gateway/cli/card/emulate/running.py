"""Emulation at work: cards made, put behind their front, announced, and what they hold written down at the end."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

import typer

from gateway.cli.card.emulate.made_cards import Made, card_data, make, reader_name
from gateway.cli.card.emulate.results import lines
from gateway.cli.card.emulate.slots import Slot, Tray
from gateway.cli.card.emulate.wishes import Emulation, Front
from gateway.cli.card.private_files import refuse_overwriting, write_private
from gateway.cli.card.scripting import image_file
from gateway.cli.card.sources import read_all
from gateway.cli.card.troubles import explained
from gateway.cli.failure import NothingThere, WrongUse
from gateway.cli.gateway_client import Json
from gateway.settings import config_directory
from sim_readers.card_data import CardData
from sim_readers.emulator.image import read_image
from sim_readers.emulator.modem_door import ModemDoor
from sim_readers.emulator.phoenix_door import PhoenixDoor
from sim_readers.emulator.phoenix_pty import PtyPhoenixDoor

_STDIN: Final = 0
_LOOK_S: Final = 0.1
_HOW: Final = """no front is named, so nothing was started. Say where others are to find the card:
  --vpcd 127.0.0.1:35963   a slot of pcscd's virtual reader (vpcd), or of our own: --reader vpcd::35963
  --rfc2217 4001           a serial reader on the network: --reader serial_t0:rfc2217://127.0.0.1:4001
  --pty                    a serial reader at a pseudo-terminal
  --modem 4002             a modem on the network: --reader at_modem:socket://127.0.0.1:4002
  --modem-pty              a modem at a pseudo-terminal
  --state FILE             no front: card commands reach it by the reader's name that is printed"""


class Announcer:
    """Prints events as they come, a line each. Thread-safe."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._lock = threading.Lock()

    def __call__(self, event: Json) -> None:
        """Print one event."""
        with self._lock:
            typer.echo(json.dumps(event) if self._as_json else _words(event))


def emulate(wished: Emulation, *, as_json: bool) -> None:
    """Emulate until stopped, or until the tray is empty. Raises Failure."""
    _check(wished)
    with explained():
        _emulate(wished, Announcer(as_json=as_json))


def _emulate(wished: Emulation, tell: Announcer) -> None:
    file = image_file(config_directory(wished.config), wished.cards.model)
    image = read_image(file)
    data = _data(wished)
    tray = Tray((make(wished.cards, image, one) for one in data), len(data))
    if wished.front.kinds == 0:
        state = wished.cards.state
        if state is None:
            raise WrongUse(_HOW)
        tray.next()
        tell({"event": "ready", "fronts": [reader_name(state, file)]})
    else:
        with _stopped(until_stdin_ends=wished.until_stdin_ends) as stop:
            (_slots if wished.front.vpcd else _door)(wished, tray, tell, stop)
    if wished.results is not None:
        write_private(wished.results, lines(tray.given), force=wished.force)


def _check(wished: Emulation) -> None:
    """Refuse what does not go together. Raises WrongUse."""
    if wished.front.kinds > 1:
        raise WrongUse("one kind of front at a time: start another `linegate card emulate` for another card")
    if wished.tray and not wished.front.vpcd:
        raise WrongUse("--tray needs slots its cards go through: say --vpcd HOST:PORT")
    if wished.tray and (wished.cards.file is not None or wished.cards.state is not None):
        raise WrongUse("--tray has the cards: leave out --cards and --state")
    if wished.cards.state is not None and len(wished.front.vpcd) > 1:
        raise WrongUse("--state keeps one card: name one slot")
    if wished.results is not None:
        refuse_overwriting(wished.results, force=wished.force)


def _data(wished: Emulation) -> Sequence[CardData]:
    if wished.tray:
        return list(read_all(wished.tray).cards.values())
    return card_data(wished.cards, max(1, len(wished.front.vpcd)))


def _slots(wished: Emulation, tray: Tray, tell: Announcer, stop: threading.Event) -> None:
    swaps = bool(wished.tray)
    with ExitStack() as stack:
        slots = [Slot(where, tray, tell, stop, swaps=swaps) for where in wished.front.vpcd]
        for slot in slots:
            stack.callback(slot.close)
            slot.fill()
        tell({"event": "ready", "fronts": [f"vpcd {slot.where}" for slot in slots], "left": tray.left})
        for slot in slots:
            slot.start()
        while not stop.is_set() and any(slot.working for slot in slots):
            stop.wait(_LOOK_S)
        stop.set()


def _door(wished: Emulation, tray: Tray, tell: Announcer, stop: threading.Event) -> None:
    made = tray.next()
    if made is None:
        raise NothingThere("there is no card")
    with _opened(wished.front, made) as name:
        tell({"event": "ready", "fronts": [name], "iccid": made.data.iccid})
        stop.wait()


@contextmanager
def _opened(front: Front, made: Made) -> Iterator[str]:
    """Put the card behind its front; give the name of the reader it is in. Raises OSError."""
    if front.rfc2217 is not None:
        with PhoenixDoor(made.face, front.rfc2217) as serial:
            yield f"serial_t0:{serial.url}"
    elif front.pty:
        with PtyPhoenixDoor(made.face) as terminal:
            yield f"serial_t0:{terminal.path}?reset=none"
    else:
        with ModemDoor(made.face, pty=front.modem_pty, port=front.modem or 0) as modem:
            yield f"at_modem:{modem.url}"


@contextmanager
def _stopped(*, until_stdin_ends: bool) -> Iterator[threading.Event]:
    """Give what is set by a signal, and when stdin ends if that is wished."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    if until_stdin_ends:
        threading.Thread(target=_read_out, args=(stop.set,), name="stdin", daemon=True).start()
    try:
        yield stop
    finally:
        stop.set()
        for number, handler in before.items():
            signal.signal(number, handler)


def _read_out(end: Callable[[], None]) -> None:
    while os.read(_STDIN, 4096):
        pass
    end()


def _words(event: Json) -> str:
    match event:
        case {"event": "ready", "fronts": [*fronts]}:
            return f"ready {' '.join(fronts)}"
        case {"event": "in", "slot": slot, "iccid": iccid, "left": left}:
            return f"{slot} has card {iccid}; {left} left"
        case {"event": "empty", "slot": slot}:
            return f"{slot} is empty"
        case _:
            return json.dumps(event)
