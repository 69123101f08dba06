"""Card models as data: ``config/card_profiles/*.toml`` says how each is known, unlocked and filled."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sim_readers.card_data import CardData
from sim_readers.keyref import KeyRef, adm
from sim_readers.path import FilePath
from sim_readers.secret import Secret
from sim_readers.status import Generation

_STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ProfileError(Exception):
    """A profile or job file is wrong; one line a mistake, each naming file and key."""


def _hex(text: str) -> str:
    bytes.fromhex(text)
    return text.replace(" ", "").upper()


def _key_format(text: str) -> str:
    for word in text.split():
        if word not in ("ki", "opc"):
            try:
                bytes.fromhex(word)
            except ValueError:
                raise ValueError("must be made of the words ki and opc, and of hex bytes") from None
    return text


Hex = Annotated[str, AfterValidator(_hex)]
Path_ = Annotated[FilePath, BeforeValidator(lambda text: FilePath.parse(str(text)))]


class Adm(BaseModel):
    """The administrative key: its reference (TS 102 221 table 9.3) and the tries a fresh card gives it."""

    model_config = _STRICT
    reference: int = Field(ge=0x00, le=0xFF)
    tries: int = Field(ge=1, le=15)


class KeyFile(BaseModel):
    """A proprietary file of keys. ``format``: the words ``ki`` and ``opc`` and hex bytes, in the file's order."""

    model_config = _STRICT
    path: Path_
    format: Annotated[str, AfterValidator(_key_format)]

    def compose(self, data: CardData) -> Secret | None:
        """Write the file's content; ``None`` if one of its keys is not known."""
        parts = {"ki": data.ki, "opc": data.opc}
        pieces: list[bytes] = []
        for word in self.format.split():
            if word not in parts:
                pieces.append(bytes.fromhex(word))
            elif (key := parts[word]) is not None:
                pieces.append(key.reveal())
            else:
                return None
        return Secret(b"".join(pieces))


class Probe(BaseModel):
    """Something only this model has: a file, of this size if one is given."""

    model_config = _STRICT
    path: Path_
    size: int | None = Field(default=None, ge=1)


class CardModel(BaseModel):
    """One model of card. ``atrs`` empty: any card of its generation that no other model claims."""

    model_config = _STRICT
    spec: Literal["1"]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    generation: Generation
    atrs: tuple[Hex, ...] = ()
    probes: tuple[Probe, ...] = ()
    adm: Adm
    key_files: tuple[KeyFile, ...] = ()
    prove_gsm_context: bool = False  # its USIM may hold other keys for the GSM context, so both are proven
    gsm_files: Literal["shared", "own", "none"] = "shared"  # what DF.GSM holds beside an ADF.USIM

    @property
    def adm1(self) -> KeyRef:
        """Its administrative key."""
        return adm(self.adm.reference, self.adm.tries)


def read_models(directory: Path) -> dict[str, CardModel]:
    """Read every profile of a directory by its name. Raises ProfileError with all mistakes of all files."""
    mistakes: list[str] = []
    found: dict[str, CardModel] = {}
    for file in sorted(directory.glob("*.toml")):
        try:
            model = CardModel.model_validate(read_toml(file))
        except ValidationError as wrong:
            mistakes += told(file.name, wrong)
        except ProfileError as wrong:
            mistakes.append(str(wrong))
        else:
            found[model.name] = model
    if not found and not mistakes:
        mistakes.append(f"{directory.name}/: there is no card profile: copy those of the default configuration")
    if mistakes:
        raise ProfileError("\n".join(mistakes))
    return found


def read_toml(file: Path) -> Mapping[str, Any]:
    """Parse a file. Raises ProfileError naming it."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as missing:
        raise ProfileError(f"{file.name}: cannot be read ({missing.strerror})") from missing
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise ProfileError(f"{file.name}: is not TOML: {broken}") from broken


def told(file: str, wrong: ValidationError) -> list[str]:
    """Say each mistake by file and key, never by its value."""
    return [
        f"{file}: {'.'.join(str(part) for part in error['loc']) or 'file'}: {error['msg']}"
        for error in wrong.errors(include_input=False, include_context=False, include_url=False)
    ]
