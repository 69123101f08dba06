"""OPEN: one file here is one elementary file of a card, as one small class with its vectors (see ``ef.py``)."""
