"""pySim's card lists: lower-case columns for pySim-prog, upper-case ones for pySim-shell's card key provider.

A row becomes a ``CardData`` and what else it had; written again, it has the same columns with the same content. How
an ADM key is written is told by its column: ``pin_adm`` is text, ``pin_adm_hex`` hexadecimal, ``adm1`` is 8 digits or
16 hexadecimal digits; nothing is guessed. Problems name row and column, never a value.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sim_readers.card_data import ADM_BYTES, CardData, read_adm
from sim_readers.secret import Secret

PROG_COLUMNS = ("iccid", "imsi", "ki", "opc", "pin_adm", "pin_adm_hex", "pin1", "puk1", "pin2", "puk2")
PROVIDER_COLUMNS = ("ICCID", "IMSI", "KI", "OPC", "ADM1", "PIN1", "PUK1", "PIN2", "PUK2")
#: what pySim-prog --write-csv appends for each card it made: no line of names, and no ADM key
APPENDED_COLUMNS = ("name", "iccid", "mcc", "mnc", "imsi", "smsp", "ki", "opc")
_ICCID = re.compile(r"[0-9]{18,20}")
_IMSI = re.compile(r"[0-9]{6,15}")
_PIN = re.compile(r"[0-9]{4,8}")
_PUK = re.compile(r"[0-9]{8}")
_KEY = re.compile(r"[0-9A-Fa-f]{32}")
_ADM_TEXT = re.compile(r"[\x21-\x7e]{8}")
_ADM_HEX = re.compile(r"[0-9A-Fa-f]{16}")
_ADM_COLUMNS = ("pin_adm_hex", "pin_adm", "adm1")
_FROM_SPREADSHEET = "; if a spreadsheet made the file, it may have rounded it or taken its zeros"


@dataclass(frozen=True, slots=True)
class CsvProblem:
    """What is wrong, and where: ``row`` is the line of the file, the column names being line 1; 0 is the whole file."""

    row: int
    column: str
    detail: str


@dataclass(frozen=True, slots=True)
class CsvCard:
    """One card of a list. ``others``: columns that are not ours, as they are written; some may be keys."""

    card: CardData
    others: Mapping[str, str] = field(default_factory=dict, repr=False)
    row: int = 0


@dataclass(frozen=True, slots=True)
class CsvCards:
    """A list as far as it could be read."""

    columns: tuple[str, ...]
    cards: tuple[CsvCard, ...]
    problems: tuple[CsvProblem, ...]


class _Wrong(ValueError):
    def __init__(self, column: str, detail: str) -> None:
        super().__init__(detail)
        self.column = column
        self.detail = detail


def read_cards(text: str) -> CsvCards:
    """Read a list; whatever cannot be used is in ``problems``."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error:
        return CsvCards((), (), (CsvProblem(0, "", "this is no CSV file"),))
    columns = tuple(name.strip() for name in rows[0][1]) if rows else ()
    if _is_appended(columns):
        rows.insert(0, (0, list(APPENDED_COLUMNS)))
        columns = APPENDED_COLUMNS
    problems = list(_wrong_columns(columns))
    if problems:
        return CsvCards(columns, (), tuple(problems))
    cards: list[CsvCard] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in rows[1:]:
        try:
            card = _read_row(columns, row, number)
            _once(card, seen)
            cards.append(card)
        except _Wrong as wrong:
            problems.append(CsvProblem(number, wrong.column, wrong.detail))
    return CsvCards(columns, tuple(cards), tuple(problems))


def _is_appended(first: Sequence[str]) -> bool:
    return len(first) == len(APPENDED_COLUMNS) and bool(_ICCID.fullmatch(first[APPENDED_COLUMNS.index("iccid")]))


def _wrong_columns(columns: Sequence[str]) -> Iterator[CsvProblem]:
    lower = [name.lower() for name in columns]
    if "iccid" not in lower:
        yield CsvProblem(1, "iccid", "there is no such column: the first line must name the columns, parted by commas")
    for name in sorted({name for name in lower if lower.count(name) > 1}):
        yield CsvProblem(1, name, "is there more than once")


def _read_row(columns: Sequence[str], row: Sequence[str], number: int) -> CsvCard:
    if len(row) != len(columns):
        raise _Wrong("", f"has {len(row)} values for {len(columns)} columns")
    named = {name.lower(): value.strip() for name, value in zip(columns, row, strict=True)}
    secrets = {name: _secret(named, name) for name in _SECRETS}
    card = CardData(
        iccid=_shaped(named, "iccid", _ICCID, "18 to 20 digits"),
        imsi=_shaped(named, "imsi", _IMSI, "6 to 15 digits") if named.get("imsi") else "",
        adm1=_adm(named),
        **secrets,
    )
    others = {name: value for name, value in zip(columns, row, strict=True) if name.lower() not in _OURS}
    return CsvCard(card, others, number)


