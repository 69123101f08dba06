"""What a job wants of every card, and what that makes of one: a list of targets, in the order they are written.

A job file (TOML)::

    spec = "1"
    name = "technicophone-sfr"
    mnc_length = 2                        # of the home network: it cannot be told from an IMSI
    keys = "write"                        # or "check": prove Ki and OPc, never write them
    cards = "sims-technicophone-sfr.out"  # where the cards' own data is; without it the gateway's vault

    [files]                               # the same on every card; values as `linegate card info` shows them
    "EF.SPN" = { name = "Technicophone", with_network = true }
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sim_readers.card_data import CardData
from sim_readers.coding.blank import Resettable
from sim_readers.ef import Ef, Structure, known_files
from sim_readers.errors import WrongValue
from sim_readers.files.ad import Ad, AdministrativeData
from sim_readers.models.profile import CardModel, ProfileError, read_toml, told
from sim_readers.path import ADF, GSM, FilePath
from sim_readers.status import Generation

#: what a phone remembers of its last network: stale under a new IMSI (TS 31.102 annex E)
_OF_THE_LAST_NETWORK: Final = (
    *("EF.LOCI", "EF.PSLOCI", "EF.EPSLOCI", "EF.Keys", "EF.KeysPS", "EF.Kc", "EF.KcGPRS", "EF.EPSNSC"),
    *("EF.5GS3GPPLOCI", "EF.5GSN3GPPLOCI", "EF.5GS3GPPNSC", "EF.5GSN3GPPNSC"),
)
_DERIVED: Final = ("EF.IMSI", "EF.ICCID", "EF.ACC", "EF.AD", "EF.DIR", *_OF_THE_LAST_NETWORK)
_FIRST_RECORD: Final = 1

Compose = Callable[[bytes, int], bytes]
"""Makes a file's bytes of those it holds and its size in bytes. Raises WrongValue."""


class Job(BaseModel):
    """A job file's content, checked."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    spec: Literal["1"]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    mnc_length: Literal[2, 3] | None = None
    keys: Literal["write", "check"] = "write"
    cards: str | None = None
    files: dict[str, Any] = Field(default_factory=dict)

    @field_validator("files")
    @classmethod
    def _files_are_known(cls, files: dict[str, Any]) -> dict[str, Any]:
        for name, document in files.items():
            if name in _DERIVED:
                raise ValueError(f"{name} is each card's own: it follows from its IMSI, ICCID and keys")
            if name not in known_files():
                raise ValueError(f"{name} is not known: there are {', '.join(sorted(known_files()))}")
            try:
                known_files()[name].from_json(document)
            except WrongValue as wrong:
                raise ValueError(str(wrong)) from None
        return files


def read_job(file: Path) -> Job:
    """Read a job file. Raises ProfileError with every mistake."""
    try:
        return Job.model_validate(read_toml(file))
    except ValidationError as wrong:
        raise ProfileError("\n".join(told(file.name, wrong))) from None  # it holds what was typed


@dataclass(frozen=True, slots=True)
class Target:
    """One file, or one record of it, and how its wished content is made. Not ``needed``: left out where absent."""

    name: str
    path: FilePath
    record: int | None
    compose: Compose
    needed: bool = True


def targets(job: Job, data: CardData, model: CardModel) -> tuple[Target, ...]:
    """Everything of a card but its keys and its IMSI, which come last (see ``imsi_targets``)."""
    found = [*_same("EF.ACC", _access_class(data.imsi), model)]
    if job.mnc_length is not None:
        found += _each("EF.AD", model, _mnc_length(job.mnc_length))
    for name, document in job.files.items():
        found += _same(name, known_files()[name].from_json(document), model)
    return tuple(found)


def imsi_targets(data: CardData, model: CardModel) -> tuple[Target, ...]:
    """The IMSI, last of all: a card that was torn in the middle must not look finished."""
    return tuple(_same("EF.IMSI", data.imsi, model))


def forgetting(model: CardModel) -> tuple[Target, ...]:
    """What must be forgotten when an IMSI takes another's place."""
    files = (file for name in _OF_THE_LAST_NETWORK if issubclass(file := known_files()[name], Resettable))
    found = (target for file in files for target in _each(file.name, model, _blank(file)))
    return tuple(replace(target, needed=False) for target in found)


def paths_on(file: type[Ef[Any]], model: CardModel) -> tuple[FilePath, ...]:
    """Where a model has a file: once, or also on its GSM side where that is not the same memory."""
    on_gsm = tuple(path for path in file.paths if path.steps[: len(GSM.steps)] == GSM.steps)
    elsewhere = tuple(path for path in file.paths if path not in on_gsm)
    if model.generation is Generation.GSM:
        return (on_gsm or tuple(path for path in elsewhere if path.steps[0] not in ADF))[:1]
    return elsewhere[:1] + (on_gsm if model.gsm_files == "own" or not elsewhere else ())


def _each(name: str, model: CardModel, compose: Compose) -> Iterator[Target]:
    file = known_files()[name]
    record = _FIRST_RECORD if file.structure is Structure.LINEAR_FIXED else None
    for path in paths_on(file, model):
        yield Target(name, path, record, compose)


def _same(name: str, value: object, model: CardModel) -> Iterator[Target]:
    return _each(name, model, lambda _before, size: known_files()[name].encode(value, size))


def _access_class(imsi: str) -> tuple[int, ...]:
    """The ordinary class of a subscriber: the last digit of the IMSI (TS 22.011 §4.2)."""
    return (int(imsi[-1]),)


def _mnc_length(length: int) -> Compose:
    def compose(before: bytes, size: int) -> bytes:
        there = Ad.decode(before) or AdministrativeData(None)
        return Ad.encode(replace(there, mnc_length=length), size)

    return compose


def _blank(file: type[Resettable[Any]]) -> Compose:
    return lambda _before, size: file.blank(size)
