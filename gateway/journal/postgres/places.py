"""Where a database is, as it may be told to anybody: without the password."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Place:
    """The URL as it was given, shown without its secrets."""

    url: str = field(repr=False)

    def __str__(self) -> str:
        """Name hosts and database; a URL that cannot be read is not shown at all."""
        try:
            parts = urlsplit(self.url)
            asked = parse_qs(parts.query)
        except ValueError:
            return "(a URL that cannot be read)"
        hosts = parts.netloc.rpartition("@")[2] or ",".join(asked.get("host", ["the usual socket"]))
        return f"{hosts}/{unquote(parts.path.lstrip('/'))}"
