"""EF.P-CSCF: an address of the IMS's front door; one in each record."""

from __future__ import annotations

import ipaddress

from sim_readers.coding.texts import TextEf, decode_object, encode_object, read_utf8, utf8
from sim_readers.ef import Structure, Vector
from sim_readers.errors import WrongValue
from sim_readers.path import ISIM

_FQDN, _IPV4, _IPV6 = 0x00, 0x01, 0x02
_BYTES = {_IPV4: 4, _IPV6: 16}


class Pcscf(TextEf):
    """In the data object 80: what kind of address, then the address. A name, an IPv4 or an IPv6 address."""

    name = "EF.P-CSCF"
    clause = "TS 31.103 §4.2.8"
    paths = (ISIM / 0x6F09,)
    structure = Structure.LINEAR_FIXED
    vectors = (
        Vector("192.0.2.1", "800501C0000201FFFF"),
        Vector("pcscf.test", "800B0070637363662E74657374"),
        Vector("2001:db8::1", "80110220010DB8000000000000000000000001"),
    )

    @classmethod
    def encode(cls, value: str, size: int) -> bytes:
        """Write an address. Raises WrongValue."""
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            raw = bytes((_FQDN,)) + utf8(value, cls.name)
        else:
            raw = bytes((_IPV4 if address.version == 4 else _IPV6,)) + address.packed  # noqa: PLR2004 - IP's version
        return encode_object(raw, size, cls.name)

    @classmethod
    def decode(cls, raw: bytes) -> str | None:
        """Read an address; ``None`` for a record with none. Raises WrongValue."""
        value = decode_object(raw, cls.name)
        if not value:
            return None
        kind, address = value[0], value[1:]
        if kind == _FQDN and address:
            return read_utf8(address, cls.name)
        if len(address) != _BYTES.get(kind):
            raise WrongValue(f"{cls.name}: {raw.hex().upper()} is no address")
        return str(ipaddress.ip_address(address))


FILE = Pcscf
