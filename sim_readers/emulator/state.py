"""Keep a virtual card in a file, so that it is the same card after a restart.

The file holds all a card holds, its Ki, PINs and PUKs too, in clear: keep training cards in it and no others.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.faults import Faults
from sim_readers.emulator.image import CardImage, KeyImage
from sim_readers.emulator.pins import Key, key_of
from sim_readers.secret import Secret

SPEC = "1"
_MODE = 0o600
_FIXED = ConfigDict(frozen=True, extra="forbid", strict=True)


class _KeyState(BaseModel):
    model_config = _FIXED
    value: str = Field(repr=False)
    puk: str = Field(repr=False)
    tries: int
    puk_tries: int
    enabled: bool


class _State(BaseModel):
    model_config = _FIXED
    spec: str
    image: str
    keys: dict[str, _KeyState]
    sqns: list[int]
    bodies: dict[str, str] = Field(repr=False)


def save(card: VirtualCard, path: Path) -> None:
    """Write the card's file: all or nothing, for the owner alone to read. Raises OSError."""
    inside = card.inside
    state = {
        "spec": SPEC,
        "image": card.image.name,
        "keys": {name: _key_state(key) for name, key in inside.keys.by_name.items()},
        "sqns": inside.authenticator.sqns,
        "bodies": {name: bytes(body).hex() for name, body in inside.memory.bodies.items()},
    }
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "w", encoding="utf-8") as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def load(path: Path, image: CardImage, *, faults: Faults | None = None, record: bool = False) -> VirtualCard:
    """Read a card back. Raises OSError, and ValueError when the file is of another card type or broken."""
    try:
        state = _State.model_validate_json(path.read_bytes())
    except ValueError:
        raise ValueError(f"{path} does not hold a virtual card; move it away to begin with a new one") from None
    if (state.spec, state.image) != (SPEC, image.name) or set(state.keys) != set(image.keys):
        raise ValueError(
            f"{path} holds a card of type {state.image}, not {image.name}; choose the image it was made of"
        )
    keys: dict[str, Key] = {name: _key(made, state.keys[name]) for name, made in image.keys.items()}
    card = VirtualCard(image, keys, faults=faults, record=record)
    _restore(card, state, path)
    return card


def resume(path: Path, image: CardImage, make: Callable[[], VirtualCard]) -> VirtualCard:
    """Read the card of a file, or make it and write the file; from then on every change is kept there.

    Raises OSError and ValueError as ``load`` does.
    """
    card = load(path, image) if path.exists() else make()
    card.keep = lambda changed: save(changed, path)
    save(card, path)
    return card


def _key_state(key: Key) -> dict[str, object]:
    return {
        "value": key.value.reveal().hex(),
        "puk": key.puk.reveal().hex(),
        "tries": key.tries,
        "puk_tries": key.puk_tries,
        "enabled": key.enabled,
    }


def _key(made: KeyImage, state: _KeyState) -> Key:
    key = key_of(made, Secret.from_hex(state.value), Secret.from_hex(state.puk))
    key.tries, key.puk_tries, key.enabled = state.tries, state.puk_tries, state.enabled
    return key


def _restore(card: VirtualCard, state: _State, path: Path) -> None:
    bodies = card.inside.memory.bodies
    held = {name: bytes.fromhex(content) for name, content in state.bodies.items()}
    sqns = card.inside.authenticator.sqns
    if {name: len(body) for name, body in bodies.items()} != {name: len(body) for name, body in held.items()}:
        raise ValueError(f"{path} was made of another version of {card.image.name}; move it away to begin anew")
    if len(state.sqns) != len(sqns):
        raise ValueError(f"{path} has {len(state.sqns)} sequence numbers, not {len(sqns)}; move it away")
    sqns[:] = state.sqns
    for name, content in held.items():
        bodies[name][:] = content
