"""The local stack: Azurite, the Cosmos emulator and the Functions host, started as one."""

from local.stack.errors import StackError
from local.stack.stack import Stack, StackOptions, running_stack

__all__ = ["Stack", "StackError", "StackOptions", "running_stack"]
