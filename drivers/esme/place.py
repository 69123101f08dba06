"""Room for one message at one SMSC, promised before it is known what will be sent there."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from drivers.dialects.smpp.submission import Submission
from drivers.esme.bind import Bind
from drivers.esme.window import Answer

if TYPE_CHECKING:
    from drivers.esme.centre import Centre


class Place:
    """All segments of one message go out on one connection; leaving the ``with`` block gives back what is unused."""

    __slots__ = ("_bind", "_left", "_reserved", "centre")

    def __init__(self, centre: Centre, bind: Bind, segments: int, reserved: int) -> None:
        """``reserved`` of the segments have room in the window now; the others go out as there is more."""
        self.centre = centre
        self._bind = bind
        self._left = segments
        self._reserved = reserved

    def submit(self, submission: Submission) -> Answer:
        """See Bind.submit. Raises ValueError for more segments than there were said to be."""
        if self._left <= 0:
            raise ValueError("all segments of this message have been submitted; ask for a place for more of them")
        if self._reserved:
            self._bind.window.reserved -= 1
            self._reserved -= 1
            try:
                answer = self._bind.submit(submission)
            except BaseException:
                self._bind.window.reserved += 1
                self._reserved += 1
                raise
        else:
            answer = self._bind.submit(submission)
        self._left -= 1
        return answer

    def release(self) -> None:
        """Give back the room and the tokens that were not used; safe to call twice."""
        left, self._left = self._left, 0
        if left:
            self._bind.window.reserved -= self._reserved
            self._reserved = 0
            self.centre.give_back(left)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()
