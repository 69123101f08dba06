"""What emulated cards hold at the end, so that a training run can be checked: numbers, counters, digests; no key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from gateway.cli.card.emulate.made_cards import Made
from gateway.cli.gateway_client import Json
from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.image import Use
from sim_readers.emulator.refusals import Refusal
from sim_readers.errors import WrongValue
from sim_readers.files.iccid import FILE as EF_ICCID
from sim_readers.files.imsi import FILE as EF_IMSI
from sim_readers.milenage import Milenage
from sim_readers.path import FilePath
from sim_readers.trace.selection import shown_files

_ICCID = "3F00/2FE2"
_IMSIS = ("ADF.USIM/6F07", "3F00/7F20/6F07")
_RAND = bytes(range(16))


def result(made: Made) -> Json:
    """What one card holds. ``own_keys``: for each kind of authentication, whether it uses the card's own keys."""
    card = made.card
    keys = card.inside.keys.by_name
    tries = {name.upper(): key.tries for name, key in keys.items()}
    puks = {f"PUK{name[-1]}": key.puk_tries for name, key in keys.items() if key.made.puk_tries}
    return {
        "iccid": _number(card, EF_ICCID, _ICCID),
        "imsi": next((imsi for path in _IMSIS if (imsi := _number(card, EF_IMSI, path)) is not None), None),
        "model": card.image.name,
        "tries": {**tries, **puks},
        "commands": card.tpdus,
        "writes": card.inside.memory.writes,
        "own_keys": _own_keys(made),
        "files": _digests(card),
    }


def lines(cards: Iterable[Made]) -> bytes:
    """Write results as JSON lines."""
    return "".join(json.dumps(result(made), separators=(",", ":")) + "\n" for made in cards).encode()


def _number(card: VirtualCard, file: type[EF_ICCID | EF_IMSI], path: str) -> str | None:
    try:
        return file.decode(card.content(path))
    except (KeyError, WrongValue):
        return None


def _own_keys(made: Made) -> dict[str, bool]:
    ki, opc = made.data.ki, made.data.opc
    if ki is None or opc is None:
        return {}
    wanted = Milenage(ki, opc).gsm(_RAND)
    uses: list[Use] = [use for slot in made.card.image.key_slots for use in slot.uses] or ["usim"]
    return {use: _answers(made.card, use, wanted) for use in uses}


def _answers(card: VirtualCard, use: Use, wanted: tuple[bytes, bytes]) -> bool:
    try:
        return card.inside.authenticator.gsm(use, _RAND) == wanted
    except Refusal:
        return False


def _digests(card: VirtualCard) -> dict[str, str]:
    """SHA-256 of every file that is known to hold no key."""
    bodies = card.inside.memory.bodies
    shown = {str(path) for path in shown_files()}
    return {
        path: hashlib.sha256(body).hexdigest()
        for path, body in bodies.items()
        if path in shown and str(FilePath.parse(path)) == path
    }
