"""Formats as data: a JSON file says where a tool's alerts state what every alert needs."""
