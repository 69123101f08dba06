"""Handsets kept out of the network by their IMEI, in every Equipment Identity Register that is configured."""
