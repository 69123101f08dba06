"""What ``show`` prints of one subscriber, and ``show subscribers`` of many. Keys stand in clear in the former."""

from __future__ import annotations

import re
from collections.abc import Sequence

from drivers.dialects._osmo.holding import access, domains
from drivers.dialects._osmo.writing import NO_KEY, read_imsi, read_number
from drivers.errors import Garbled
from drivers.subscription import Imsi, Subscription

HEADER = (
    "ID     MSISDN        IMSI              IMEI              NAM",
    "-----  ------------  ----------------  ----------------  -----",
)
NOBODY = "% No matching subscriber(s)"

_FIELD = re.compile(r" {4}(ID|IMSI|MSISDN): (\S+)")
_KEYS = ("    2G auth:", "    3G auth:")
_SHOWN = re.compile(r" Subscribers Shown: ([0-9]+)")
_HEADER_AGAIN = 40  # longer lists end as they begin


def write(subscription: Subscription, *, keys: bool) -> list[str]:
    """Print a subscriber nobody serves; zeros stand for its keys."""
    cs, ps = domains(subscription.access)
    msisdn = "none" if subscription.msisdn is None else subscription.msisdn.removeprefix("+")
    lines = ["    ID: 1", f"    IMSI: {subscription.imsi}", f"    MSISDN: {msisdn}"]
    lines += [f"    {name} disabled" for name, is_open in (("CS", cs), ("PS", ps)) if not is_open]
    margin = " " * 13
    auth = ("    3G auth: MILENAGE", f"{margin}K={NO_KEY}", f"{margin}OPC={NO_KEY}", f"{margin}IND-bitlen=5")
    return [*lines, *auth] if keys else lines


def read(lines: Sequence[str]) -> tuple[Subscription, bool]:
    """Read a subscriber, and whether keys are there, which are passed over. Raises Garbled."""
    fields = {found[1]: found[2] for line in lines if (found := _FIELD.fullmatch(line))}
    mode = access(cs="    CS disabled" not in lines, ps="    PS disabled" not in lines)
    try:
        msisdn = None if fields["MSISDN"] == "none" else read_number(fields["MSISDN"])
        subscription = Subscription(read_imsi(fields["IMSI"]), msisdn, access=mode)
    except (KeyError, ValueError):
        raise Garbled("show lacks or misstates IMSI or MSISDN") from None
    return subscription, any(line.startswith(_KEYS) for line in lines)


def write_list(imsis: Sequence[Imsi]) -> list[str]:
    """Print many, without their numbers."""
    rows = [f"{n:<5}  {'none':<12}  {imsi:<16}   -------------    CSPS  " for n, imsi in enumerate(imsis, 1)]
    end = [*reversed(HEADER)] if len(rows) > _HEADER_AGAIN else []
    return [*HEADER, *rows, *end, f" Subscribers Shown: {len(rows)}" if rows else NOBODY]


def is_list(lines: Sequence[str]) -> bool:
    """Tell a list from a complaint, which may come after half of one."""
    return lines[:1] == HEADER[:1] and (lines[-1] == NOBODY or not lines[-1].startswith("% "))


def read_list(lines: Sequence[str], prefix: str) -> tuple[Imsi, ...]:
    """Read those that begin with the prefix: the element lists whoever has it anywhere. Raises Garbled."""
    rows = [line for line in lines[:-1] if line not in HEADER]
    shown = _SHOWN.fullmatch(lines[-1])
    if (int(shown[1]) if shown else 0) != len(rows) or (shown is None and lines[-1] != NOBODY):
        raise Garbled("a list of subscribers does not end with how many there are")
    try:
        imsis = [read_imsi(row.split()[2]) for row in rows]
    except (IndexError, ValueError):
        raise Garbled("a list of subscribers has a row without IMSI") from None
    return tuple(imsi for imsi in imsis if imsi.startswith(prefix))