def _shaped(named: Mapping[str, str], column: str, shape: re.Pattern[str], words: str) -> str:
    if not shape.fullmatch(named[column]):
        raise _Wrong(column, f"must be {words}{_FROM_SPREADSHEET}")
    return named[column]


def _secret(named: Mapping[str, str], column: str) -> Secret | None:
    if not named.get(column):
        return None
    shape, words, read = _SECRETS[column]
    return read(_shaped(named, column, shape, words))


def _adm(named: Mapping[str, str]) -> Secret | None:
    found = {column: _read_adm(named, column) for column in _ADM_COLUMNS if named.get(column)}
    if len(set(found.values())) > 1:
        raise _Wrong(" / ".join(found), "are not the same key: leave one of them empty")
    return next(iter(found.values()), None)


def _read_adm(named: Mapping[str, str], column: str) -> Secret:
    if column == "pin_adm_hex":
        return Secret.from_hex(_shaped(named, column, _ADM_HEX, "16 hex digits"))
    if column == "pin_adm":
        return Secret(_shaped(named, column, _ADM_TEXT, "8 characters").encode("ascii"))
    try:
        return read_adm(named[column])
    except ValueError:
        raise _Wrong(column, f"must be 8 digits or 16 hex digits{_FROM_SPREADSHEET}") from None


def _once(card: CsvCard, seen: dict[tuple[str, str], int]) -> None:
    for column, value in (("iccid", card.card.iccid), ("imsi", card.card.imsi)):
        first = seen.setdefault((column, value), card.row) if value else card.row
        if first != card.row:
            raise _Wrong(column, f"is the same as in row {first}")


_SECRETS: Mapping[str, tuple[re.Pattern[str], str, Callable[[str], Secret]]] = {
    "ki": (_KEY, "32 hex digits", Secret.from_hex),
    "opc": (_KEY, "32 hex digits", Secret.from_hex),
    "pin1": (_PIN, "4 to 8 digits", Secret.from_digits),
    "puk1": (_PUK, "8 digits", Secret.from_digits),
    "pin2": (_PIN, "4 to 8 digits", Secret.from_digits),
    "puk2": (_PUK, "8 digits", Secret.from_digits),
}
_OURS = frozenset({"iccid", "imsi", *_SECRETS, *_ADM_COLUMNS})


def write_cards(cards: Sequence[CsvCard], columns: Sequence[str] = PROG_COLUMNS) -> str:
    """Write a list with these columns. Raises ValueError, naming card and column, for an ADM key no column can hold.

    The text is secret: keep it in a file of mode 0600, and only as long as it is needed.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    for card in cards:
        writer.writerow(_write_row(card, columns))
    return written.getvalue()


def _write_row(card: CsvCard, columns: Sequence[str]) -> list[str]:
    lower = [name.lower() for name in columns]
    adm = card.card.adm1.reveal() if card.card.adm1 else b""
    as_text = bool(_ADM_TEXT.fullmatch(adm.decode("latin-1")))
    if adm and not as_text and "pin_adm" in lower and not {"pin_adm_hex", "adm1"} & set(lower):
        raise ValueError(f"the ADM key of {card.card.iccid} is no text: add the column pin_adm_hex beside pin_adm")
    cells = {
        "iccid": card.card.iccid,
        "imsi": card.card.imsi,
        "ki": _hex(card.card.ki),
        "opc": _hex(card.card.opc),
        "pin1": _digits(card.card.pin1),
        "puk1": _digits(card.card.puk1),
        "pin2": _digits(card.card.pin2),
        "puk2": _digits(card.card.puk2),
        # pySim-prog prefers pin_adm_hex, so one of the two stays empty
        "pin_adm": adm.decode("ascii") if as_text else "",
        "pin_adm_hex": adm.hex() if not as_text or "pin_adm" not in lower else "",
        "adm1": adm.decode("ascii") if len(adm) == ADM_BYTES and adm.isdigit() else adm.hex(),
    }
    return [cells.get(name, card.others.get(column, "")) for column, name in zip(columns, lower, strict=True)]


def _hex(secret: Secret | None) -> str:
    return secret.reveal().hex() if secret else ""


def _digits(secret: Secret | None) -> str:
    return secret.reveal().decode("ascii") if secret else ""
