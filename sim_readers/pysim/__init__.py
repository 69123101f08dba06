"""Living beside Osmocom pySim: its CSV files, its shell's scripts, and the technician's own checkout of it.

Formats only; nothing of pySim is in here or imported (GPL-2.0-or-later).
"""
