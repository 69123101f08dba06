"""OPEN: one file (or folder) here is one dialect; its name is its name in elements.toml."""

from __future__ import annotations

import importlib
import pkgutil
from typing import cast

from drivers.dialect import Module
from drivers.errors import NotSpoken


def names() -> tuple[str, ...]:
    """List the dialects found beside this file."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")))


def load(name: str) -> Module:
    """Return one dialect's module; raises NotSpoken with the list of those there are."""
    if name not in names():
        raise NotSpoken(f"no dialect {name!r}; there are: {', '.join(names())}")
    return cast("Module", importlib.import_module(f"{__name__}.{name}"))
