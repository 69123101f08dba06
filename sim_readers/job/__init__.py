"""Personalisation: what a card should hold, what it holds, and the safe way from one to the other."""
