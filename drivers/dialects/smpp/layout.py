"""The mandatory part of every PDU smpplib knows: its fields in order, their bounds, and a blank to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from smpplib import command_codes, smpp
from smpplib.exceptions import UnknownCommandError

HEADER_BYTES = 16
RESPONSE = 0x80000000  #: this bit of a command id tells an answer (SMPP 3.4 §5.1.2.1)


class _Numbering:
    """What smpplib wants in place of its own client; the real number is set on the PDU afterwards."""

    sequence = 0

    def next_sequence(self) -> int:
        """Return a number that is overwritten."""
        return 0


@dataclass(frozen=True, slots=True)
class Field:
    """One mandatory field. ``limit`` in octets: an integer's size, the most of a string (without its NUL) or octets."""

    name: str
    kind: type[int | str | bytes]
    limit: int
    length_in: str = ""  # the field that tells how many octets there are

    def fits(self, value: object) -> bool:
        """Tell whether the value can be written as it is."""
        if self.kind is int:
            return isinstance(value, int) and 0 <= value < 1 << 8 * self.limit
        if self.kind is str:
            return isinstance(value, str) and len(value) <= self.limit and value.isascii() and "\0" not in value
        return isinstance(value, bytes) and len(value) <= self.limit


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of PDU."""

    name: str
    command_id: int
    fields: Mapping[str, Field]
    _kind: type[Any] = field(repr=False)
    _blank: Mapping[str, Any] = field(repr=False)

    @property
    def is_response(self) -> bool:
        """Whether it answers a request; a generic_nack does."""
        return bool(self.command_id & RESPONSE)

    def blank(self, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - smpplib has no types
        """Return smpplib's object with these fields.

        It is a copy: smpplib's own constructor, and its writing, spend most of their time on optional parameters.
        """
        made = object.__new__(self._kind)
        made.__dict__.update(self._blank, **values)
        return made


@cache
def by_name() -> Mapping[str, Layout]:
    """Return every kind of PDU that can be read and written."""
    found = (_layout(name, command_id) for name, command_id in command_codes.commands.items())
    return {layout.name: layout for layout in found if layout is not None}


@cache
def by_id() -> Mapping[int, Layout]:
    """Return the same by command id (SMPP 3.4 §5.1.2.1)."""
    return {layout.command_id: layout for layout in by_name().values()}


def _layout(name: str, command_id: int) -> Layout | None:
    try:
        made = smpp.make_pdu(name, client=_Numbering())
    except UnknownCommandError:
        return None  # smpplib knows its number only
    order = tuple(n for n in made.params_order if not made.field_is_optional(n))
    fields = {n: _field(n, made.params[n]) for n in order}
    return Layout(name, command_id, fields, type(made), vars(made) | {"params_order": order})


def _field(name: str, parameter: Any) -> Field:  # noqa: ANN401 - smpplib has no types
    if parameter.type is int:
        return Field(name, int, parameter.size)
    if parameter.type is str:
        return Field(name, str, parameter.max - 1)
    return Field(name, bytes, parameter.max, parameter.len_field)
