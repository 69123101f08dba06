"""EF.SPN: the operator's name, as the phone shows it."""

from __future__ import annotations

from dataclasses import dataclass

from sim_readers.coding import documents
from sim_readers.coding.alphabet import decode_text, encode_text
from sim_readers.coding.blank import is_blank
from sim_readers.ef import Ef, Vector
from sim_readers.errors import WrongValue
from sim_readers.path import GSM, USIM

_WITH_NETWORK = 0x01
_AT_HOME_ONLY = 0x02


@dataclass(frozen=True, slots=True)
class ServiceProviderName:
    """``with_network``: at home the network's name is shown too; ``at_home_only``: abroad this name is not needed."""

    name: str
    with_network: bool = False
    at_home_only: bool = False


class Spn(Ef[ServiceProviderName]):
    """Byte 1 display condition, then the name in the GSM alphabet or UCS2."""

    name = "EF.SPN"
    clause = "TS 31.102 §4.2.12"
    paths = (USIM / 0x6F46, GSM / 0x6F46)
    vectors = (
        Vector(ServiceProviderName("TestOp", with_network=True), "01546573744F70FFFFFFFFFFFFFFFFFFFF"),
        Vector(ServiceProviderName("Opé{", at_home_only=True), "024F70051B28FFFFFFFFFFFFFFFFFFFFFF"),
        Vector(ServiceProviderName("Ж1"), "008004160031FFFFFFFFFFFFFFFFFFFFFF"),
    )

    @classmethod
    def encode(cls, value: ServiceProviderName, size: int) -> bytes:
        """Write condition and name. Raises WrongValue."""
        condition = value.with_network * _WITH_NETWORK | value.at_home_only * _AT_HOME_ONLY
        if size < 1:
            raise WrongValue(f"{cls.name}: the file has no room")
        return bytes((condition,)) + encode_text(value.name, size - 1)

    @classmethod
    def decode(cls, raw: bytes) -> ServiceProviderName | None:
        """Read condition and name. Raises WrongValue."""
        if is_blank(raw):
            return None
        return ServiceProviderName(decode_text(raw[1:]), bool(raw[0] & _WITH_NETWORK), bool(raw[0] & _AT_HOME_ONLY))

    @classmethod
    def to_json(cls, value: ServiceProviderName) -> dict[str, object]:
        """Write as ``{"name": "TestOp", "with_network": true, "at_home_only": false}``."""
        return {"name": value.name, "with_network": value.with_network, "at_home_only": value.at_home_only}

    @classmethod
    def from_json(cls, document: object) -> ServiceProviderName:
        """Read the same; the conditions may be left out. Raises WrongValue."""
        expected = f'{cls.name} as {{"name": "TestOp", "with_network": true}}'
        found = documents.fields(document, expected, {"name"}, {"with_network", "at_home_only"})
        return ServiceProviderName(
            documents.text(found["name"], expected),
            documents.flag(found.get("with_network", False), expected),
            documents.flag(found.get("at_home_only", False), expected),
        )


FILE = Spn
