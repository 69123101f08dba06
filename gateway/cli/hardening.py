"""Keeping secrets out of core files: whatever makes this process crash, its memory is written nowhere."""

from __future__ import annotations

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4  # prctl(2)


def leave_no_core() -> None:
    """Forbid core files, and other users' debuggers, for this process; its children inherit the limit alone.

    A limit of 0 stops files, and being undumpable also stops what the kernel pipes to a crash collector (core(5)).
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
