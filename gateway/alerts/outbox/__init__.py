"""Messages out: claimed, submitted, tried again by status, matched to their receipts."""
