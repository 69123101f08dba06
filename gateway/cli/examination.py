"""What one check found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from gateway.cli.gateway_client import Json


class Verdict(StrEnum):
    """How bad it is: a warning is something that will be needed, a fail is something that is wrong."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked, what was found, and what to do about it."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""

    def to_json(self) -> Json:
        """Write every field."""
        return asdict(self)


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.OK, found)


def warn(check: str, found: str, advice: str) -> Finding:
    """It works so far."""
    return Finding(check, Verdict.WARN, found, advice)


def fail(check: str, found: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(check, Verdict.FAIL, found, advice)
