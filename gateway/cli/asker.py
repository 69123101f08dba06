"""Who sits at the terminal: kept with what they ask for."""

from __future__ import annotations

import getpass


def requested_by() -> dict[str, str]:
    """Name the user of this machine."""
    try:
        who = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in many containers
        who = "unknown"
    return {"who": who, "channel": "cli"}
