"""Change-feed trigger: the correlation engine and its flush to the store.

`blueprint` registers the trigger; everything else but `records` is free of I/O.
"""
