"""The lines of the VTY that a simulated element understands, and the words for network access."""

from __future__ import annotations

from drivers import commands as c
from drivers.commands import Command, Credentials
from drivers.dialects._osmo.writing import ALGORITHMS_2G, IMSI, NUMBER, read_keys, read_number
from drivers.subscription import Iccid, Imsi, Msisdn, NetworkAccess

KEEP_ALIVE = "terminal length 0"  #: also what keeps long answers in one piece
UNKNOWN, INCOMPLETE = "Unknown command.", "Command incomplete."
MODES = {
    NetworkAccess.NONE: "none",
    NetworkAccess.CS_ONLY: "cs",
    NetworkAccess.PS_ONLY: "ps",
    NetworkAccess.BOTH: "cs+ps",
}
_ACCESS = {word: mode for mode, word in MODES.items()}
_NO_ICCID = Iccid("")  # an HLR knows no ICCID
_NO_NUMBER = Msisdn("")  # which number goes is not said
_LONGEST_NUMBER = 15


def read_line(line: str) -> tuple[Command | None, Credentials | None, str]:
    """Read a line: a command with its keys, or what is wrong with it."""
    words = line.split()
    try:
        return *_read(words), ""
    except ValueError as problem:
        return None, None, str(problem)


def _read(words: list[str]) -> tuple[Command, Credentials | None]:
    match words:
        case ["terminal", "length", "0"]:
            return c.KeepAlive(), None
        case ["show", "subscribers", "all"]:
            return c.ListSubscribers(""), None
        case ["show", "subscribers", "imsi", beginning]:
            return c.ListSubscribers(beginning), None
        case ["show", "subscriber", "imsi", imsi]:
            return c.ReadKeys(Imsi(imsi)), None
        case ["subscriber", "imsi", imsi, "update", "aud2g" | "aud3g" as kind, *rest]:
            return c.PutKeys(Imsi(imsi), _NO_ICCID), _keys(kind, rest)
        case ["subscriber", "imsi", imsi, *rest]:
            return _about(Imsi(imsi), rest), None
        case _:
            raise ValueError(UNKNOWN)


def _about(imsi: Imsi, words: list[str]) -> Command:
    match words:
        case ["create"]:
            if not IMSI.fullmatch(imsi):
                raise ValueError(f"Not a valid IMSI: {imsi}")
            return c.CreateSubscriber(imsi, None)
        case ["delete"]:
            return c.RemoveSubscriber(imsi)
        case ["show"]:
            return c.ReadSubscriber(imsi)
        case ["update", "msisdn", "none"]:
            return c.ReleaseMsisdn(imsi, _NO_NUMBER)
        case ["update", "msisdn", number]:
            return c.ChangeMsisdn(imsi, _number(number))
        case ["update", "network-access-mode", mode] if mode in _ACCESS:
            return c.Provide(imsi, _ACCESS[mode])
        case [] | ["update"] | ["update", "msisdn" | "network-access-mode"]:
            raise ValueError(INCOMPLETE)
        case _:
            raise ValueError(UNKNOWN)


def _number(word: str) -> Msisdn:
    if len(word) > _LONGEST_NUMBER:
        raise ValueError("MSISDN is too long, max. 15 characters are allowed")
    if not NUMBER.fullmatch(word):
        raise ValueError(f"MSISDN invalid: '{word}'")
    return read_number(word)


def _keys(kind: str, words: list[str]) -> Credentials:
    """Read keys. Raises ValueError; the real one repeats a key it does not like, this one does not."""
    given: tuple[str, str | None]
    match kind, words:
        case "aud2g", [algorithm, "ki", ki] if algorithm in ALGORITHMS_2G:
            given, name = (ki, None), "KI"
        case "aud3g", ["milenage", "k", k, "opc", opc]:
            given, name = (k, opc), "K"
        case "aud3g", ["milenage"] | ["milenage", "k"] | ["milenage", "k", _] | ["milenage", "k", _, "opc"]:
            raise ValueError(INCOMPLETE)
        case _:
            raise ValueError(UNKNOWN)
    try:
        return read_keys(*given)
    except ValueError:
        raise ValueError(f"Invalid value for {name}: '?'") from None
