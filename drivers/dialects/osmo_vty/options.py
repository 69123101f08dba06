"""What is agreed with one VTY: how its prompt looks, and whether it asks for a password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from drivers.dialects._osmo.writing import known
from drivers.errors import NotSpoken

_HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


@dataclass(frozen=True, slots=True)
class Manner:
    """The host name in the prompt, and of a simulated element whether it asks for a password; it knows no users."""

    prompt: str
    login: bool

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> Manner:
        """Read the element's ``dialect_options``. Raises NotSpoken naming the key that is wrong."""
        known("osmo_vty", options, {"prompt", "login", "algorithm_2g"})
        prompt, login = options.get("prompt", "OsmoHLR"), options.get("login", True)
        if not isinstance(prompt, str) or not _HOST_NAME.fullmatch(prompt):
            raise NotSpoken("dialect option prompt must be a host name, as it stands before > and #")
        if not isinstance(login, bool):
            raise NotSpoken("dialect option login must be true or false")
        return cls(prompt, login)
