"""Change-feed trigger: the correlation engine and its flush to the store."""
