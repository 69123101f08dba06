"""A number portability clearing house, with the other operators behind it: their donors answer, their recipients take.

``files`` is its memory, ``house`` what it does, ``donors`` how the simulated donors answer, ``rio`` and ``days`` what
they check.
"""

from hlr_sim.clearing.house import ClearingHouse

__all__ = ["ClearingHouse"]
