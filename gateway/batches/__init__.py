"""Batches: files of orders, validated whole, placed row by row with what the others leave, each row exactly once."""
