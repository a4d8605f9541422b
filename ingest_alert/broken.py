"""A part of a message that cannot be read, in its place among those that can."""


class Broken(str):
    """The text of a line or an envelope that cannot be read, and the `reason`."""

    __slots__ = ("reason",)
    reason: str

    def __new__(cls, text: str, reason: str) -> "Broken":
        """Keep a text and why it cannot be read."""
        broken = super().__new__(cls, text)
        broken.reason = reason
        return broken
