"""Correlation over a file, in memory: the same parser and engine as in the cloud."""
