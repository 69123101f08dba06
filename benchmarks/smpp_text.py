"""What every client in the comparison sends: an alert of 74 septets."""

from __future__ import annotations

TEXT = "Technicophone: 80% de votre forfait internet est atteint sur +33600000000."
