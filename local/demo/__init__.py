"""The demo: a sample attack with background noise, through the whole stack."""
