"""Sending a file in parts: what the gateway has is asked after every break, and the rest sent."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx

from gateway.cli.batch_ends import anew
from gateway.cli.failure import Failure, NotReached, Refused, WrongUse
from gateway.cli.gateway_client import Address, Json, http_client

_PIECE: Final = 65_536
_PAUSE_S: Final = 0.5
#: the file itself is wrong: nothing of it can be taken, ever
_HOPELESS: Final = ("no-rows", "bad-header", "row-too-long")
#: no row of such a batch becomes an order any more
GIVEN_UP: Final = ("cancelled", "failed")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file to send: its media type, how it is meant, its SHA-256, and the key under which it is the same batch."""

    file: Path
    kind: str
    query: Mapping[str, str]
    digest: bytes
    key: str


def parcel_of(file: Path, kind: str, query: Mapping[str, str], key: str | None = None) -> Parcel:
    """Make one up; without a key of its own it is named by its content and how it is meant."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            digest.update(piece)
    meant = hashlib.sha256(repr([kind, *sorted(query.items())]).encode() + digest.digest())
    return Parcel(file, kind, query, digest.digest(), key or f"batch-{meant.hexdigest()[:40]}")


class Uploader:
    """Sends one file; ``patience_s`` is how long a gateway may be gone, or take nothing."""

    def __init__(self, address: Address, parcel: Parcel, sent: Callable[[int], None], patience_s: float = 60.0) -> None:
        headers = {} if address.token is None else {"Authorization": f"Bearer {address.token}"}
        self._http = http_client(address.url, headers)
        self._address = address
        self._parcel = parcel
        self._sent = sent
        self._patience_s = patience_s
        self._size = parcel.file.stat().st_size

    def run(self) -> Json:
        """Send what is missing; return what was taken. Raises Refused, WrongUse, NotReached."""
        with self._http:
            taken = self._opened()
            if taken["state"] in GIVEN_UP:
                raise Refused(f"this file was sent before, and that batch is {taken['state']}: {anew()}", taken)
            where = str(taken["href"])
            until = time.monotonic() + self._patience_s
            while taken["state"] == "receiving":
                offset = int(taken["upload_offset"])
                self._sent(offset)
                broken = self._rest(where, offset)
                now = self._asked("GET", where)
                taken |= {name: now[name] for name in ("state", "upload_offset")}
                if taken["upload_offset"] > offset:
                    until = time.monotonic() + self._patience_s
                elif taken["state"] == "receiving" and time.monotonic() > until:
                    raise NotReached(f"the upload broke ({broken or 'no end'}): send the file again, it goes on")
            return taken

    def _opened(self) -> Json:
        headers = {"Content-Type": self._parcel.kind, "Idempotency-Key": self._parcel.key, "Upload-Complete": "?0"}
        headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(self._parcel.digest).decode()}:"
        return self._asked("POST", "/v1/batches", headers=headers, params=dict(self._parcel.query))

    def _rest(self, where: str, offset: int) -> str | None:
        """Send everything behind ``offset``; return what broke it off, if anything did: whoever looks next goes on."""
        headers = {"Content-Type": "application/partial-upload", "Upload-Complete": "?1"}
        headers |= {"Upload-Offset": str(offset), "Content-Length": str(self._size - offset)}
        try:
            answer = self._http.request("PATCH", f"{where}/rows", content=self._pieces(offset), headers=headers)
        except httpx.TransportError as broken:
            time.sleep(_PAUSE_S)
            return str(broken) or type(broken).__name__
        if answer.is_success:
            return None
        if _passes(answer):
            time.sleep(_PAUSE_S)
            return _told(answer)
        if str(_document(answer).get("type")).rpartition("/")[2] in _HOPELESS:
            with suppress(httpx.TransportError):
                self._http.post(f"{where}/cancel")  # it is not waited for
        raise _refused(answer)

    def _pieces(self, offset: int) -> Iterator[bytes]:
        with self._parcel.file.open("rb") as opened:
            opened.seek(offset)
            while piece := opened.read(_PIECE):
                yield piece
                offset += len(piece)
                self._sent(offset)

    def _asked(self, method: str, where: str, **more: Any) -> Json:  # noqa: ANN401 - httpx's own
        until = time.monotonic() + self._patience_s
        while True:
            try:
                answer = self._http.request(method, where, **more)
            except httpx.TransportError as broken:
                told = f"no answer from {self._address.url} ({broken}): start the gateway with `linegate up`"
                if time.monotonic() > until or isinstance(broken, httpx.UnsupportedProtocol):
                    raise NotReached(told) from broken
            else:
                if answer.is_success:
                    return _document(answer)
                if not _passes(answer) or time.monotonic() > until:
                    raise _refused(answer)
            time.sleep(_PAUSE_S)


def _passes(answer: httpx.Response) -> bool:
    """Tell whether to ask again: a fault, too much at a time, or somebody else who sends the same file just now."""
    code = answer.status_code
    return code >= HTTPStatus.INTERNAL_SERVER_ERROR or (
        code == HTTPStatus.TOO_MANY_REQUESTS or "upload-offset" in answer.headers
    )


def _refused(answer: httpx.Response) -> Failure:
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return NotReached(f"the gateway fails ({_told(answer)}): send the file again later, it goes on")
    if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return WrongUse(f"the gateway does not accept the token: set LINEGATE_TOKEN ({_told(answer)})")
    return Refused(_told(answer), _document(answer))


def _document(answer: httpx.Response) -> Json:
    try:
        document = answer.json()
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {}


def _told(answer: httpx.Response) -> str:
    problem = _document(answer)
    return f"{answer.status_code} {problem.get('detail') or answer.reason_phrase}"
