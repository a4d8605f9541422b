"""Ports on the loopback address: check the ones that were asked for, choose the others."""

import socket

from local.stack.errors import StackError

HOST = "127.0.0.1"


def require_free(port: int, what: str, option: str) -> None:
    """Check that `port` can be listened on; port 0 always can.

    Raises:
        StackError: something else listens there.

    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StackError(
                f"port {port} for {what} cannot be used ({error.strerror}): "
                f"stop what listens there, or choose another with {option} (0 = any free port)"
            ) from error


def choose(port: int) -> int:
    """Return `port`, or a free one when it is 0."""
    if port:
        return port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        chosen: int = probe.getsockname()[1]
    return chosen
