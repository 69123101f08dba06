"""A closed-loop HTTP/1.1 load: so many keep-alive connections, each posting the next body when answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Result:
    """What a run took."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies_s: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return sum(self.statuses.values()) / self.seconds

    def percentile_ms(self, share: float) -> float:
        """The latency that this share of answers did not pass."""
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def post_all(port: int, path: str, bodies: list[bytes], connections: int, token: str) -> Result:
    """Post every body once over so many connections; return when all are answered."""
    result, left = Result(), iter(bodies)
    started = time.perf_counter()
    await asyncio.gather(*(_connection(port, path, left, token, result) for _ in range(connections)))
    result.seconds = time.perf_counter() - started
    return result


async def _connection(port: int, path: str, left: Iterator[bytes], token: str, result: Result) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    )
    for body in left:
        sent = time.perf_counter()
        writer.write((head % len(body)).encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(answer))
        status = int(answer[9:12])
        result.latencies_s.append(time.perf_counter() - sent)
        result.statuses[status] = result.statuses.get(status, 0) + 1
    writer.close()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
