"""What is under way: no message twice at the same time, and no two of one series."""

from __future__ import annotations

from gateway.journal.journal import Row


class Flight:
    """The messages between their claim and the commit of what became of it."""

    def __init__(self) -> None:
        self._messages: set[str] = set()
        self._series: set[str] = set()

    def __len__(self) -> int:
        return len(self._messages)

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._messages

    def lets(self, row: Row) -> bool:
        """Tell whether a message may take off now."""
        return row["message_id"] not in self._messages and row["series"] not in self._series

    def begin(self, row: Row) -> None:
        """It takes off."""
        self._messages.add(row["message_id"])
        if row["series"] is not None:
            self._series.add(row["series"])

    def end(self, row: Row) -> None:
        """It is over, and written."""
        self._messages.discard(row["message_id"])
        self._series.discard(row["series"])
