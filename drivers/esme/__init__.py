"""Speaking to short message centres as an ESME: binds, centres, and the choice between them."""
