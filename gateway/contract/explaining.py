"""What a contract's file says about one topic: its tables, as they stand there, each with the clause it comes from.

It reads the file's data, not what became of it: whoever asks is shown the words that can be looked up and changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_BETWEEN_WORDS = re.compile(r"[\s_-]+")
_CLAUSE = re.compile(r"[0-9]+[.:][0-9.:-]+")
_SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Clause:
    """One table of the file: where it stands, as ``options.roaming``, what it says, and why.

    ``source`` is ``None`` where the file names no clause, as for its numbering or its counters.
    """

    rule: str
    says: Mapping[str, Any]
    source: str | None


def clauses(data: Mapping[str, Any]) -> tuple[Clause, ...]:
    """List every table of a contract that says something, in the order of the file; what heads it is not one."""
    return tuple(clause for name, table in data.items() if isinstance(table, dict) for clause in _below(name, table))


def about(found: Iterable[Clause], topic: str) -> tuple[Clause, ...]:
    """Return the clauses that concern a topic: each of its words stands in their place, their keys or their values.

    Case does not count, nor does how words are joined: ``roaming data`` finds ``roaming_data_cut``. Parts of words
    are found too; an empty topic is every clause. A clause's own number, as ``8.2.1``, finds what comes from it.
    """
    words = _plain(topic).split()
    return tuple(clause for clause in found if all(_concerns(clause, word) for word in words))


def _below(path: str, table: Mapping[str, Any]) -> Iterator[Clause]:
    """The table, if it has values of its own, then those inside it; one that a rule's table holds belongs to it."""
    is_rule = any(not isinstance(value, dict) for value in table.values())
    if is_rule:
        source = table.get(_SOURCE)
        yield Clause(path, _flat(table), source if isinstance(source, str) else None)
        return
    for name, inner in table.items():
        yield from _below(f"{path}.{name}", inner)


def _flat(table: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Write a rule's values by dotted key, its source apart."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{path}{key}.")
        elif path or key != _SOURCE:
            found[f"{path}{key}"] = value
    return found


def _concerns(clause: Clause, word: str) -> bool:
    if _CLAUSE.fullmatch(word):
        return word in (clause.source or "")
    says = (f"{key} {value}" for key, value in clause.says.items())
    return word in _plain(" ".join((clause.rule.replace(".", " "), *says)))


def _plain(text: str) -> str:
    return _BETWEEN_WORDS.sub(" ", text).casefold()
