"""The certificate of an element that listens over TLS: signed by itself, made once, kept in the data directory."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hlr_sim.sealing import kept_secret

_VALID = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Kept:
    """Two PEM files; clients trust ``certificate`` as their CA file."""

    certificate: Path
    key: Path


def certificate_of(data_dir: Path, name: str, host: str) -> Kept:
    """Return an element's certificate for its loopback address, made if there is none yet."""
    kept = Kept(data_dir / f"{name}.certificate.pem", data_dir / f"{name}.tls_key.pem")
    key = serialization.load_pem_private_key(kept_secret(kept.key, _new_key), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{kept.key} holds another kind of key: remove it, and a new one is made")
    if not kept.certificate.exists():
        kept.certificate.write_bytes(_signed(key, name, host).public_bytes(serialization.Encoding.PEM))
    return kept


def _new_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def _signed(key: ec.EllipticCurvePrivateKey, name: str, host: str) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    return (
        x509.CertificateBuilder(issuer_name=subject, subject_name=subject, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID)
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
