"""PURE: what was agreed, and everything that follows from it. No I/O, no clock."""
