"""The doors of one element: TCP, TLS or SSH on a loopback address, each connection one conversation."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import asyncssh

from drivers.stream import PipeStream, Stream
from hlr_sim.certificate import certificate_of
from hlr_sim.conversation import Conversation
from hlr_sim.element import SimulatedElement
from hlr_sim.sealing import kept_secret
from hlr_sim.smsc.centre import Smsc
from hlr_sim.smsc.conversation import SmscConversation
from hlr_sim.smsc.door import Door

HOST_KEY_ALGORITHM = "ssh-ed25519"


class _Listener(Protocol):
    """What asyncio and asyncssh both return for an open door."""

    def close(self) -> None:
        """Take no more connections."""

    async def wait_closed(self) -> None:
        """Wait until that is so."""


class ElementServer:
    """Listens for one element; ``start`` opens the door, ``stop`` ends every conversation."""

    def __init__(self, element: SimulatedElement, data_dir: Path) -> None:
        self.element = element
        self.port = 0
        self.host_key: str | None = None
        self.certificate: Path | None = None
        if isinstance(element.behaviour, Smsc):
            element.behaviour.open_door(element.spec.name, Door(element.spec.smsc, element.clock, element.random))
        self._data_dir = data_dir
        self._listener: _Listener | None = None
        self._talking: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the door. Raises OSError when the port is taken."""
        self._listener = await (self._listen_ssh() if self.element.spec.transport == "ssh" else self._listen_tcp())

    async def stop(self) -> None:
        """Close the door and cut every line."""
        if self._listener is not None:
            self._listener.close()
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)
        if self._listener is not None:
            await self._listener.wait_closed()

    def description(self) -> dict[str, object]:
        """Tell how to reach the element; and user, keys, whom it shares with and options, where it has any."""
        spec = self.element.spec
        where = {"dialect": spec.dialect, "transport": spec.transport, "host": spec.host, "port": self.port}
        more = {
            "user": spec.user,
            "host_key": self.host_key,
            "certificate": None if self.certificate is None else str(self.certificate),
            "shares": spec.shares,
            "dialect_options": dict(spec.dialect_options),
        }
        return where | {name: value for name, value in more.items() if value}

    async def converse(self, stream: Stream, end_of_file: Callable[[], None] | None = None) -> None:
        """Hold one conversation to its end, on whatever carries it; ``end_of_file`` closes our half of it."""
        if not self.element.has_room():
            await stream.close()
            return
        task = asyncio.current_task()
        if task is not None:
            self._talking.add(task)
        self.element.sessions += 1
        try:
            await self._talk(stream, end_of_file)
        finally:
            self.element.sessions -= 1
            if task is not None:
                self._talking.discard(task)

    async def _talk(self, stream: Stream, end_of_file: Callable[[], None] | None) -> None:
        element = self.element
        if isinstance(element.behaviour, Smsc):
            await SmscConversation(element, element.behaviour, stream, end_of_file).run()
        else:
            await Conversation(element, element.dialect.server(element.spec.dialect_options), stream).run()

    async def _listen_tcp(self) -> _Listener:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self.converse(PipeStream(reader, writer), writer.write_eof if writer.can_write_eof() else None)

        spec = self.element.spec
        listener = await asyncio.start_server(connected, spec.host, spec.port, ssl=self._tls())
        self.port = listener.sockets[0].getsockname()[1]
        return listener

    def _tls(self) -> ssl.SSLContext | None:
        spec = self.element.spec
        if spec.transport != "tls":
            return None
        kept = certificate_of(self._data_dir, spec.name, spec.host)
        self.certificate = kept.certificate
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(kept.certificate, kept.key)
        return context

    async def _listen_ssh(self) -> _Listener:
        async def opened(
            reader: asyncssh.SSHReader[bytes], writer: asyncssh.SSHWriter[bytes], _: asyncssh.SSHWriter[bytes]
        ) -> None:
            await self.converse(PipeStream(reader, writer, also_close=writer.channel.get_connection()))

        key = self._host_key()
        listener = await asyncssh.listen(
            self.element.spec.host,
            self.element.spec.port,
            server_factory=lambda: _Door(self.element),
            server_host_keys=[key],
            session_factory=opened,
            encoding=None,
            line_editor=False,
            compression_algs=None,
            gss_host=None,
        )
        self.port = listener.get_port()
        self.host_key = key.export_public_key("openssh").decode().strip()
        return listener

    def _host_key(self) -> asyncssh.SSHKey:
        # made once per element: a client that has seen it would rightly refuse another one after a restart
        file = self._data_dir / f"{self.element.spec.name}.host_key"
        return asyncssh.import_private_key(
            kept_secret(file, lambda: asyncssh.generate_private_key(HOST_KEY_ALGORITHM).export_private_key("openssh"))
        )


class _Door(asyncssh.SSHServer):
    """Password login for the element's one user."""

    def __init__(self, element: SimulatedElement) -> None:
        self._element = element

    def begin_auth(self, username: str) -> bool:
        """Nobody enters without a password."""
        del username
        return True

    def password_auth_supported(self) -> bool:
        """Passwords are how these elements are entered."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Compare with the account."""
        return self._element.admits_ssh(username, password)
