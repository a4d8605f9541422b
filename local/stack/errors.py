"""What can go wrong with the local stack.

StackError
└── PartDiedError
"""


class StackError(Exception):
    """The stack cannot start or go on; the message is one line that says what to do."""


class PartDiedError(StackError):
    """A part of the stack ended by itself."""
