"""What an elementary file is: where it lives, how its bytes are laid out, and the vectors that prove it.

An open folder: ``sim_readers/files/<name>.py`` has one class each, a child of ``Ef``, exported as ``FILE``.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from sim_readers import files
from sim_readers.path import FilePath

V = TypeVar("V")


class Structure(StrEnum):
    """How a file's bytes are arranged (TS 102 221 §8.2.2)."""

    TRANSPARENT = "transparent"
    LINEAR_FIXED = "linear_fixed"  # ``size`` is then a record's


@dataclass(frozen=True, slots=True)
class Vector(Generic[V]):
    """A value and the bytes it must be, both ways."""

    value: V
    encoded: str

    @property
    def raw(self) -> bytes:
        """The bytes."""
        return bytes.fromhex(self.encoded)


class Ef(ABC, Generic[V]):
    """One elementary file's coding. No instances: a class is the file.

    ``name`` is as in the standard (``EF.IMSI``); ``paths`` are the places it can have, the first being the usual one.
    ``secret`` files are never shown. Values are plain and frozen: str, tuples, frozen dataclasses.
    """

    name: ClassVar[str]
    clause: ClassVar[str]
    paths: ClassVar[tuple[FilePath, ...]]
    structure: ClassVar[Structure] = Structure.TRANSPARENT
    vectors: ClassVar[tuple[Vector[Any], ...]]

    @classmethod
    @abstractmethod
    def encode(cls, value: V, size: int) -> bytes:
        """Write a value into exactly ``size`` bytes, padded as the clause says. Raises WrongValue."""

    @classmethod
    @abstractmethod
    def decode(cls, raw: bytes) -> V | None:
        """Read a value; ``None`` if nothing was ever written there. Raises WrongValue when it is none."""

    @classmethod
    @abstractmethod
    def to_json(cls, value: V) -> Any:  # noqa: ANN401 - any JSON
        """Write a value as people and scripts see it."""

    @classmethod
    @abstractmethod
    def from_json(cls, document: Any) -> V:  # noqa: ANN401 - any JSON
        """Read it back. Raises WrongValue naming what is expected."""


@functools.cache
def known_files() -> Mapping[str, type[Ef[Any]]]:
    """Every file of the folder by its name (``EF.IMSI``)."""
    found = [
        importlib.import_module(f"{files.__name__}.{module.name}").FILE
        for module in pkgutil.iter_modules(files.__path__)
    ]
    return {file.name: file for file in found}


def file_at(path: FilePath) -> type[Ef[Any]] | None:
    """The class of the file at a path, if we have one."""
    return next((file for file in known_files().values() if path in file.paths), None)
