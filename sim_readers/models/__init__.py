"""Which card is this? By its ATR and by what it answers; never by its ATR alone."""
