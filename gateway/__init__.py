"""The contract side: what was promised, what a line is, what must be done."""
