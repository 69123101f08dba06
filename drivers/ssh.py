"""Streams over SSH: the element's dialogue is the session's standard input and output."""

from __future__ import annotations

from dataclasses import dataclass, field

import asyncssh

from drivers.errors import Unreachable
from drivers.stream import PipeStream, Stream


@dataclass(frozen=True, slots=True)
class SshTarget:
    """Where to go and how to prove who is there; ``known_hosts`` holds lines in OpenSSH's format, never empty."""

    host: str
    port: int
    user: str
    known_hosts: str
    password: str | None = field(default=None, repr=False)
    client_key: str | None = field(default=None, repr=False)


async def connect_ssh(target: SshTarget) -> Stream:
    """Open a session. Raises Unreachable: host key unknown or changed, login refused, or nobody there."""
    where = f"{target.host}:{target.port}"
    if not target.known_hosts.strip():
        raise Unreachable(f"no host key is known for {where}: put the element's key into its known_hosts")
    try:
        known_hosts = asyncssh.import_known_hosts(target.known_hosts)
    except ValueError as nonsense:
        raise Unreachable(f"the known_hosts of {where} cannot be read ({nonsense})") from nonsense
    try:
        connection = await asyncssh.connect(
            target.host,
            target.port,
            username=target.user,
            password=target.password,
            client_keys=[target.client_key] if target.client_key else None,
            known_hosts=known_hosts,
            config=None,
            agent_path=None,
            compression_algs=None,
        )
    except asyncssh.HostKeyNotVerifiable as stranger:
        raise Unreachable(
            f"{where} shows another host key than the one known: check it before trusting it"
        ) from stranger
    except (asyncssh.Error, OSError) as refused:
        raise Unreachable(f"{where} does not open an SSH session ({type(refused).__name__})") from refused
    try:
        writer, reader, _ = await connection.open_session(encoding=None)
    except (asyncssh.Error, OSError) as refused:
        connection.close()
        raise Unreachable(f"{where} opens no SSH session channel ({type(refused).__name__})") from refused
    except BaseException:  # cancelled by a timeout: nobody else knows of this connection
        connection.close()
        raise
    return PipeStream(reader, writer, also_close=connection)
