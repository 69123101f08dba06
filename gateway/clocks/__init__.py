"""What is due on lines, attended to when its time has come: ordered, or proposed to humans (see docs/clocks.md)."""
