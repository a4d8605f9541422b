"""`incidents` and `alerts`: what a running service has, in a terminal."""
