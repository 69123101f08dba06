"""An Equipment Identity Register: which handsets no phone may be let in with."""

from hlr_sim.eir.register import Eir

__all__ = ["Eir"]
