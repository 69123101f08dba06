"""Who may write a file, as the card itself tells it: what a plan is checked against before anything is begun."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim_readers.errors import Garbled, Refused
from sim_readers.fcp import FileInfo
from sim_readers.path import ADF, MF, FilePath
from sim_readers.session import CardSession
from sim_readers.status import Generation
from sim_readers.tlv import Tlv, parse, value_of

_ACCESS_MODE = 0x80
_UPDATE = 0x02  # of an EF: ISO/IEC 7816-4 table 31, TS 102 221 §9.2.2
_ALWAYS, _NEVER = 0x90, 0x97
_ONE_KEY, _ONE_OF = 0xA4, 0xA0
_ARR_OF_MF = 0x2F06
_GSM_NEVER = 0xF


@dataclass(frozen=True, slots=True)
class Condition:
    """What an operation takes: one of these keys (references of TS 102 221 table 9.3). No key at all: never."""

    keys: frozenset[int] = frozenset()
    always: bool = False

    def met_by(self, *held: int) -> bool:
        """Tell whether the holder of these keys may."""
        return self.always or not self.keys.isdisjoint(held)

    def __str__(self) -> str:
        if self.always:
            return "without any key"
        return "with key " + " or ".join(f"{key:02X}" for key in sorted(self.keys)) if self.keys else "by nobody"


def writable(session: CardSession, path: FilePath) -> Condition | None:
    """Ask a card what writing a file takes; ``None`` if it does not say, or says it in a way we do not read.

    Rules are kept in the layout, so that one card of a model answers for all. Raises CardGone, Refused (no such file).
    """
    info = session.info(path)
    if session.generation is Generation.GSM:  # byte 9, low half: UPDATE (TS 51.011 §9.2.1)
        never = bool(info.security) and info.security[0] & 0xF == _GSM_NEVER
        return Condition() if never else None
    rules = _rules(session, path, info)
    try:
        return None if rules is None else update_condition(rules)
    except Garbled:
        return None


def update_condition(rules: bytes) -> Condition | None:
    """Read rules in expanded format (TS 102 221 §9.2.4): the condition behind the access mode that has UPDATE."""
    objects = iter(parse(rules))
    for mode in objects:
        condition = next(objects, None)
        if mode.tag == _ACCESS_MODE and condition is not None and mode.value and mode.value[-1] & _UPDATE:
            return _condition(condition)
    return None


def _condition(rule: Tlv) -> Condition | None:
    if rule.tag in (_ALWAYS, _NEVER):
        return Condition(always=rule.tag == _ALWAYS)
    if rule.tag in (_ONE_KEY, _ONE_OF):
        return Condition(frozenset(_keys(rule)))
    return None  # all of several keys, or what we never met: nothing is said


def _keys(rule: Tlv) -> Iterator[int]:
    parts = parse(rule.value)
    if rule.tag == _ONE_OF:
        for part in parts:
            yield from _keys(part)
    elif rule.tag == _ONE_KEY and (reference := value_of(parts, 0x83)):
        yield reference[0]


def _rules(session: CardSession, path: FilePath, info: FileInfo) -> bytes | None:
    if info.security or info.access_reference is None:
        return None  # compact format, or rules in place: rare on cards one can write
    fid, record = info.access_reference
    home = MF if fid == _ARR_OF_MF else FilePath(path.steps[:1]) if path.steps[0] in ADF else path.directory
    known = session.layout.rules
    if (home / fid, record) not in known:
        try:
            known[home / fid, record] = session.read(home / fid, record)
        except Refused:
            known[home / fid, record] = None
    return known[home / fid, record]
