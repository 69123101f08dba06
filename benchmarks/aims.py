"""What is aimed at: shown beside each figure with whether it was met, never enforced; machines are small and noisy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure shall be at least, or at most, so much."""

    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        """Tell whether a figure is as aimed at."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        return " ".join(f"{sign} {end:,g}" for sign, end in (("≥", self.least), ("≤", self.most)) if end is not None)


def aim_for(measurement: str, figure: str) -> Aim | None:
    """Return what is aimed at with a figure, if anything is."""
    return _AIMS.get(measurement, {}).get(figure)


_HALF = Aim(least=0.5)
_AIMS = {
    "intake": {"ratio": Aim(least=0.7)},
    "end to end over tcp": {"ratio": _HALF},
    "end to end over ssh": {"ratio": _HALF},
    "on a real OsmoHLR": {"ratio of lines": _HALF, "ratio of reads": _HALF},
    "a card through pcscd": {"ratio": _HALF, "APDUs saved": Aim(least=2)},
    "four readers in one process": {"scaling": Aim(least=3.5)},
    "four readers at pcscd": {"scaling": Aim(least=3.5)},
    "alerts end to end": {"ratio of usage to receipt": Aim(least=0.25), "ratio of outbox to receipt": Aim(least=0.25)},
    "saga, ratio": {
        "to DBOS, SQLite": Aim(least=10),
        "to DBOS, PostgreSQL": Aim(least=10),
        "to procrastinate, PostgreSQL": Aim(least=5),
    },
    "saga, orders out of turn": {
        "Linegate, SQLite": Aim(most=0),
        "Linegate, PostgreSQL": Aim(most=0),
    },
    "growth": {
        "SQLite, cost ratio (wall)": Aim(most=1.3),
        "SQLite, cost ratio (CPU)": Aim(most=1.3),
        "PostgreSQL, cost ratio (wall)": Aim(most=1.3),
        "PostgreSQL, cost ratio (CPU)": Aim(most=1.3),
    },
    "memory": {
        "SQLite, coming, MiB": Aim(most=1024),
        "SQLite, ready but element down, MiB": Aim(most=1024),
        "PostgreSQL, coming, MiB": Aim(most=1024),
        "PostgreSQL, ready but element down, MiB": Aim(most=1024),
    },
    "interactive under bulk": {
        "SQLite, ratio of p99 end to end": Aim(most=2),
        "SQLite, ratio of p99 accepted": Aim(most=2),
        "SQLite, emergency under bulk, longest s": Aim(most=1),
        "PostgreSQL, ratio of p99 end to end": Aim(most=2),
        "PostgreSQL, ratio of p99 accepted": Aim(most=2),
        "PostgreSQL, emergency under bulk, longest s": Aim(most=1),
    },
    "takeover": {"median s": Aim(most=2), "longest s": Aim(most=2), "acknowledged and not done": Aim(most=0)},
}
