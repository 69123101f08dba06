"""Usage in: counted once, in its own period; limits crossed are told of and acted upon."""
