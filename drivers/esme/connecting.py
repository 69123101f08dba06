"""How the line to an SMSC is opened: TCP, or TLS with the server's name checked."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable

from drivers.esme.config import CentreConfig, Tls
from drivers.stream import Stream, connect_tcp

Connect = Callable[[], Awaitable[Stream]]


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Trust ``ca_file`` alone, or the system's own; show the client certificate. Raises OSError for unusable files."""
    context = ssl.create_default_context(cafile=tls.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key, password="")  # never to be asked for at a terminal
    return context


def connector(config: CentreConfig) -> Connect:
    """Return what opens a line to this SMSC; it raises Unreachable. The files of ``tls`` are read here, once."""
    if config.tls is None:
        return lambda: connect_tcp(config.host, config.port)
    context, name = tls_context(config.tls), config.tls.server_name
    return lambda: connect_tcp(config.host, config.port, context, name)
