"""How identities, keys and options are written for OsmoHLR: checked, so that no value can break out of its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from drivers.commands import Credentials
from drivers.errors import NotSpoken
from drivers.subscription import Imsi, Msisdn

MASK = "*****"
ALGORITHMS_2G = ("comp128v1", "comp128v2", "comp128v3")
NO_KEY = "0" * 32  #: what a simulated element shows where a real one shows a key

IMSI = re.compile(r"[0-9]{6,15}")  # what 1.5.0 takes for an IMSI
NUMBER = re.compile(r"[0-9]{1,15}")  # and for an MSISDN: digits, no +
KEY = re.compile(r"[0-9A-Fa-f]{32}")
_PREFIX = re.compile(r"[0-9]{0,15}")


def imsi(value: str) -> str:
    """Write an IMSI. Raises NotSpoken when it is none."""
    if not IMSI.fullmatch(value):
        raise NotSpoken("OsmoHLR takes 6 to 15 digits for an IMSI")
    return value


def number(msisdn: str) -> str:
    """Write a number as OsmoHLR has it, without ``+``. Raises NotSpoken."""
    digits = msisdn.removeprefix("+")
    if not NUMBER.fullmatch(digits):
        raise NotSpoken("OsmoHLR takes at most 15 digits for a number")
    return digits


def prefix(value: str) -> str:
    """Write the beginning of an IMSI. Raises NotSpoken."""
    if not _PREFIX.fullmatch(value):
        raise NotSpoken("IMSIs are listed by at most 15 digits they begin with")
    return value


def key(keys: Credentials | None, name: str) -> Credentials:
    """Check keys about to be written. Raises NotSpoken, never repeating them."""
    if keys is None:
        raise NotSpoken(f"{name} needs the SIM's keys; the vault gave none")
    if not KEY.fullmatch(keys.ki) or not (keys.opc is None or KEY.fullmatch(keys.opc)):
        raise NotSpoken("Ki and OPc must be 32 hexadecimal digits each")
    return keys


def read_imsi(value: str) -> Imsi:
    """Read an IMSI. Raises ValueError."""
    if not IMSI.fullmatch(value):
        raise ValueError("an IMSI is 6 to 15 digits")
    return Imsi(value)


def read_number(value: str) -> Msisdn:
    """Read a number. Raises ValueError."""
    if not NUMBER.fullmatch(value):
        raise ValueError("a number is 1 to 15 digits")
    return Msisdn(f"+{value}")


def read_keys(ki: str, opc: str | None) -> Credentials:
    """Read keys. Raises ValueError without repeating them."""
    if not KEY.fullmatch(ki) or not (opc is None or KEY.fullmatch(opc)):
        raise ValueError("a key is 32 hexadecimal digits")
    return Credentials(ki, opc)


def known(dialect: str, options: Mapping[str, object], names: Collection[str]) -> None:
    """Raise NotSpoken when there is an option nobody knows."""
    if unknown := set(options) - set(names):
        raise NotSpoken(f"{dialect} knows no option {sorted(unknown)}; it knows {sorted(names)}")


def algorithm_2g(options: Mapping[str, object]) -> str:
    """Read which algorithm belongs to keys without OPc. Raises NotSpoken."""
    chosen = options.get("algorithm_2g", ALGORITHMS_2G[0])
    if not isinstance(chosen, str) or chosen not in ALGORITHMS_2G:
        raise NotSpoken(f"dialect option algorithm_2g must be one of {', '.join(ALGORITHMS_2G)}")
    return chosen
