"""Which file a channel has selected, as far as that is certain: what is shown of a card's traffic hangs on it.

TS 102 221 §8.4 (selection methods) and §11.1.1 (SELECT); TS 51.011 §8.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from sim_readers.apdu import Command
from sim_readers.coding.session_keys import SessionKeysEf
from sim_readers.ef import file_at, known_files
from sim_readers.fcp import FileInfo, FileKind
from sim_readers.path import ISIM, MF, USIM, FilePath

_GSM = 0xA0
_BY_FID, _PARENT, _BY_AID, _FROM_MF, _FROM_HERE = 0x00, 0x03, 0x04, 0x08, 0x09
_MF, _APPLICATION = 0x3F00, 0x7FFF
_FIRST_LEVEL, _SECOND_LEVEL = 0x7F, 0x5F  # TS 102 221 §8.1: what directories' identifiers begin with
_AIDS = {bytes.fromhex("A0000000871002"): USIM, bytes.fromhex("A0000000871004"): ISIM}  # TS 101 220 annex E
_AID_BYTES = 7
_FID_BYTES = 2


@dataclass(frozen=True, slots=True)
class Selection:
    """What is selected; ``None`` is not certain. A ``file`` without a directory may be a directory itself."""

    directory: FilePath | None = None
    file: FilePath | None = None
    application: FilePath | None = None


def moved(here: Selection, command: Command) -> Selection:
    """Where a SELECT leads if the card carries it out."""
    data = command.data
    if command.cla == _GSM:
        return _to(here, data) if len(data) == _FID_BYTES else Selection()
    match command.p1:
        case p1 if p1 == _BY_FID and len(data) == _FID_BYTES:
            return _to(here, data)
        case p1 if p1 == _BY_AID:
            application = _AIDS.get(data[:_AID_BYTES])
            return Selection(application, None, application)
        case p1 if p1 == _PARENT and here.directory is not None:
            return replace(here, directory=here.directory.directory, file=None)
        case p1 if p1 == _FROM_MF:
            return _along(Selection(MF, None, here.application), data)
        case p1 if p1 == _FROM_HERE:
            return _along(replace(here, file=None), data)
    return Selection()


def described(here: Selection, info: FileInfo) -> Selection:
    """Settle what is a file and what a directory by what the card says of it."""
    if here.file is None:
        return here
    if info.kind is FileKind.EF:
        return replace(here, directory=here.file.directory)
    return replace(here, directory=here.file, file=None)


def _along(here: Selection, path: bytes) -> Selection:
    if not path or len(path) % _FID_BYTES:
        return Selection()
    for at in range(0, len(path), _FID_BYTES):
        if here.file is not None:  # a step that is not the last is a directory
            here = replace(here, directory=here.file, file=None)
        here = _to(here, path[at : at + _FID_BYTES])
    return here


def _to(here: Selection, identifier: bytes) -> Selection:
    """One step by file identifier (TS 102 221 §8.4.1)."""
    fid = int.from_bytes(identifier, "big")
    if fid == _MF:
        return replace(here, directory=MF, file=None)
    if fid == _APPLICATION:
        return replace(here, directory=here.application, file=None)
    if here.directory is None:
        return Selection(None, None, here.application)
    if fid >> 8 == _FIRST_LEVEL:
        return replace(here, directory=MF / fid, file=None)
    if fid >> 8 == _SECOND_LEVEL:
        return replace(here, directory=_first_level(here.directory) / fid, file=None)
    path = here.directory / fid
    return replace(here, directory=here.directory if file_at(path) else None, file=path)


def _first_level(directory: FilePath) -> FilePath:
    return FilePath(directory.steps[: 2 if directory.steps[0] == MF.steps[0] else 1])


_SECRET_NAMES = frozenset({"EF.KEYS", "EF.KEYSPS", "EF.KC", "EF.KCGPRS", "EF.EPSNSC", "EF.5GAUTHKEYS"})
_SECRET_PLACES = frozenset(
    FilePath.parse(place)
    for place in (
        "ADF.USIM/6F08",  # EF.Keys
        "ADF.USIM/6F09",  # EF.KeysPS
        "ADF.USIM/6FE4",  # EF.EPSNSC, which holds K_ASME
        "ADF.USIM/5F3B/4F20",  # EF.Kc
        "ADF.USIM/5F3B/4F52",  # EF.KcGPRS
        "ADF.USIM/5FC0/4F05",  # EF.5GAUTHKEYS
        "7F20/6F20",  # EF.Kc
        "7F20/6F52",  # EF.KcGPRS
    )
)


@functools.cache
def shown_files() -> frozenset[FilePath]:
    """The places whose content may be shown: files we know that hold no key."""
    return (
        frozenset(
            path
            for file in known_files().values()
            if file.name.upper() not in _SECRET_NAMES and not issubclass(file, SessionKeysEf)
            for path in file.paths
        )
        - _SECRET_PLACES
    )


STANDARD_SFIS = {  # where the standards fix them and nothing is secret: TS 102 221 §13, TS 31.102 annex H
    (MF, 0x02): MF / 0x2FE2,
    (MF, 0x1E): MF / 0x2F00,
    (USIM, 0x03): USIM / 0x6FAD,
    (USIM, 0x04): USIM / 0x6F38,
    (USIM, 0x06): USIM / 0x6F78,
    (USIM, 0x07): USIM / 0x6F07,
}
