"""Orders: accepted durably, worked one line at a time, step by step, undone in reverse, parked when in doubt."""
