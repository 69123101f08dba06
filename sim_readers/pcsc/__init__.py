"""PC/SC as we use it: one context per wait or connection, exclusive cards, errors in words."""
