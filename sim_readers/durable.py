"""Files that must still be there after a loss of power: what is written, and the name it is found by."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_PRIVATE: Final = 0o600
_FLAGS: Final = os.O_RDWR | os.O_APPEND


def open_to_append(file: Path) -> int:
    """Open a file to read and append, made if it is missing, for its owner only. Raises OSError."""
    try:
        return os.open(file, _FLAGS)
    except FileNotFoundError:
        descriptor = os.open(file, _FLAGS | os.O_CREAT, _PRIVATE)
    try:
        keep_names(file.parent)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def keep_names(directory: Path) -> None:
    """Write a directory's entries to disk: fsync of a new file does not write its name (fsync(2)). Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
