"""Episodes: which rare alerts belong together, within which bounds, and outbreaks over many."""
