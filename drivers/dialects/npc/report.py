"""How a file is laid out in an answer: an object with the fields of ``PortFile``."""

from __future__ import annotations

from dataclasses import asdict

from drivers.dialects.npc.lines import MAX_NUMBER
from drivers.errors import Garbled
from drivers.porting import PortFile, PortState
from drivers.subscription import Msisdn


def write(file: PortFile) -> dict[str, object]:
    """Lay out one file."""
    return asdict(file) | {"state": file.state.value}


def read(told: object) -> PortFile:
    """Read what ``write`` lays out; fields it does not know are passed over. Raises Garbled."""
    if not isinstance(told, dict):
        raise Garbled("a file is no object")
    fields: dict[str, object] = told
    try:
        return PortFile(
            seq=_count(fields["seq"]),
            reference=_text(fields["reference"]),
            msisdn=Msisdn(_text(fields["msisdn"])),
            rio=_text(fields["rio"]),
            donor=_text(fields["donor"]),
            recipient=_text(fields["recipient"]),
            on=_text(fields["on"]),
            state=PortState(_text(fields["state"])),
            reason=_text(fields["reason"]),
            released_at=_moment(fields["released_at"]),
            confirmed_at=_moment(fields["confirmed_at"]),
        )
    except (KeyError, ValueError) as problem:
        raise Garbled("a file lacks or misstates a field") from problem


def read_all(told: object, since: int) -> tuple[PortFile, ...]:
    """Read the files that changed after ``since``, in the order they changed. Raises Garbled."""
    if not isinstance(told, list):
        raise Garbled("files are no list")
    files = tuple(read(one) for one in told)
    for file in files:
        if file.seq <= since:
            raise Garbled("files are not told in the order of their changes, or were not asked for")
        since = file.seq
    return files


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004 - of what came over a line a wrong type is a wrong value
    return value


def _moment(value: object) -> str | None:
    return None if value is None else _text(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_NUMBER:
        raise ValueError("no number")
    return value
