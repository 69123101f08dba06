"""Between a reader and its card: T=0, ATR, PPS, the vpcd wire, modems; pure formats, and the lines that carry them."""
