"""An event loop in which waiting takes no time: when nobody has anything to do, the clock jumps to the next timer."""

import asyncio
import functools
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec

P = ParamSpec("P")


class _Jumping(selectors.DefaultSelector):
    """Never waits for a file; counts the seconds it would have waited, and by how much a real one is late."""

    late_s = 0.0
    now_s = 1000.0  # of a machine that has run for a while: zero stands for never in some places

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everybody waits, and nothing will ever happen")
        if not ready and timeout is not None:
            self.now_s += timeout + self.late_s
        return ready


class TimelapseLoop(asyncio.SelectorEventLoop):
    """Its time is what its selector has counted."""

    def __init__(self, late_s: float = 0.0) -> None:
        self._jumping = _Jumping()
        self._jumping.late_s = late_s
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s

    def hold_up(self, seconds: float) -> None:
        """Let time pass as it does while something keeps the machine from turning the loop."""
        self._jumping.now_s += seconds


def hold_up(seconds: float) -> None:
    """Hold up the loop of a timelapse test."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, TimelapseLoop)
    loop.hold_up(seconds)


def timelapse(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test in such a loop; it may use fixtures that need no loop of their own."""

    @functools.wraps(test)
    def run(*args: P.args, **named: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=TimelapseLoop) as runner:
            runner.run(test(*args, **named))

    return run


async def soon(sure: Callable[[], bool], tries: int = 1000) -> None:
    """Let the others run until something is so, without letting time pass."""
    for _ in range(tries):
        if sure():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not come about")


async def settled() -> None:
    """Let the others run until they all wait."""
    for _ in range(50):
        await asyncio.sleep(0)


async def ended(what: Awaitable[object]) -> BaseException | object:
    """Return what came of it, an exception too."""
    (came,) = await asyncio.gather(what, return_exceptions=True)
    return came
