"""Virtual cards, and the doors by which readers and phones reach them."""
