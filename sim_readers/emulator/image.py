"""A type of card as it comes from its factory, read from a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sim_readers.emulator.access import read_rule
from sim_readers.path import FilePath

_FIXED = ConfigDict(frozen=True, extra="forbid", strict=True)


class KeyImage(BaseModel):
    """A key that is verified: its reference (TS 102 221 §9.5.1), its tries, its factory value in digits.

    ``puk_tries = 0`` means that nothing unblocks it.
    """

    model_config = _FIXED
    reference: int = Field(ge=1, le=0x8E)
    tries: int = Field(default=3, ge=1, le=15)
    value: str = Field(pattern=r"^\d{4,8}$", repr=False)
    enabled: bool = True
    can_disable: bool = False
    puk_tries: int = Field(default=0, ge=0, le=15)
    puk: str = Field(default="00000000", pattern=r"^\d{8}$", repr=False)


class FileImage(BaseModel):
    """A file. ``size`` in bytes for a transparent one, ``record_size`` and ``records`` for the others.

    ``content`` is hexadecimal and filled up with FF; a file of records holds it in every record. ``made_from``
    fills EF.DIR and EF.ARR from the rest of the image. ``same_as`` is the file whose content this one shares.
    """

    model_config = _FIXED
    path: str
    structure: Literal["directory", "transparent", "linear", "cyclic"] = "transparent"
    size: int = Field(default=0, ge=0, le=0x7FFF)
    record_size: int = Field(default=0, ge=0, le=255)
    records: int = Field(default=0, ge=0, le=254)
    sfi: int | None = Field(default=None, ge=1, le=30)
    read: str = "always"
    update: str = "never"
    content: str = Field(default="", pattern=r"^([0-9A-Fa-f]{2})*$")
    made_from: Literal["applications", "access_rules"] | None = None
    same_as: str | None = None
    aid: str = Field(default="", pattern=r"^([0-9A-Fa-f]{10,32})?$")
    label: str = ""

    @field_validator("path", "same_as")
    @classmethod
    def _is_path(cls, value: str | None) -> str | None:
        return None if value is None else str(FilePath.parse(value))

    @field_validator("read", "update")
    @classmethod
    def _is_rule(cls, value: str) -> str:
        return " or ".join(read_rule(value))


class Place(BaseModel):
    """A spot in a file: offset in bytes."""

    model_config = _FIXED
    path: str
    offset: int = Field(default=0, ge=0)


class Config(Place):
    """The byte that chooses the algorithm. ``byte & algorithm`` must be ``milenage``; ``byte & opc``: OPc, not OP."""

    opc: int = Field(ge=1, le=0xFF)
    algorithm: int = Field(default=0, ge=0, le=0xFF)
    milenage: int = Field(default=0, ge=0, le=0xFF)


Use = Literal["gsm", "usim", "usim_gsm", "isim"]


class KeySlot(BaseModel):
    """Where Ki and OP or OPc of some authentications are: ``gsm`` is RUN GSM ALGORITHM, ``usim_gsm`` P2 = 80."""

    model_config = _FIXED
    uses: tuple[Use, ...] = Field(strict=False)
    ki: Place
    op: Place
    config: Config


class CardImage(BaseModel):
    """A type of card. Without ``key_slots`` its Ki and OPc are inside, where no command writes them.

    ``arr``: the FCP refers to EF.ARR. ``characteristics``: the value of tag 80 in the FCP of directories
    (TS 102 221 §11.1.1.4.6), absent when empty.
    """

    model_config = _FIXED
    name: str
    atr: str = Field(pattern=r"^3[BF]([0-9A-F]{2}){1,31}$")
    generations: tuple[Literal["uicc", "gsm"], ...] = Field(strict=False, min_length=1)
    arr: bool = True
    characteristics: str = Field(default="", pattern=r"^([0-9A-F]{2})?$")
    keys: dict[Literal["pin1", "pin2", "adm1"], KeyImage]
    files: tuple[FileImage, ...] = Field(strict=False)
    key_slots: tuple[KeySlot, ...] = Field(default=(), strict=False)

    def references(self) -> dict[str, int]:
        """Return the key reference of each key."""
        return {name: key.reference for name, key in self.keys.items()}


def read_image(path: Path) -> CardImage:
    """Read an image; ``like`` names another file beside it whose every value holds unless said otherwise.

    Files are replaced one by one, by path; ``without`` lists the paths to leave out. Raises OSError when there is
    no such file and ValueError when it is not an image.
    """
    return CardImage.model_validate(_read(path))


def _read(path: Path) -> dict[str, Any]:
    own = tomllib.loads(path.read_text("utf-8"))
    like, without = own.pop("like", None), own.pop("without", [])
    if like is None:
        return own
    base = _read(path.with_name(Path(like).name))
    files = {str(file.get("path")): file for file in base.pop("files")}
    files |= {str(file.get("path")): file for file in own.pop("files", [])}
    keys = base.pop("keys") | own.pop("keys", {})
    return base | own | {"keys": keys, "files": [file for name, file in files.items() if name not in without]}
