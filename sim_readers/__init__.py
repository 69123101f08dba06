"""The card side: readers, card files and personalisation; knows nothing of networks."""
