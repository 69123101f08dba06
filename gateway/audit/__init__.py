"""Drift: what was agreed against what the elements hold; reported, repaired or adopted."""
