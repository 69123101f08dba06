"""How one vendor's files differ from the usual: names, order and coding of columns, a header of one line.

``config/sim_vendors/<name>.toml``, read once; a file is read by the profile its sender is known by, never by a guess.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from gateway.contract.table import ConfigError, Table
from sim_readers.errors import WrongValue
from sim_readers.files.imsi import FILE as EF_IMSI

HEADERS = ("customer", "batch", "profile", "quantity", "order_date", "transport_key")
_SEPARATORS = {"blanks": "", "semicolon": ";", "comma": ",", "tab": "\t"}


class Coding(StrEnum):
    """How a column writes its digits."""

    PLAIN = "plain"
    SWAPPED = "swapped"  # nibble-swapped BCD, F behind the last digit: EF.ICCID, TS 102 221 §13.2
    EF_IMSI = "ef_imsi"  # a length byte, then parity and digits nibble-swapped: EF.IMSI, TS 31.102 §4.2.2


@dataclass(frozen=True, slots=True)
class VendorProfile:
    """A vendor's ways. Column and header names are in small letters.

    ``columns``: the order when the file does not say it; ``one_line``: what the words of a one-line header are.
    """

    name: str = "plain"
    columns: tuple[str, ...] = ()
    one_line: tuple[str, ...] = ()
    separator: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    codings: Mapping[str, Coding] = field(default_factory=dict)

    def split(self, line: str) -> list[str]:
        """Part a card's values; blanks of any width unless the vendor parts them by a sign."""
        if not self.separator:
            return line.split()
        return [value.strip() for value in line.split(self.separator)]

    def column(self, written: str) -> str:
        """Our name of a column."""
        name = written.strip().lower()
        return self.aliases.get(name, name)

    def decode(self, column: str, value: str) -> str:
        """Write a value plainly. Raises ValueError, without the value, saying what it should be."""
        match self.codings.get(column, Coding.PLAIN):
            case Coding.PLAIN:
                return value
            case Coding.SWAPPED:
                return _unswapped(value)
            case Coding.EF_IMSI:
                return _imsi(value)


PLAIN = VendorProfile()


def read_profile(file: str, data: Mapping[str, Any]) -> VendorProfile:
    """Check one profile. Raises ConfigError naming file and key."""
    root = Table(file, data)
    if root.text("spec") != "1":
        root.wrong("spec", 'this version reads spec = "1"')
    one_line = root.choices("one_line_header", (*HEADERS, "ignored"), ())
    columns = tuple(name.lower() for name in root.texts("columns", ()))
    profile = VendorProfile(
        name=root.text("name"),
        columns=columns,
        one_line=one_line,
        separator=_SEPARATORS[root.choice("separator", _SEPARATORS, "blanks")],
        aliases=_texts(root.table("aliases", optional=True)),
        headers=_headers(root.table("headers", optional=True)),
        codings=_codings(root.table("codings", optional=True)),
    )
    if one_line and not columns:
        root.wrong("columns", "must be given with one_line_header: such a file does not name its columns")
    root.finish()
    return profile


def read_profiles(folder: Path) -> dict[str, VendorProfile]:
    """Read every profile of a folder by its name, which is the file's. Raises ConfigError with all mistakes."""
    found: dict[str, VendorProfile] = {}
    mistakes: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        file = f"{folder.name}/{path.name}"
        try:
            profile = read_profile(file, tomllib.loads(path.read_text("utf-8")))
            if profile.name != path.stem:
                mistakes.append(f"{file}: name: must be {path.stem!r}, like its file")
            found[path.stem] = profile
        except ConfigError as wrong:
            mistakes += wrong.mistakes
        except (OSError, ValueError):
            mistakes.append(f"{file}: cannot be read as TOML")
    if mistakes:
        raise ConfigError(mistakes)
    return found


def _texts(table: Table) -> dict[str, str]:
    return {name.lower(): table.text(name).lower() for name in table.names()}


def _headers(table: Table) -> dict[str, str]:
    return {name.lower(): table.choice(name, HEADERS) for name in table.names()}


def _codings(table: Table) -> dict[str, Coding]:
    return {name.lower(): Coding(table.choice(name, [coding.value for coding in Coding])) for name in table.names()}


def _unswapped(value: str) -> str:
    if len(value) % 2 or not re.fullmatch(r"[0-9A-Fa-f]+", value):
        raise ValueError("must be digits in pairs, nibbles swapped")
    turned = "".join(value[at + 1] + value[at] for at in range(0, len(value), 2))
    return turned.upper().rstrip("F")


def _imsi(value: str) -> str:
    try:
        imsi = EF_IMSI.decode(bytes.fromhex(value))
    except (ValueError, WrongValue):
        imsi = None
    if imsi is None:
        raise ValueError("must be as in EF.IMSI: 9 bytes in hexadecimal, the first saying how many follow")
    return imsi
