"""What OsmoHLR 1.5.0 says on its VTY, to the letter."""

from __future__ import annotations

from drivers import commands as c
from drivers.commands import Command, Reply, Why
from drivers.dialects._osmo.refusals import NO_KEYS
from drivers.dialects.osmo_vty import report
from drivers.subscription import NetworkAccess, Subscription

BANNER = (
    "Welcome to the OsmoHLR VTY interface",
    "",
    "Copyright (C) 2016, 2017 by Harald Welte, sysmocom s.f.m.c. GmbH",
    "License AGPLv3+: GNU AGPL version 3 or later <http://gnu.org/licenses/agpl-3.0.html>",
    "This is free software: you are free to change and redistribute it.",
    "There is NO WARRANTY, to the extent permitted by law.",
)


def number(command: Command | None) -> str:
    """Return the number a command would set, as it is written; empty when it sets none."""
    return command.msisdn.removeprefix("+") if isinstance(command, c.AssignMsisdn | c.ChangeMsisdn) else ""


def written(command: Command | None, reply: Reply, complaint: str, *, in_2g: bool) -> list[str]:
    """Write a reply: the lines between echo and prompt; none where the real one confirms in silence."""
    match reply:
        case c.Refused(_, NO_KEYS.code) if isinstance(command, c.ReadKeys):
            return report.write(Subscription(command.imsi, None), keys=False)
        case c.Refused(Why.BUSY) if isinstance(command, c.Provide):
            return []  # what could not be stored is confirmed like what could
        case c.Refused(why, _, text):
            return [f"% {text or complaint or _refusal(command, why, in_2g=in_2g)}"]
        case c.Held(subscription, keys):
            return report.write(subscription, keys=bool(keys))
        case c.Listed(imsis):
            return report.write_list(imsis)
        case c.KeysHeld() if isinstance(command, c.ReadKeys):
            return report.write(Subscription(command.imsi, None), keys=True)
        case _:
            return _done(command)


def written_look(command: c.Provide, reply: Reply) -> list[str]:
    """Write what a look finds right after network access was set, or was not."""
    if isinstance(reply, c.Refused) and reply.why is not Why.BUSY:
        return written(command, reply, "", in_2g=False)
    stored = command.facet
    if isinstance(reply, c.Refused):  # whatever it was before, it was something else
        stored = NetworkAccess.NONE if stored is NetworkAccess.BOTH else NetworkAccess.BOTH
    return report.write(Subscription(command.imsi, None).having(stored), keys=False)


def _done(command: Command | None) -> list[str]:
    match command:
        case c.CreateSubscriber(imsi):
            return [f"% Created subscriber {imsi}", *report.write(Subscription(imsi, None), keys=False)]
        case c.RemoveSubscriber(imsi):
            return [f"% Deleted subscriber for IMSI '{imsi}'"]
        case c.AssignMsisdn(imsi) | c.ChangeMsisdn(imsi):
            return [f"% Updated subscriber IMSI='{imsi}' to MSISDN='{number(command)}'"]
        case c.ReleaseMsisdn(imsi):
            return [f"% Updated subscriber IMSI='{imsi}': removed MSISDN"]
        case _:
            return []


def _refusal(command: Command | None, why: Why, *, in_2g: bool) -> str:
    imsi = getattr(command, "imsi", "")
    match why:
        case Why.NOT_FOUND:
            return f"No subscriber for imsi = '{imsi}'"
        case Why.EXISTS:
            return f"Subscriber already exists for IMSI = {imsi}"
        case Why.CONFLICT if number(command):
            return f"Error: cannot update MSISDN for subscriber IMSI='{imsi}'"
        case Why.FORBIDDEN:
            return "Unknown command."
        case Why.INVALID:
            return f"Not a valid IMSI: {imsi}"
        case Why.BUSY:
            return _locked(command, imsi, in_2g=in_2g)
        case _:
            return "Error: nothing more is known"


def _locked(command: Command | None, imsi: str, *, in_2g: bool) -> str:
    """What the real one says of a locked database; where it says nothing at all, words after its manner."""
    match command:
        case c.CreateSubscriber():
            return f"Error (rc=-5): cannot create subscriber for IMSI = {imsi}"
        case c.RemoveSubscriber():
            return f"Error: Failed to remove subscriber for IMSI '{imsi}'"
        case c.AssignMsisdn() | c.ChangeMsisdn() | c.ReleaseMsisdn():
            return f"Error: cannot update MSISDN for subscriber IMSI='{imsi}'"
        case c.PutKeys():
            return f"Error: cannot set {'2G' if in_2g else '3G'} auth data for IMSI='{imsi}'"
        case c.ReadSubscriber() | c.ReadKeys():
            return "Error retrieving data from database (-5)"
        case _:
            return "Error (rc=-5): cannot do that"  # of our own: it has no command left that could fail
