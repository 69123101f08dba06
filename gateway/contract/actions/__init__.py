"""OPEN: one file here is one contract action; its name is its name in REST, CLI and history."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gateway.contract.action import Action


@functools.cache
def every() -> Mapping[str, Action[Any]]:
    """List the actions found beside this file by name."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return MappingProxyType({n: importlib.import_module(f"{__name__}.{n}").ACTION for n in names})
