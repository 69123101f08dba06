"""Reading a configuration table so that every mistake names its file and key, and none is found twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any


class ConfigError(Exception):
    """Everything wrong with a configuration, one line a mistake: ``file: key: what to do``."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class Table:
    """One table of a TOML file. Wrong values are noted and replaced; ``finish`` on the root raises them all at once."""

    def __init__(self, file: str, data: Mapping[str, Any], path: str = "", mistakes: list[str] | None = None) -> None:
        self._file = file
        self._data = data
        self._path = path
        self._asked: set[str] = set()
        self._children: list[Table] = []
        self._mistakes: list[str] = [] if mistakes is None else mistakes

    def wrong(self, key: str, advice: str) -> None:
        """Note a mistake at ``key``."""
        self._mistakes.append(f"{self._file}: {self._path}{key}: {advice}")

    def text(self, key: str, default: str | None = None) -> str:
        """Read a string."""
        value = self._value(key, str, "a text in quotes", default)
        return value if isinstance(value, str) else ""

    def optional_text(self, key: str) -> str | None:
        """Read a string that may be absent."""
        self._asked.add(key)
        return self.text(key) if key in self._data else None

    def number(self, key: str, default: int | None = None, least: int = 0, most: int | None = None) -> int:
        """Read a whole number."""
        value = self._value(key, int, "a whole number", default)
        if not isinstance(value, int):
            return least
        if value < least:
            self.wrong(key, f"must be at least {least}")
        if most is not None and value > most:
            self.wrong(key, f"must be at most {most}")
        return value

    def seconds(self, key: str, default: float) -> float:
        """Read a duration in seconds, above zero."""
        value = self._value(key, (int, float), "a number of seconds", default)
        if not isinstance(value, int | float) or value <= 0:
            self.wrong(key, "must be above zero")
            return default
        return float(value)

    def moment(self, key: str) -> datetime:
        """Read a time with offset."""
        value = self._value(key, datetime, "a time with offset, as 2026-12-01T02:00:00+01:00", None)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value
        if isinstance(value, datetime):
            self.wrong(key, "must have an offset, as 2026-12-01T02:00:00+01:00")
        return datetime.min.replace(tzinfo=UTC)

    def optional_number(self, key: str, least: int = 0) -> int | None:
        """Read a whole number that may be absent."""
        self._asked.add(key)
        return self.number(key, least=least) if key in self._data else None

    def switch(self, key: str, *, default: bool | None = None) -> bool:
        """Read true or false."""
        return self._value(key, bool, "true or false", default) is True

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Read a list of strings."""
        value = self._value(key, list, "a list of texts", None if default is None else list(default))
        if not isinstance(value, list):
            return ()
        if not all(isinstance(item, str) for item in value):
            self.wrong(key, "must be a list of texts")
            return ()
        return tuple(value)

    def numbers(self, key: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """Read a list of whole numbers."""
        value = self._value(key, list, "a list of whole numbers", list(default))
        if not isinstance(value, list):
            return default
        if not all(isinstance(item, int) and not isinstance(item, bool) for item in value):
            self.wrong(key, "must be a list of whole numbers")
            return default
        return tuple(value)

    def holds_table(self, key: str) -> bool:
        """Tell whether a table stands there."""
        return isinstance(self._data.get(key), dict)

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """Read one of the words in ``allowed``."""
        words = tuple(allowed)
        value = self.text(key, default)
        if value not in words:
            self.wrong(key, f"must be one of: {', '.join(words)}")
            return words[0]
        return value

    def choices(self, key: str, allowed: Iterable[str], default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Read a list of words, each in ``allowed``."""
        words = frozenset(allowed)
        values = self.texts(key, default)
        for value in values:
            if value not in words:
                self.wrong(key, f"{value!r} is not one of: {', '.join(sorted(words))}")
        return tuple(v for v in values if v in words)

    def table(self, key: str, *, optional: bool = False) -> Table:
        """Read a table inside this one."""
        value = self._value(key, dict, "a table", {} if optional else None)
        child = Table(self._file, value if isinstance(value, dict) else {}, f"{self._path}{key}.", self._mistakes)
        self._children.append(child)
        return child

    def tables(self, key: str, *, optional: bool = False) -> dict[str, Table]:
        """Read a table of tables by name."""
        parent = self.table(key, optional=optional)
        return {name: parent.table(name) for name in parent.names()}

    def names(self) -> tuple[str, ...]:
        """List the keys of this table."""
        return tuple(self._data)

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Read a table whose keys somebody else checks."""
        value = self._value(key, dict, "a table", {})
        return value if isinstance(value, dict) else {}

    def finish(self) -> None:
        """Note keys nobody asked for, here and below, then raise ConfigError if anything was noted."""
        self._note_unknown()
        if self._mistakes:
            raise ConfigError(self._mistakes)

    def _note_unknown(self) -> None:
        for key in self._data:
            if key not in self._asked:
                self.wrong(key, f"unknown key; this table knows: {', '.join(sorted(self._asked)) or 'nothing'}")
        for child in self._children:
            child._note_unknown()  # noqa: SLF001 - the same class, one level down

    def _value(self, key: str, kind: type | tuple[type, ...], wanted: str, default: object) -> object:
        self._asked.add(key)
        if key not in self._data:
            if default is None:
                self.wrong(key, f"is missing; it must be {wanted}")
            return default
        value: object = self._data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.wrong(key, f"must be {wanted}")
            return default
        return value
