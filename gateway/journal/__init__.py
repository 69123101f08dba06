"""The one truth on disk: lines, orders, steps, events, stock and outbox, written in group commits."""
