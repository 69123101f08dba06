"""NPC verbs for each command, in both directions: parameters bear the names of the command's fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields

from drivers import commands as c
from drivers.commands import Command
from drivers.dialects.npc.lines import MAX_NUMBER
from drivers.errors import NotSpoken

MAX_TEXT = 200  #: characters of one parameter; the longest real one is a reference
MASK = "*****"
_SECRET = "password"  # noqa: S105 - the name of a parameter, not a password
_ENVELOPE = {"n", "verb"}

VERBS: Mapping[str, type] = {
    "LOGIN": c.Login,
    "KEEP_ALIVE": c.KeepAlive,
    "REQUEST_PORT": c.RequestPort,
    "MOVE_PORT": c.MovePort,
    "CANCEL_PORT": c.CancelPort,
    "CONFIRM_PORT": c.ConfirmPort,
    "RELEASE_PORT": c.ReleasePort,
    "ANSWER_PORT": c.AnswerPort,
    "READ_PORT": c.ReadPort,
    "LIST_PORTS": c.ListPorts,
}
_VERB_OF = {kind: verb for verb, kind in VERBS.items()}


def request(number: int, command: Command) -> dict[str, object]:
    """Put a command into an object. Raises NotSpoken, never quoting a value."""
    kind = type(command)
    if kind not in _VERB_OF:
        raise NotSpoken(f"a clearing house has no word for {kind.__name__}")
    try:
        parameters = {f.name: _checked(f.name, getattr(command, f.name)) for f in fields(command)}
    except ValueError as wrong:
        raise NotSpoken(f"{_VERB_OF[kind]}: {wrong}") from wrong
    return {"n": number, "verb": _VERB_OF[kind], **parameters}


def masked(told: Mapping[str, object]) -> dict[str, object]:
    """Return the same object fit to be shown."""
    return {name: MASK if name == _SECRET else value for name, value in told.items()}


def command(told: Mapping[str, object]) -> Command:
    """Read a request. Raises KeyError naming what is missing, or ValueError; neither quotes a value."""
    verb = told["verb"]
    if not isinstance(verb, str) or verb not in VERBS:
        raise ValueError("the verb is unknown")
    kind: Callable[..., Command] = VERBS[verb]
    names = [f.name for f in fields(VERBS[verb])]
    if not told.keys() <= {*names, *_ENVELOPE}:
        raise ValueError(f"{verb} has a parameter that is unknown")
    return kind(**{name: _checked(name, told[name]) for name in names})


def _checked(name: str, value: object) -> object:
    """Return a parameter of the right type. Raises ValueError."""
    match name:
        case "accepted" if not isinstance(value, bool):
            raise ValueError("accepted must be true or false")
        case "since" if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_NUMBER:
            raise ValueError("since must be a whole number from 0")
        case "accepted" | "since":
            return value
        case _ if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise ValueError(f"{name} must be text of at most {MAX_TEXT} characters")
        case _:
            return value
