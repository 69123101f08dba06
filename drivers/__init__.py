"""The network side: what network elements can be told, and in which dialect."""
