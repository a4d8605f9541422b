"""Run the app on Microsoft's own Python worker library, to compare with the local host.

`driver` runs on Python 3.13 in a virtual environment of its own, `ours` on this project's host;
both take the same commands, one JSON object a line.
"""
