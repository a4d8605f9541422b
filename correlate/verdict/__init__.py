"""The verdict on an episode: its chain, how often chance would make it, and why in words."""
