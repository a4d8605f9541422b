"""Runs the SDK's own test suite against the emulator, and keeps the table in COMPATIBILITY.md."""
